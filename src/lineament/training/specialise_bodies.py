"""Enrolled people as bodies to be dressed and posed: the sites of a prototype carried to a whole body."""

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import RBFInterpolator

from lineament.errors import BadInputError
from lineament.geometry.template import load_template
from lineament.humans.anny_data import BONE_COUNT, VERTEX_COUNT
from lineament.humans.body import Body, BodyModel
from lineament.humans.demography import Demography
from lineament.humans.wardrobe import IdentityLook, Wardrobe
from lineament.synth.seeds import generator
from lineament.types import Float32, Prototype

NEIGHBOURS = 24
"""Sites from which each vertex takes its shift."""


def bodies_of(prototypes: Sequence[Prototype], model: BodyModel) -> list[Body]:
    """A rest body of each prototype.

    The sites' shifts from the average body are carried to all vertices and bones by thin-plate splines over
    the nearest sites (Duchon 1977), so that every site is where it was enrolled; sites that were not measured
    are where the prototype's fitted model puts them. Raises BadInputError for prototypes of another template.
    """
    template = load_template()
    for one in prototypes:
        if one.template != template.revision or len(one.points) != len(template):
            raise BadInputError(
                f"{one.subject} was enrolled with template {one.template}, this is {template.revision}: "
                "enrol again with `lineament enrol --replace`"
            )
    average = model.build(model.average())
    places = np.concatenate([average.vertices, average.bone_heads, average.bone_tails])
    sites = average.vertices[template.anny_vertex]
    shifts = np.stack([one.points - sites for one in prototypes], axis=1)
    spline = RBFInterpolator(
        sites, shifts.reshape(len(sites), -1), neighbors=NEIGHBOURS, kernel="thin_plate_spline"
    )
    moved = spline(places).reshape(len(places), len(prototypes), 3) + places[:, None]
    moved[template.anny_vertex] = np.stack([one.points for one in prototypes], axis=1)
    return [_standing(moved[:, place].astype(np.float32), model, average) for place in range(len(prototypes))]


def _standing(points: Float32, model: BodyModel, average: Body) -> Body:
    points[:, 2] -= points[np.unique(model.faces), 2].min()
    vertices, heads, tails = np.split(points, [VERTEX_COUNT, VERTEX_COUNT + BONE_COUNT])
    return Body(vertices, heads, tails, average.parameters)


class Enrolled:
    """Bodies by number, for `synth.figure.Stage`: first those enrolled, then strangers without end.

    Skin, eyes and hair belong to a number of their own, never to a body: an adapter must not learn them.
    """

    def __init__(self, bodies: Sequence[Body], model: BodyModel, seed: int) -> None:
        self.model = model
        self._bodies = bodies
        self._seed = seed
        self._demography = Demography()

    def __len__(self) -> int:
        return len(self._bodies)

    def body(self, number: int) -> Body:
        """The rest body of an enrolled person, or of stranger `number` - len(self)."""
        if number < len(self._bodies):
            return self._bodies[number]
        rng = generator(self._seed, "stranger", number - len(self._bodies))
        return self.model.build(self.model.sample(rng, self._demography))

    def identity_look(self, number: int) -> IdentityLook:
        """Look `number`, of anybody's sex, age and ancestry."""
        rng = generator(self._seed, "look", number)
        values = self.model.sample(rng, self._demography).phenotypes
        return Wardrobe.load().sample_identity_look(
            rng,
            gender=values["gender"],
            age=values["age"],
            ancestry=(values["african"], values["asian"], values["caucasian"]),
        )
