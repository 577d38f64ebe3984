"""From scores as a protocol yields them to sorted distributions, and to a smaller copy that can be resampled.

Every figure is computed on all scores, sorted in place: no histogram, no rounding. Only its interval is
computed on a thinned copy when there are very many: all of the TAIL highest non-mated scores, and STRATUM of
those in each further stratum, STEP times as deep, each counting for those it stands for. That adds less than
2 % to the FMR of a round, where resampling people moves it by tens of per cent; nothing is thinned below TAIL
comparisons.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lineament.evaluation.comparisons import PairScores, ScoreMatrix
from lineament.evaluation.metrics.distribution import BLOCK, Distribution
from lineament.types import Bool, Float32, Float64, Int32

TAIL: Final = 1 << 16
STRATUM: Final = 1 << 14
STEP: Final = 8

Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """Comparisons one by one, rising: score, how many each stands for, and the numbers of the two people."""

    score: Float32
    count: Float64
    probe: NDArray[np.intp]
    reference: NDArray[np.intp]

    def weighted(self, weights: Float64, *, mated: bool) -> Distribution:
        """As they count when each person counts `weights` (people,) times."""
        counted = self.count * weights[self.probe]
        if not mated:
            counted *= weights[self.reference]
        return Distribution(self.score, np.concatenate([[0.0], np.cumsum(counted)]))


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Scores of a matrix or of pairs, and the number of the person of each probe and of each reference."""

    scores: PairScores | ScoreMatrix
    probe: Int32
    reference: Int32

    def blocks(self) -> Iterator[tuple[int, Float32, Bool]]:
        """Where a block starts among all comparisons, its scores (k,) and which are mated (k,)."""
        score = self.scores.score
        if isinstance(self.scores, PairScores):
            yield 0, score, self.probe[self.scores.probe] == self.reference[self.scores.reference]
            return
        columns = max(1, score.shape[1])
        rows = max(1, BLOCK // columns)
        for start in range(0, len(score), rows):
            mated = self.probe[start : start + rows, None] == self.reference
            yield start * columns, score[start : start + rows].reshape(-1), mated.reshape(-1)

    def listed(self, at: Int64, score: Float32, count: Float64) -> Listed:
        """The comparisons numbered `at`, put in rising order."""
        order = np.argsort(score, kind="stable")
        if isinstance(self.scores, PairScores):
            probe, reference = self.scores.probe[at], self.scores.reference[at]
        else:
            probe, reference = np.divmod(at, self.scores.score.shape[1])
        return Listed(
            score[order],
            count[order],
            self.probe[probe][order].astype(np.intp),
            self.reference[reference][order].astype(np.intp),
        )


def split(source: Source) -> tuple[Listed, Float32]:
    """The mated comparisons, and the non-mated scores, rising. Self-comparisons (NaN) are left out."""
    size = source.scores.score.size
    non_mated = np.empty(size, source.scores.score.dtype)
    filled, places, scores = 0, [], []
    for start, block, mated in source.blocks():
        none = np.isnan(block)
        other = block[~(mated | none)]
        non_mated[filled : filled + len(other)] = other
        filled += len(other)
        at = np.flatnonzero(mated & ~none)
        places.append(start + at)
        scores.append(block[at])
    non_mated = non_mated[:filled]
    non_mated.sort()
    at, score = np.concatenate(places), np.concatenate(scores)
    return source.listed(at, score, np.ones(len(at))), non_mated


def thinned_mated(mated: Listed, rng: np.random.Generator) -> Listed:
    """At most TAIL of the mated comparisons, evenly spread over the scores."""
    if len(mated.score) <= TAIL:
        return mated
    at = _spread(len(mated.score), TAIL, rng)
    count = np.full(len(at), len(mated.score) / len(at))
    return Listed(mated.score[at], count, mated.probe[at], mated.reference[at])


def thinned_non_mated(source: Source, ordered: Float32, rng: np.random.Generator) -> Listed:
    """The tail of the non-mated comparisons and a part of each stratum below; `ordered` are all scores."""
    bounds, depth = [np.inf], TAIL
    while depth < len(ordered):
        bounds.append(float(ordered[-depth]))
        depth *= STEP
    bounds = list(dict.fromkeys(b for b in bounds if b > -np.inf))
    upto = [int(np.searchsorted(ordered, ordered.dtype.type(b), side="right")) for b in bounds]
    sizes = [high - low for high, low in pairwise([*upto, 0])]
    chosen = [
        np.arange(size) if stratum == 0 else _spread(size, STRATUM, rng) for stratum, size in enumerate(sizes)
    ]
    taken = _gather(source, bounds, chosen)
    count = np.concatenate([np.full(len(c), s / max(1, len(c))) for c, s in zip(chosen, sizes, strict=True)])
    return source.listed(*taken, count)


def _gather(source: Source, bounds: list[float], chosen: list[Int64]) -> tuple[Int64, Float32]:
    """Number and score of the chosen[s][i]-th non-mated comparison of every stratum s, in the order met."""
    met = [0] * len(bounds)
    places: list[list[Int64]] = [[] for _ in bounds]
    scores: list[list[Float32]] = [[] for _ in bounds]
    for start, block, mated in source.blocks():
        other = ~mated
        for s, high in enumerate(bounds):
            inside = other & (block <= block.dtype.type(high))
            if s + 1 < len(bounds):
                inside &= block > block.dtype.type(bounds[s + 1])
            found = np.flatnonzero(inside)
            first, last = np.searchsorted(chosen[s], [met[s], met[s] + len(found)])
            at = found[chosen[s][first:last] - met[s]]
            met[s] += len(found)
            places[s].append(start + at)
            scores[s].append(block[at])
    return np.concatenate(list(chain(*places))), np.concatenate(list(chain(*scores)))


def _spread(size: int, wanted: int, rng: np.random.Generator) -> Int64:
    """About `wanted` of 0..size - 1, rising: one at random of each run of equal length."""
    if size <= wanted:
        return np.arange(size)
    edges = np.linspace(0, size, wanted + 1).astype(np.int64)
    return edges[:-1] + rng.integers(0, np.diff(edges))
