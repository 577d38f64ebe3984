"""Plausible adults for Anny: what is drawn, how widely, and its uncalibrated height and weight corrected.

Anny's average woman has a body mass index (volume times 985 kg/m3 over stature squared) of 19, and its weight
phenotype alone spans four units; so one draw of heaviness moves the phenotypes `weight` and `muscle` and the
sliders that fat changes, to the spread that adults have. Figures: `tests/humans/test_sampling.py`.
"""

from collections.abc import Callable

import numpy as np

from lineament.humans.anny_data import ADULT_AGE
from lineament.humans.parameters import BodyParameters

MEN_STATURE = (1.75, 0.075)
WOMEN_STATURE = (1.62, 0.07)
"""Mean and standard deviation in metres; drawn within 2.5 deviations."""

FACE_SPREAD = 0.13
BODY_SPREAD = 0.07
ASYMMETRY = 0.025
"""Standard deviations of Anny's sliders; left and right share a draw and differ by `ASYMMETRY`."""

FAT_SLIDERS: dict[str, float] = {
    "hip-scale-depth-incr": 0.8,
    "torso-scale-depth-incr": 0.8,
    "hip-scale-horiz-incr": 0.8,
    "torso-scale-horiz-incr": 0.6,
    "upperleg-fat-incr": 1.0,
    "lowerleg-fat-incr": 0.7,
    "upperarm-fat-incr": 1.0,
    "lowerarm-fat-incr": 0.7,
    "stomach-tone-incr": -1.0,
    "head-fat-incr": 0.4,
    "cheek-volume-incr": 0.3,
    "neck-double-incr": 0.4,
}
"""How far each slider follows a body's fat (for both sides where there are two)."""
MEN_FAT = (0.10, 0.18)
WOMEN_FAT = (0.34, 0.24)
"""Slider units: at average heaviness, and added for each deviation of it."""

_FACE = ("cheek", "chin", "ear", "eyebrows", "eye", "forehead", "head", "mouth", "nose")
_LEFT_OUT = ("stomach-pregnant", "bulge", "hand-trans", "foot-trans", "head-age", "measure-", "leg-valgus")
_MIDLINE_SHIFTS = ("-trans-out", "head-angle-out")


def sample_parameters(
    rng: np.random.Generator,
    local_names: tuple[str, ...],
    head_modes: int,
    stature: Callable[[BodyParameters], float],
) -> BodyParameters:
    """An adult whose stature follows the sex's distribution; `stature` measures parameters in metres."""
    female = bool(rng.random() < 0.5)
    gender = float(np.clip(abs(rng.normal(0.0, 0.08)), 0.0, 0.35))
    gender = 1.0 - gender if female else gender
    heaviness = float(np.clip(rng.gamma(9.0, 1.0 / 3.0) - 3.0, -2.0, 2.4))
    ancestry = rng.dirichlet((0.45, 0.45, 0.45))
    phenotypes = {
        "gender": gender,
        "age": ADULT_AGE + (1.0 - ADULT_AGE) * float(rng.beta(1.1, 1.9)),
        "muscle": _unit(rng, 0.48 - 0.03 * heaviness, 0.16),
        "weight": _unit(rng, 0.6 + 0.16 * heaviness, 0.06),
        "proportions": _unit(rng, 0.5, 0.2),
        "cupsize": _unit(rng, 0.5, 0.18),
        "firmness": _unit(rng, 0.5, 0.18),
        "african": float(ancestry[0]),
        "asian": float(ancestry[1]),
        "caucasian": float(ancestry[2]),
    }
    mean, deviation = WOMEN_STATURE if female else MEN_STATURE
    wanted = mean + deviation * float(np.clip(rng.normal(), -2.5, 2.5))
    base, slope = WOMEN_FAT if female else MEN_FAT
    local = _local_changes(rng, local_names, base + slope * heaviness)
    head = rng.standard_normal(head_modes).clip(-2.5, 2.5).astype(np.float32)
    low, high = (stature(BodyParameters({**phenotypes, "height": end}, local)) for end in (0.0, 1.0))
    phenotypes["height"] = float(np.clip((wanted - low) / (high - low), 0.0, 1.0))
    return BodyParameters(phenotypes, local, head)


def _unit(rng: np.random.Generator, mean: float, deviation: float) -> float:
    return float(np.clip(rng.normal(mean, deviation), 0.03, 0.97))


def _local_changes(rng: np.random.Generator, names: tuple[str, ...], fat: float) -> dict[str, float]:
    changes: dict[str, float] = {}
    for name in names:
        stem = name[2:] if name[:2] in ("l-", "r-") else name
        spread = FACE_SPREAD if stem.startswith(_FACE) else BODY_SPREAD
        if any(word in stem for word in _LEFT_OUT):
            continue
        if stem == name and any(word in stem for word in _MIDLINE_SHIFTS):
            spread = ASYMMETRY
        mean = fat * FAT_SLIDERS.get(stem, 0.0)
        twin = changes.get("l-" + stem) if name.startswith("r-") else None
        value = rng.normal(mean, spread) if twin is None else rng.normal(twin, ASYMMETRY)
        changes[name] = float(np.clip(value, max(mean - 3 * spread, -0.9), min(mean + 3 * spread, 0.9)))
    return changes
