"""What a calibration does on people it was not fixed on: half of them calibrate, the other half judge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.errors import BadInputError
from lineament.recognition.calibration import Calibration, Mode, mode_of
from lineament.recognition.comparison import Comparison
from lineament.types import Bool, Float64, Int32

RATES: Final = (1e-1, 1e-2, 1e-3)
Fit = Callable[[Sequence[Comparison], Bool, int], Calibration]
"""Comparisons, which of them are mated, and how many people they are of -> a calibration."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Comparisons of known people. mated: (n,). people: (n, 2) the numbers of the two people of each."""

    comparisons: Sequence[Comparison]
    mated: Bool
    people: Int32

    def among(self, chosen: Int32) -> "Gathered":
        """Only the comparisons whose two people are both of `chosen`."""
        kept = np.flatnonzero(np.isin(self.people, chosen).all(axis=1))
        return Gathered([self.comparisons[int(i)] for i in kept], self.mated[kept], self.people[kept])


@dataclass(frozen=True, slots=True)
class HeldOutRate:
    """False matches of `comparisons` non-mated ones at a nominal rate: by the calibration in use until now,
    and by one fixed on the other half of the people.
    """

    nominal: float
    mode: Mode
    comparisons: int
    before: int
    after: int


def held_out_rates(
    gathered: Gathered, before: Calibration, fit: Fit, *, rates: Sequence[float] = RATES, seed: int = 0
) -> list[HeldOutRate]:
    """Each half of the people judged by a calibration of the other half; comparisons between the halves are
    left out. Rates that half of the people cannot show, and everything where halves are too few, are missing.
    """
    order = np.random.default_rng(seed).permutation(np.unique(gathered.people)).astype(np.int32)
    halves = [gathered.among(part) for part in np.array_split(order, 2)]
    try:
        fitted = [fit(one.comparisons, one.mated, len(np.unique(one.people))) for one in halves]
    except BadInputError:
        return []
    found = []
    modes: tuple[Mode, ...] = ("face", "body")
    for mode in modes:
        for rate in rates:
            try:
                pairs = [(one, other.threshold(rate, mode)) for one, other in _crossed(halves, fitted)]
                threshold = before.threshold(rate, mode)
            except BadInputError:
                continue
            after = [
                _false_matches(one, other, mode, limit)
                for (one, other), (_, limit) in zip(_crossed(halves, fitted), pairs, strict=True)
            ]
            old = [_false_matches(one, before, mode, threshold) for one in halves]
            count = sum(total for _, total in after)
            found.append(HeldOutRate(rate, mode, count, sum(n for n, _ in old), sum(n for n, _ in after)))
    return found


def scores_of(comparisons: Sequence[Comparison], calibration: Calibration) -> Float64:
    """(n,) log-likelihood ratios, -inf where nothing could be compared."""
    found = [calibration.contributions(one) for one in comparisons]
    return np.array([-np.inf if one is None else one[0] + sum(one[1].values()) for one in found])


def _crossed(halves: list[Gathered], fitted: list[Calibration]) -> list[tuple[Gathered, Calibration]]:
    return [(halves[0], fitted[1]), (halves[1], fitted[0])]


def _false_matches(
    gathered: Gathered, calibration: Calibration, mode: Mode, threshold: float
) -> tuple[int, int]:
    """How many of how many non-mated comparisons of a mode are above a threshold."""
    others = [
        one
        for one, same in zip(gathered.comparisons, gathered.mated, strict=True)
        if not same and mode_of(one) == mode
    ]
    return int((scores_of(others, calibration) > threshold).sum()), len(others)
