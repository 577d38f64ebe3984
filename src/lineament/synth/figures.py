"""Figures: people of the population, dressed and posed, ready to be drawn from any side.

Clothes belong to the figure, skin and hair to the person: nobody can be told by what they wear.
"""

from dataclasses import dataclass, replace

import numpy as np

from lineament.geometry.surface import Surface
from lineament.humans.poses import PoseLibrary
from lineament.synth.people import People
from lineament.synth.sample import PersonCovariates
from lineament.synth.seeds import generator
from lineament.types import Float32, UInt8

POSE_SHARES = {"standing": 0.34, "walking": 0.16, "motion": 0.30, "acrobatic": 0.20}
FRAMING_STRIDE = 7
"""Every so many vertices of the skin are enough to frame a figure."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A dressed, posed person: surfaces, and points (N, 3) of the skin with their parts (N,) for framing."""

    surfaces: tuple[Surface, ...]
    points: Float32
    parts: UInt8
    acrobatic: bool
    covariates: PersonCovariates

    def placed(self, turn: float, place: tuple[float, float]) -> "Figure":
        """The figure turned by `turn` radians about the vertical axis through the origin, then moved to
        `place`.
        """
        c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
        rotation = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]], dtype=np.float32)
        shift = np.array([*place, 0.0], dtype=np.float32)
        surfaces = tuple(replace(one, vertices=one.vertices @ rotation + shift) for one in self.surfaces)
        covariates = replace(self.covariates, turn=turn, place=place)
        return replace(self, surfaces=surfaces, points=self.points @ rotation + shift, covariates=covariates)


class FigureMaker:
    """Makes figure `index` of a seed, the same whenever it is asked for."""

    def __init__(self, seed: int, people: People) -> None:
        self._seed = seed
        self._people = people
        self._poses = PoseLibrary.load()
        model = people.model
        self._framing = np.unique(model.faces)[::FRAMING_STRIDE]
        self._framing_parts = model.vertex_parts[self._framing]

    def make(self, index: int) -> Figure:
        """Figure `index`: a person drawn evenly from the population, clothes and a pose drawn apart from
        each other.
        """
        rng = generator(self._seed, "figure", index)
        person = int(rng.integers(len(self._people)))
        kind = str(rng.choice(list(POSE_SHARES), p=list(POSE_SHARES.values())))
        rotations = self._poses.sample(rng, kind)
        look = self._people.identity_look(person).redressed(rng)
        model = self._people.model
        posed = model.pose(self._people.body(person), rotations)
        posed[:, 2] -= posed[self._framing, 2].min()
        return Figure(
            surfaces=tuple(look.surfaces(posed)),
            points=posed[self._framing],
            parts=self._framing_parts,
            acrobatic=kind == "acrobatic",
            covariates=PersonCovariates(person, index, kind, look.outfit_name),
        )
