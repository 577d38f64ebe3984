"""Figures: people of the population, dressed and posed, ready to be drawn from any side.

Clothes belong to the figure, skin and hair to the person: nobody can be told by what they wear.
"""

from dataclasses import dataclass, replace

import numpy as np

from lineament.geometry.surface import Surface
from lineament.humans.poses import PoseKind, PoseLibrary
from lineament.humans.wardrobe import Look, Outfit, Wardrobe
from lineament.synth.people import People
from lineament.synth.sample import PersonCovariates
from lineament.synth.seeds import generator
from lineament.synth.turns import Recent, slower
from lineament.types import Float32, UInt8

POSE_SHARES: dict[PoseKind, float] = {"standing": 0.45, "moving": 0.35, "acrobatic": 0.20}
SLOTS = 48
"""Figures in use at a time; each keeps about 10 MB of textures."""
VIEWS = 6
"""Photographs of a figure."""
POSES = 4
"""Figures of a person in one outfit: dressing costs twenty times as much as posing."""
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


def describe(outfit: Outfit) -> str:
    """What an outfit consists of, as a short comma-separated list."""
    pieces = [
        f"{piece.mesh} {type(piece.cut).__name__.removesuffix('Cut').lower()}" for piece in outfit.pieces
    ]
    names = (
        pieces
        + [proxy.name for proxy in outfit.proxies]
        + [type(prop).__name__.lower() for prop in outfit.props]
    )
    return ", ".join(names + (["hat"] if outfit.hat is not None else []))


@dataclass(frozen=True, slots=True, eq=False)
class Dressed:
    """A person of the population in one outfit."""

    person: int
    outfit: Outfit
    look: Look


class FigureMaker:
    """Makes figure `index` of a seed, the same whenever it is asked for."""

    def __init__(self, seed: int, people: People) -> None:
        self._seed = seed
        self._people = people
        self._poses = PoseLibrary.load()
        self._wardrobe = Wardrobe.load()
        self._dressed = Recent(self._dress, SLOTS)
        model = people.model
        self._framing = np.unique(model.faces)[::FRAMING_STRIDE]
        self._framing_parts = model.vertex_parts[self._framing]

    def make(self, index: int) -> Figure:
        """Figure `index`; POSES figures of one slot follow each other in the same clothes."""
        dressed = self._dressed(slower(index, SLOTS, POSES))
        rng = generator(self._seed, "pose", index)
        kinds, shares = zip(*POSE_SHARES.items(), strict=True)
        kind: PoseKind = kinds[int(rng.choice(len(kinds), p=shares))]
        model = self._people.model
        posed = model.pose(self._people.body(dressed.person), self._poses.sample(rng, kind))
        posed[:, 2] -= posed[self._framing, 2].min()
        return Figure(
            surfaces=tuple(dressed.look.surfaces(posed)),
            points=posed[self._framing],
            parts=self._framing_parts,
            acrobatic=kind == "acrobatic",
            covariates=PersonCovariates(dressed.person, index, kind, describe(dressed.outfit)),
        )

    def _dress(self, number: int) -> Dressed:
        rng = generator(self._seed, "dressed", number)
        person = int(rng.integers(len(self._people)))
        outfit = self._wardrobe.sample_outfit(rng)
        return Dressed(person, outfit, self._wardrobe.dress(self._people.identity_look(person), outfit))
