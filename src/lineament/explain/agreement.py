"""Lengths of a photographed person against those of a prototype, and whether they differ at all."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from lineament.anatomy import PART_INDEX, PART_NAMES
from lineament.explain.length_errors import LengthErrors
from lineament.explain.measures import LENGTHS, Length, Lengths, shape_of, shares
from lineament.geometry.site_model import SiteModel
from lineament.types import Float32, Float64, Prototype

Verdict = Literal["larger", "smaller", "agrees", "uncertain", "not visible", "not enrolled"]
COVERAGE: Final = 2.0
"""Standard deviations of a stated uncertainty: 95 in 100 errors lie below it."""
SEEN: Final = 0.15
"""Share of a part that must be visible for lengths that rest on it."""
SCAN_SIGMA: Final = 0.003
"""Standard deviation of a scan's lengths, as a share of stature: half a centimetre."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One length. photograph, prototype: shares of stature. difference_cm: photograph minus prototype at the
    prototype's stature. uncertainty_cm: of that, at 95 %. adults_cm: how far adults lie from the mean, at 95
    %. lacking: parts that are not visible or not enrolled. Numbers are None where there is nothing to
    measure.
    """

    name: str
    verdict: Verdict
    photograph: float | None
    prototype: float | None
    difference_cm: float | None
    uncertainty_cm: float | None
    adults_cm: float | None
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreements:
    """All of `LENGTHS` against one prototype. stature_cm: of the prototype. learned: whether the
    uncertainties were measured for this registration model.
    """

    stature_cm: float
    lengths: tuple[Agreement, ...]
    learned: bool


def agreements(
    lengths: Lengths, visible: Float32, prototype: Prototype, errors: LengthErrors, model: SiteModel
) -> Agreements:
    """Compare; `visible` (15,) is the share of each part that the photograph shows.

    A prototype from photographs was measured as the probe is: both keep the pull towards the average body and
    the bias, and the prototype is taken to be as uncertain as the probe. Others hold the true lengths, so
    that pull and bias are taken out of the probe's.
    """
    held, stature = shares(model, shape_of(prototype.points, model))
    if prototype.source == "photographs":
        probe, sigma = lengths.drawn, np.sqrt(2.0) * lengths.drawn_sigma * errors.factor
    else:
        probe = lengths.value - np.array(errors.bias)
        sigma = np.hypot(lengths.sigma * errors.factor, SCAN_SIGMA)
    seen = [PART_NAMES[part] for part in np.flatnonzero(visible >= SEEN)]
    enrolled = [PART_NAMES[part] for part in prototype.enrolled_parts]
    found = []
    for place, one in enumerate(LENGTHS):
        numbers = np.array([probe[place], held[place], sigma[place], lengths.adults[place]])
        found.append(_absent(one, seen, enrolled) or _agreement(one.name, numbers, 100.0 * stature))
    return Agreements(100.0 * stature, tuple(found), errors.learned)


def _absent(one: Length, seen: Collection[str], enrolled: Collection[str]) -> Agreement | None:
    for verdict, present in (("not visible", seen), ("not enrolled", enrolled)):
        lacking = tuple(part for part in one.parts if not any(name in present for name in _sides(part)))
        if lacking:
            why: Verdict = "not visible" if verdict == "not visible" else "not enrolled"
            return Agreement(one.name, why, None, None, None, None, None, lacking)
    return None


def _sides(part: str) -> tuple[str, ...]:
    return (part,) if part in PART_INDEX else (f"left_{part}", f"right_{part}")


def _agreement(name: str, numbers: Float64, stature_cm: float) -> Agreement:
    probe, held, sigma, adults = (float(value) for value in numbers)
    difference, spread = stature_cm * (probe - held), COVERAGE * stature_cm * adults
    if not math.isfinite(sigma):
        return Agreement(name, "uncertain", None, held, None, None, spread)
    uncertainty = COVERAGE * stature_cm * sigma
    verdict: Verdict = "agrees"
    if abs(difference) > uncertainty:
        verdict = "larger" if difference > 0 else "smaller"
    elif uncertainty >= spread:
        verdict = "uncertain"
    return Agreement(name, verdict, probe, held, difference, uncertainty, spread)
