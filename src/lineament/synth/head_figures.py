"""Heads of people, dressed from the chest upwards, with expressions, bent necks, and hands at the face now
and then.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.spatial.transform import Rotation

from lineament.geometry.surface import Surface
from lineament.humans.arms import reach
from lineament.humans.body import Body
from lineament.humans.expressions import sample_expression
from lineament.humans.procedural import Poser
from lineament.humans.rig import Rig
from lineament.humans.wardrobe import Clothing, IdentityLook, Look, Outfit, Wardrobe
from lineament.synth.head_places import VERTICES, head_origin
from lineament.synth.people import People
from lineament.synth.seeds import generator
from lineament.synth.turns import Recent
from lineament.types import Float32, Float64

PHOTOGRAPHS: Final = 2
"""Pictures of a person with one expression."""
LOOKS: Final = (0, 0, 1, 1, 2)
"""Which look the successive expressions of a person have; the last one comes with another haircut."""
HAND_SHARE: Final = 0.14
BARE_SHARE: Final = 0.4
"""Outfits without anything on the head or before the mouth, besides those that are so by chance."""
_PLACES: Final = ("chin", "mouth", "mouth", "ear", "brow", "hair", "nape")
_LOWEST: Final = 1.12
"""Metres on the average body, 0.35 below the chin, under which nothing is drawn."""
_EVERY: Final = 9


@dataclass(frozen=True, slots=True, eq=False)
class HeadFigure:
    """A head in the world: surfaces, its places (L, 3) metres, and rotation (3, 3) and origin (3,) of its
    frame there (see `head_places`).
    """

    surfaces: tuple[Surface, ...]
    places: Float64
    turn: Float64
    origin: Float64
    person: int
    outfit: str
    expression: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Dressed:
    look: Look
    outfit: Outfit
    upper: tuple[Surface, ...]
    """Each layer at rest, without what lies below the chest."""


class HeadFigures:
    """Makes the figures of a seed; figure (person, number) depends on these alone."""

    def __init__(self, seed: int, people: People) -> None:
        self._seed, self._people = seed, people
        self._wardrobe = Wardrobe.load()
        self._poser = Poser(Rig(people.model))
        self._bodies = Recent(people.body, 2)
        self._looks = Recent(people.identity_look, 2)
        self._dressed = Recent(self._dress, 2)
        self._figures = Recent(self._make, 4)
        facts = self._wardrobe.facts
        above = np.flatnonzero(people.model.canonical[np.unique(people.model.faces), 2] > _LOWEST)[::_EVERY]
        self._shown, self._marks = facts.fields.take(np.unique(people.model.faces)[above]), facts.landmarks

    def figure(self, person: int, number: int) -> HeadFigure:
        """Expression `number` of a person."""
        return self._figures((person, number))

    def identity(self, person: int) -> tuple[Body, IdentityLook]:
        """Rest body, and skin, eyes and hair, of a person."""
        return self._bodies(person), self._looks(person)

    def _make(self, key: tuple[int, int]) -> HeadFigure:
        person, number = key
        rng = generator(self._seed, "head figure", person, number)
        model, rest = self._people.model, self._bodies(person)
        expression = sample_expression(rng)
        body = model.with_expression(rest, expression)
        rotations = np.tile(np.eye(3), (len(model.bone_names), 1, 1))
        for name in ("neck01", "neck02", "neck03", "head"):
            rotations[model.bone(name)] = Rotation.from_rotvec(rng.normal(0, np.radians(5), 3)).as_matrix()
        sides = ("L", "R") if rng.random() < 0.5 else ("R", "L")
        raised = rng.random() < HAND_SHARE
        reach(self._poser, rotations, sides[0], str(rng.choice(_PLACES)) if raised else "hang", rng)
        reach(self._poser, rotations, sides[1], "hang", rng)
        posed = model.pose(body, rotations)
        bone = model.bone_transforms(body, rotations[None])[0, model.bone("head")].astype(np.float64)
        dressed = self._dressed((person, LOOKS[number % len(LOOKS)]))
        return HeadFigure(
            surfaces=_surfaces(dressed, posed, whole=raised),
            places=posed[VERTICES].astype(np.float64),
            turn=bone[:, :3],
            origin=bone[:, :3] @ head_origin(rest.vertices) + bone[:, 3],
            person=person,
            outfit=dressed.outfit.describe(),
            expression=tuple(expression.items()),
        )

    def _dress(self, key: tuple[int, int]) -> _Dressed:
        person, number = key
        rng = generator(self._seed, "head look", person, number)
        identity = self._looks(person)
        if number == max(LOOKS):
            values = self._people.parameters(person).phenotypes
            ancestry = values["african"], values["asian"], values["caucasian"]
            identity = self._wardrobe.other_hair(
                identity, rng, gender=values["gender"], age=values["age"], ancestry=ancestry
            )
        bare = {"headwear": "none", "mask": "none"} if rng.random() < BARE_SHARE else {}
        outfit = self._above_chest(self._wardrobe.sample_outfit(rng, Clothing.sample(rng, bare)))
        look = self._wardrobe.dress(identity, outfit)
        return _Dressed(look, outfit, tuple(_upper(layer.rest) for layer in look.layers))

    def _above_chest(self, outfit: Outfit) -> Outfit:
        """What of an outfit is worn above the chest."""
        pieces = [one for one in outfit.pieces if (one.cut.inside(self._shown, self._marks) > -0.01).any()]
        proxies = [one for one in outfit.proxies if one.name not in self._wardrobe.names.shoes]
        return replace(outfit, pieces=tuple(pieces), proxies=tuple(proxies), props=())


def _upper(rest: Surface) -> Surface:
    near = (rest.canonical[:, 2] > _LOWEST)[rest.faces].any(axis=1)
    if near.all():
        return rest
    uv = None if rest.uv is None else rest.uv[near]
    return replace(rest, faces=rest.faces[near], parts=rest.parts[near], uv=uv)


def _surfaces(dressed: _Dressed, posed: Float32, *, whole: bool) -> tuple[Surface, ...]:
    """The posed layers, of which the arrays cut once for all poses are shared; whole: with arms and hands."""
    surfaces = dressed.look.surfaces(posed)
    if whole:
        return tuple(surfaces)
    shown = []
    for surface, cut in zip(surfaces, dressed.upper, strict=True):
        if len(cut.faces):
            shown.append(replace(surface, faces=cut.faces, parts=cut.parts, uv=cut.uv))
    return tuple(shown)
