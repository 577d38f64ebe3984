"""Figures with intervals: verification rates, mask overlap, joints in parts."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import beta

from lineament.types import Bool, Float64

CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number with its interval at 95 % and how many cases it rests on."""

    value: float
    low: float
    high: float
    cases: int


def proportion(successes: int, cases: int) -> Figure:
    """A share with its exact binomial interval (Clopper & Pearson, Biometrika 26, 1934).

    Raises ValueError without cases.
    """
    if cases < 1 or not 0 <= successes <= cases:
        raise ValueError(f"{successes} of {cases} is no proportion")
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if successes == 0 else float(beta.ppf(tail, successes, cases - successes + 1))
    high = 1.0 if successes == cases else float(beta.ppf(1 - tail, successes + 1, cases - successes))
    return Figure(successes / cases, low, high, cases)


def mean(values: Float64, *, seed: int = 0, rounds: int = 2000) -> Figure:
    """A mean with its percentile bootstrap interval over the cases (n,). Raises ValueError without cases."""
    if len(values) == 0:
        raise ValueError("a mean needs cases")
    rng = np.random.default_rng(seed)
    drawn = values[rng.integers(len(values), size=(rounds, len(values)))].mean(axis=1)
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Figure(float(values.mean()), float(low), float(high), len(values))


def true_accept_rate(mated: Float64, non_mated: Float64, false_accept_rate: float) -> tuple[Figure, float]:
    """TAR at the lowest threshold whose share of non-mated scores above it is at most the rate, and that
    threshold; scores above it are accepted.

    Raises ValueError when there are too few non-mated scores to know the rate (fewer than 3 / rate, the rule
    of 3). Scores of failures must be given as -inf, so that they count.
    """
    if len(non_mated) * false_accept_rate < 3:
        raise ValueError(f"{len(non_mated)} non-mated scores cannot show a rate of {false_accept_rate:g}")
    ordered = np.sort(non_mated)[::-1]
    threshold = float(ordered[int(len(non_mated) * false_accept_rate)])
    return proportion(int((mated > threshold).sum()), len(mated)), threshold


def area_under_curve(mated: Float64, non_mated: Float64) -> float:
    """Probability that a mated score is above a non-mated one, ties counting half (Mann-Whitney)."""
    ordered = np.sort(non_mated)
    below = np.searchsorted(ordered, mated, side="left")
    upto = np.searchsorted(ordered, mated, side="right")
    return float((below + upto).mean() / (2 * len(ordered)))


def overlap(found: Bool, truth: Bool) -> float:
    """Intersection over union of two masks of one shape; 1 when both are empty."""
    union = int((found | truth).sum())
    return 1.0 if union == 0 else int((found & truth).sum()) / union
