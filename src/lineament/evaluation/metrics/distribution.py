"""Scores in rising order, each with how often it counts: what every rate is read from."""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lineament.evaluation.metrics.figures import Figure, proportion, too_few_for
from lineament.types import Float64

Scores: TypeAlias = NDArray[np.floating[Any]]
BLOCK = 1 << 22
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """scores: (n,) rising, float32 or float64, -inf for failures. cumulative: (n + 1,) running sum of how
    often each counts, starting at 0; None when each counts once.
    """

    scores: Scores
    cumulative: Float64 | None = None

    @property
    def total(self) -> float:
        """How many comparisons these stand for."""
        return float(len(self.scores) if self.cumulative is None else self.cumulative[-1])

    @property
    def failures(self) -> int:
        """How many entries, the first ones, are failures (-inf)."""
        return int(np.searchsorted(self.scores, self.scores.dtype.type(-np.inf), side="right"))

    def at_most(self, threshold: Scores | float) -> Float64:
        """Share of scores <= threshold, of the threshold's shape."""
        return self.share(np.searchsorted(self.scores, self._rounded_down(threshold), side="right"))

    def above(self, threshold: Scores | float) -> Float64:
        """Share of scores > threshold, of the threshold's shape."""
        return self.share(np.searchsorted(self.scores, self._rounded_down(threshold), "right"), rest=True)

    def lowest_threshold(self, rate: float) -> float:
        """The lowest score that at most a share `rate` of the scores exceeds."""
        count = len(self.scores)
        if self.cumulative is None:
            return float(self.scores[max(0, count - 1 - int(count * rate * (1 + ROUNDING)))])
        wanted = (1 - rate) * self.total * (1 - ROUNDING)
        return float(self.scores[min(count - 1, int(np.searchsorted(self.cumulative[1:], wanted)))])

    def moments(self) -> tuple[float, float]:
        """Mean and variance (of the population) of the finite scores, NaN without any."""
        start = self.failures
        scores = self.scores[start:]
        if len(scores) == 0:
            return float("nan"), float("nan")
        # Sums by hand, not by a matrix product: that would wake all threads for little work.
        pivot, sums = float(scores[len(scores) // 2]), np.zeros(3)
        for at in range(0, len(scores), BLOCK):
            part = scores[at : at + BLOCK].astype(np.float64) - pivot
            if self.cumulative is None:
                sums += len(part), part.sum(), np.square(part).sum()
                continue
            weight = np.diff(self.cumulative[start + at : start + at + len(part) + 1])
            part *= weight
            sums[:2] += weight.sum(), part.sum()
            part *= scores[at : at + BLOCK] - pivot
            sums[2] += part.sum()
        if sums[0] == 0:
            return float("nan"), float("nan")
        offset = sums[1] / sums[0]
        return pivot + offset, max(0.0, sums[2] / sums[0] - offset**2)

    def share(self, index: NDArray[np.intp], *, rest: bool = False) -> Float64:
        """What the lowest `index` entries stand for, or the rest of them, as a share of all."""
        total = self.total
        counted = index if self.cumulative is None else self.cumulative[index]
        return np.asarray((total - counted if rest else counted) / total if total else counted * np.nan)

    def _rounded_down(self, threshold: Scores | float) -> np.ndarray:
        """In the scores' own precision, so that no comparison changes and the scores are not copied."""
        wanted = np.asarray(threshold)
        rounded = wanted.astype(self.scores.dtype)
        return np.where(rounded > wanted, np.nextafter(rounded, rounded.dtype.type(-np.inf)), rounded)


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """The mated and the non-mated scores of one experiment, or of one round of resampling it.

    A comparison is accepted when its score is above the threshold, so failures (-inf) never are.
    ranks: for each mated score how many entries of the non-mated scores are below it, and at most it; rounds
    of one experiment share them, because resampling changes no score.
    """

    mated: Distribution
    non_mated: Distribution
    ranks: tuple[NDArray[np.intp], NDArray[np.intp]]

    @classmethod
    def of(cls, mated: Distribution, non_mated: Distribution) -> "Rates":
        """With the ranks counted; both scores in one precision."""
        below = np.searchsorted(non_mated.scores, mated.scores, side="left")
        return cls(mated, non_mated, (below, np.searchsorted(non_mated.scores, mated.scores, side="right")))

    def fmr(self, threshold: Scores | float) -> Float64:
        """Share of non-mated comparisons that are accepted."""
        return self.non_mated.above(threshold)

    def fnmr(self, threshold: Scores | float) -> Float64:
        """Share of mated comparisons that are refused."""
        return self.mated.at_most(threshold)

    def threshold(self, fmr: float) -> float:
        """The lowest threshold at which the FMR is at most `fmr`."""
        return self.non_mated.lowest_threshold(fmr)

    def fnmr_at(self, fmr: float) -> float:
        """FNMR at the lowest threshold whose FMR is at most `fmr`."""
        return float(self.fnmr(self.threshold(fmr)))

    def equal_error(self) -> tuple[float, float]:
        """The equal error rate and its threshold: the mean of FMR and FNMR where they differ least."""

        def gap(threshold: float) -> float:
            return float(self.fmr(threshold) - self.fnmr(threshold))

        candidates = [-np.inf]
        for scores in (self.mated.scores, self.non_mated.scores):
            crossing = bisect_left(scores, True, key=lambda score: gap(score) < 0)
            candidates += [float(s) for s in scores[max(0, crossing - 1) : crossing + 1]]
        best = min(candidates, key=lambda t: (abs(gap(t)), float(self.fmr(t) + self.fnmr(t))))
        return float(self.fmr(best) + self.fnmr(best)) / 2, best

    def auc(self) -> float:
        """Probability that a mated score is above a non-mated one, ties counting half (Mann-Whitney)."""
        chance = (self.non_mated.share(self.ranks[0]) + self.non_mated.share(self.ranks[1])) / 2
        if self.mated.cumulative is None:
            return float(chance.mean())
        total = self.mated.total
        return float((np.diff(self.mated.cumulative) * chance).sum() / total) if total else float("nan")

    def d_prime(self) -> float:
        """Distance of the means of the finite scores in units of their root mean variance.

        Source: Daugman, Biometric decision landscapes, University of Cambridge, 2000.
        """
        (mated, mated_variance), (non_mated, non_mated_variance) = (
            self.mated.moments(),
            self.non_mated.moments(),
        )
        spread = np.sqrt((mated_variance + non_mated_variance) / 2)
        return float(abs(mated - non_mated) / spread) if spread > 0 else float("nan")


def true_accept_rate(mated: Float64, non_mated: Float64, false_accept_rate: float) -> tuple[Figure, float]:
    """TAR at the lowest threshold whose share of non-mated scores above it is at most the rate, and that
    threshold; scores above it are accepted.

    Raises ValueError when there are too few non-mated scores to know the rate (fewer than 3 / rate, the rule
    of 3). Scores of failures must be given as -inf, so that they count.
    """
    if too_few_for(false_accept_rate, len(non_mated)) is not None:
        raise ValueError(f"{len(non_mated)} non-mated scores cannot show a rate of {false_accept_rate:g}")
    threshold = Distribution(np.sort(non_mated)).lowest_threshold(false_accept_rate)
    return proportion(int((mated > threshold).sum()), len(mated)), threshold


def area_under_curve(mated: Float64, non_mated: Float64) -> float:
    """Probability that a mated score is above a non-mated one, ties counting half (Mann-Whitney)."""
    return Rates.of(Distribution(np.sort(mated)), Distribution(np.sort(non_mated))).auc()
