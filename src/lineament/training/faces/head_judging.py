"""Heads in pictures found among 20 unseen people enrolled as point clouds, and refused among 20 strangers."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from lineament.evaluation.comparisons import SampleTable, ScoreMatrix
from lineament.evaluation.metrics import Figure, TooFew, share
from lineament.evaluation.metrics.identification import Identification
from lineament.synth.seeds import generator
from lineament.training.faces.features import FaceSet
from lineament.training.faces.people import Cast
from lineament.types import Bool, Float32

GALLERY: Final = 20
GALLERIES: Final = 40
FPIR: Final = 0.1
BANDS: Final = (0.0, 30.0, 60.0, 90.0, 180.0)


@dataclass(frozen=True, slots=True, eq=False)
class Tries:
    """One row a probe and gallery. person: (n,) who probes. yaw: (n,) degrees. first: (n,) found at rank 1.
    identified: (n,) found at rank 1 above the threshold that lets FPIR of the strangers' probes pass.
    """

    person: np.ndarray
    yaw: Float32
    first: Bool
    identified: Bool

    def figures(self) -> dict[str, Figure | TooFew]:
        """Rank 1 and open-set identification, all and by yaw, with intervals over people."""
        found: dict[str, Figure | TooFew] = {}
        for name, kept in {"all": np.ones(len(self.yaw), bool), **self._bands()}.items():
            if not kept.any():
                continue
            _, person = np.unique(self.person[kept], return_inverse=True)
            found[f"{name}, rank 1"] = share(self.first[kept], person)
            found[f"{name}, DIR at FPIR {FPIR:g}"] = share(self.identified[kept], person)
        return found

    def _bands(self) -> dict[str, Bool]:
        size = np.abs(self.yaw)
        ends = pairwise(BANDS)
        return {
            f"{low:g} to {high:g} degrees" if high < 180 else f"{low:g} degrees and more": (size >= low)
            & (size < high)
            for low, high in ends
        }


def try_all(scores: Float32, faces: FaceSet, cast: Cast, seed: int, *, alike: bool = False) -> Tries:
    """Galleries of 20 people, and 20 others whose probes are strangers'.

    alike: people who resemble each other in age, sex and skin. scores: (N, P) of `head_branch.compared`.
    """
    rng = generator(seed, "alike heads" if alike else "heads")
    shown = cast.places(faces)
    size = min(GALLERY, len(cast) // 2)
    kept: list[tuple[np.ndarray, ...]] = []
    for _ in range(GALLERIES):
        people = _drawn(cast, 2 * size, rng, alike)
        enrolled, strangers = people[:size], people[size:]
        probes = np.flatnonzero(np.isin(shown, people))
        table = _table(shown[probes], "probe"), _table(enrolled, "head")
        matrix = ScoreMatrix(*table, scores[np.ix_(probes, enrolled)])
        found = Identification.of(matrix)
        unknown = np.isin(shown[probes], strangers)
        threshold = np.quantile(found.best_other[unknown], 1 - FPIR)
        first = found.rank == 1
        columns = (shown[probes], faces.true_yaw[probes], first, first & (found.mated > threshold))
        kept.append(tuple(column[~unknown] for column in columns))
    person, yaw, first, identified = (np.concatenate(part) for part in zip(*kept, strict=True))
    return Tries(person, np.degrees(yaw), first, identified)


def _drawn(cast: Cast, count: int, rng: np.random.Generator, alike: bool) -> np.ndarray:
    if not alike or not cast.alike.shape[1]:
        return rng.permutation(len(cast))[:count]
    middle = cast.alike[rng.integers(len(cast))]
    near = np.argsort(((cast.alike - middle) ** 2).sum(axis=1), kind="stable")[:count]
    return rng.permutation(near)


def _table(people: np.ndarray, kind: str) -> SampleTable:
    names = np.array([f"{kind} {number}" for number in range(len(people))], np.str_)
    return SampleTable(names, people.astype(np.str_), np.zeros(len(people), bool))
