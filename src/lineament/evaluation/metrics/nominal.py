"""What a calibration's thresholds do on other data: nominal against actual false match rates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lineament.evaluation.metrics.figures import Figure, TooFew
from lineament.evaluation.metrics.verification import Verification

TOLERANCE: Final = 2.0

Finding = Literal["", "more false matches than stated", "fewer false matches than stated"]


@dataclass(frozen=True, slots=True)
class Nominal:
    """A stated false match rate and what it is here. off: actual / nominal, 0 when no false match was seen.

    finding: "" within a factor of two. certain: whether the whole interval lies beyond that factor.
    """

    nominal: float
    threshold: float
    fmr: Figure | TooFew
    fnmr: Figure
    off: float
    finding: Finding
    certain: bool


def nominal_rates(
    scores: Verification, thresholds: Mapping[float, float], *, seed: int = 0
) -> Sequence[Nominal]:
    """For every nominal rate and its threshold, the rates here, and whether they are a finding."""
    rows = []
    rates = scores.at(list(thresholds.values()), seed=seed)
    for (nominal, threshold), (fmr, fnmr) in zip(thresholds.items(), rates, strict=True):
        if isinstance(fmr, TooFew):
            value, low, high = 0.0, 0.0, fmr.below
            finding = _finding(high / nominal) if high < nominal / TOLERANCE else ""
        else:
            value, low, high = fmr.value, fmr.low, fmr.high
            finding = _finding(value / nominal)
        certain = finding != "" and (low > nominal * TOLERANCE or high < nominal / TOLERANCE)
        rows.append(Nominal(nominal, threshold, fmr, fnmr, value / nominal, finding, certain))
    return rows


def _finding(off: float) -> Finding:
    if off > TOLERANCE:
        return "more false matches than stated"
    return "fewer false matches than stated" if off < 1 / TOLERANCE else ""
