"""One measured number with its interval, or the plain statement that the data are too few to know it."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import beta

from lineament.types import Float64

CONFIDENCE: Final = 0.95
RULE_OF_3: Final = 3
RULE_OF_30: Final = 30


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number with its interval at 95 % and how many cases it rests on.

    people: how many people were resampled for the interval, 0 where the cases themselves are taken as
    independent. note: what a reader must know beside the number, "" when nothing.
    """

    value: float
    low: float
    high: float
    cases: int
    people: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class TooFew:
    """In place of a number that the data cannot show.

    cases: how many there were. needed: how many the wanted rate needs by the rule of 3, 0 where no rate was
    wanted. below: what the rate is below at 95 % when no error was seen (the rule of 3: 3 / n), 1 when
    unknown.
    """

    cases: int
    needed: int = 0
    below: float = 1.0
    what: str = "non-mated comparisons"

    def __str__(self) -> str:
        wanted = f" of at least {self.needed:,}" if self.needed else ""
        bound = f"; the rate is below {self.below:.2g}" if self.below < 1 else ""
        return f"too few {self.what} ({self.cases:,}{wanted}{bound})"


def too_few_for(rate: float, cases: int, what: str = "non-mated comparisons") -> TooFew | None:
    """TooFew when `cases` cannot show `rate` by the rule of 3 (ISO/IEC 19795-1), None when they can."""
    if cases * rate >= RULE_OF_3 * (1 - 1e-12):
        return None
    return TooFew(cases, math.ceil(RULE_OF_3 / rate * (1 - 1e-12)), what=what)


def rule_of_30(events: float) -> str:
    """The note of a rate that rests on fewer than 30 events, "" otherwise.

    With 30 errors the true rate lies within 30 % of the observed one at 90 % confidence (Doddington et al.,
    Speech Communication 31, 2000).
    """
    return "" if events >= RULE_OF_30 else f"{events:.0f} errors, fewer than the rule of 30 asks for"


def clopper_pearson(successes: int, cases: int) -> tuple[float, float]:
    """The exact binomial interval at 95 % (Clopper & Pearson, Biometrika 26, 1934).

    Raises ValueError without cases.
    """
    if cases < 1 or not 0 <= successes <= cases:
        raise ValueError(f"{successes} of {cases} is no proportion")
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if successes == 0 else float(beta.ppf(tail, successes, cases - successes + 1))
    high = 1.0 if successes == cases else float(beta.ppf(1 - tail, successes + 1, cases - successes))
    return low, high


def proportion(successes: int, cases: int) -> Figure:
    """A share with its Clopper-Pearson interval: right where the cases are independent.

    Raises ValueError without cases.
    """
    low, high = clopper_pearson(successes, cases)
    return Figure(successes / cases, low, high, cases)


def mean(values: Float64, *, seed: int = 0, rounds: int = 2000) -> Figure:
    """A mean with its percentile bootstrap interval over the cases (n,). Raises ValueError without cases."""
    if len(values) == 0:
        raise ValueError("a mean needs cases")
    rng = np.random.default_rng(seed)
    drawn = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(rounds)]
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Figure(float(values.mean()), float(low), float(high), len(values))
