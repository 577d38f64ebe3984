"""Likelihood ratios in words, and numbers and names as a reader of a report should see them.

The verbal scale is the one of the ENFSI Guideline for Evaluative Reporting in Forensic Science (2015),
appendix A.
"""

import math
from dataclasses import dataclass
from typing import Final

LN10: Final = math.log(10.0)
SCALE_NAME: Final = "verbal scale of the ENFSI guideline for evaluative reporting, 2015"


@dataclass(frozen=True, slots=True)
class Band:
    """One step of the verbal scale: likelihood ratios from `low` (inclusive) up to the next band's `low`."""

    low: float
    support: str
    adverb: str


BANDS: Final[tuple[Band, ...]] = (
    Band(2.0, "weak", "weakly"),
    Band(10.0, "moderate", "moderately"),
    Band(100.0, "moderately strong", "moderately strongly"),
    Band(1e3, "strong", "strongly"),
    Band(1e4, "very strong", "very strongly"),
    Band(1e6, "extremely strong", "extremely strongly"),
)


def band(log_ratio: float) -> Band | None:
    """The band of the size of a natural log-likelihood ratio, whichever way it points; None below a ratio
    of 2."""
    size = abs(log_ratio) + 1e-9
    fitting = [step for step in BANDS if size >= math.log(step.low)]
    return fitting[-1] if fitting else None


def support_words(log_ratio: float, limit: float = math.inf) -> str:
    """What a natural log-likelihood ratio amounts to, e.g. "strong support for the same person".

    limit: the largest log-likelihood ratio that the calibration can support; more is not claimed.
    """
    step = band(max(-limit, min(limit, log_ratio)))
    if step is None:
        return "no support for either side"
    side = "the same person" if log_ratio > 0 else "different people"
    return f"{step.support} support for {side}"


def ratio_words(log_ratio: float) -> str:
    """The size of a likelihood ratio (never below 1) to two digits: "6", "2.3", "2,300", "10⁸"."""
    exponent = abs(log_ratio) / LN10
    if exponent >= 6.0:
        digits = str(round(exponent)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"10{digits}"
    ratio = 10.0**exponent
    if ratio < 9.95:
        return f"{ratio:.1f}".removesuffix(".0")
    unit = 10 ** max(0, int(math.log10(ratio)) - 1)
    return f"{round(ratio / unit) * unit:,}"


def rate_words(rate: float) -> str:
    """A rate as "1 in 1,000" (three significant digits), so that small ones can be pictured."""
    if not rate > 0.0:
        return "less than can be stated"
    count = 1.0 / rate
    unit = 10 ** max(0, int(math.log10(count)) - 2)
    return f"1 in {round(count / unit) * unit:,}"


def printable(name: str) -> str:
    """`name` on one line: control and invisible characters are written as escapes, so nothing can be
    hidden."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def join_words(words: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
