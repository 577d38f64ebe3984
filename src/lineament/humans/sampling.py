"""Plausible adults for Anny: what is drawn, how widely, and its uncalibrated height and weight corrected.

Anny's height and weight are not calibrated, and its weight alone spans four units of body mass index (volume
times 985 kg/m3 over stature squared). So stature and index are drawn from `Demography`, and one number,
heaviness, moves the phenotypes `weight` and `muscle` and the sliders that fat changes until the body has
them.
Measured spreads: `docs/people.md`, `tests/humans/test_sampling.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lineament.humans.demography import Demography, Vitals, age_phenotype
from lineament.humans.parameters import BodyParameters

DENSITY = 985.0
"""Kilograms a cubic metre of a living body with air in its lungs."""

FACE_SPREAD = 0.16
BODY_SPREAD = 0.09
ASYMMETRY = 0.03
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
APPLE_SLIDERS: dict[str, float] = {
    "torso-scale-depth-incr": 0.20,
    "torso-scale-horiz-incr": 0.13,
    "stomach-tone-incr": -0.28,
    "hip-scale-horiz-incr": -0.18,
    "upperleg-fat-incr": -0.20,
    "buttocks-volume-incr": -0.20,
    "torso-vshape-incr": 0.10,
}
"""Where the fat sits: added for each deviation from pear (hips, thighs) towards apple (belly)."""
AGE_SLIDERS: dict[str, float] = {
    "head-age-incr": 0.30,
    "eye-bag-incr": 0.35,
    "eye-eyefold-angle-up": -0.15,
    "mouth-laugh-lines-out": 0.25,
    "mouth-upperlip-volume-incr": -0.20,
    "mouth-lowerlip-volume-incr": -0.15,
    "ear-lobe-incr": 0.25,
    "nose-point-up": -0.15,
    "cheek-volume-incr": -0.12,
    "neck-double-incr": 0.15,
    "mouth-angles-up": -0.12,
}
"""Added from 30 to 90 years."""
RELAXED_SLIDERS: dict[str, float] = {"mouth-angles-up": 0.16, "eyebrows-angle-up": 0.06}
"""Added for everybody: Anny's resting face looks stern."""
MEN_FAT = (0.10, 0.18)
WOMEN_FAT = (0.34, 0.24)
"""Slider units: at average heaviness, and added for each deviation of it."""
_HEAVINESS = (-2.6, 0.0, 3.2)
"""Deviations at which a body's index is measured; between them it is interpolated."""

_FACE = ("cheek", "chin", "ear", "eyebrows", "eye", "forehead", "head", "mouth", "nose")
_LEFT_OUT = ("stomach-pregnant", "bulge", "hand-trans", "foot-trans", "measure-", "leg-valgus")
_MIDLINE_SHIFTS = ("-trans-out", "head-angle-out")

Measure = Callable[[BodyParameters], tuple[float, float]]
"""Stature in metres and volume in cubic metres of a body."""


@dataclass(frozen=True, slots=True)
class _Draw:
    """All that is random of one person but heaviness; values are deviations from the expected."""

    vitals: Vitals
    gender: float
    phenotypes: dict[str, float]
    sliders: dict[str, float]
    apple: float

    def parameters(self, heaviness: float, head: np.ndarray, height: float = 0.5) -> BodyParameters:
        own = self.phenotypes
        african, asian, caucasian = self.vitals.ancestry
        phenotypes = {
            "gender": self.gender,
            "age": age_phenotype(self.vitals.age),
            "muscle": _unit(0.48 - 0.03 * heaviness + own["muscle"]),
            "weight": _unit(0.6 + 0.16 * heaviness + own["weight"]),
            "height": height,
            "proportions": _unit(0.5 + own["proportions"]),
            "cupsize": _unit(0.5 + own["cupsize"]),
            "firmness": _unit(0.6 - 0.003 * (self.vitals.age - 18) + own["firmness"]),
            "african": african,
            "asian": asian,
            "caucasian": caucasian,
        }
        base, slope = WOMEN_FAT if self.vitals.sex == "female" else MEN_FAT
        fat, aged = base + slope * heaviness, float(np.clip((self.vitals.age - 30) / 60, 0, 1))
        sliders = {}
        for name, value in self.sliders.items():
            stem = name[2:] if name[:2] in ("l-", "r-") else name
            moved = value + RELAXED_SLIDERS.get(stem, 0.0) + fat * FAT_SLIDERS.get(stem, 0.0)
            moved += aged * AGE_SLIDERS.get(stem, 0.0)
            sliders[name] = float(np.clip(moved + self.apple * APPLE_SLIDERS.get(stem, 0.0), -0.9, 0.9))
        return BodyParameters(phenotypes, sliders, head)


def sample_parameters(
    rng: np.random.Generator,
    local_names: tuple[str, ...],
    head_modes: int,
    measure: Measure,
    demography: Demography | None = None,
) -> BodyParameters:
    """An adult of `demography`, whose stature and body mass index `measure` confirms."""
    vitals = (demography or Demography()).draw(rng)
    turned = float(np.clip(abs(rng.normal(0.0, 0.10)), 0.0, 0.4))
    draw = _Draw(
        vitals=vitals,
        gender=1.0 - turned if vitals.sex == "female" else turned,
        phenotypes={
            name: float(rng.normal(0.0, spread))
            for name, spread in (
                ("muscle", 0.18),
                ("weight", 0.05),
                ("proportions", 0.22),
                ("cupsize", 0.22),
                ("firmness", 0.16),
            )
        },
        sliders=_slider_noise(rng, local_names),
        apple=float(np.clip(rng.normal(), -2.2, 2.2)),
    )
    head = rng.standard_normal(head_modes).clip(-2.5, 2.5).astype(np.float32)
    logs = [
        np.log(_index(measure, draw.parameters(heaviness, head), vitals.stature)) for heaviness in _HEAVINESS
    ]
    curve = np.maximum.accumulate(logs) + np.arange(3) * 1e-6
    heaviness = float(np.interp(np.log(vitals.body_mass_index), curve, _HEAVINESS))
    parameters = draw.parameters(heaviness, head)
    return draw.parameters(heaviness, head, _height(measure, parameters, vitals.stature))


def _index(measure: Measure, parameters: BodyParameters, stature: float) -> float:
    """Body mass index at `stature`, from the same body at another: volume goes about with its 2.4th power."""
    tall, volume = measure(parameters)
    return DENSITY * volume * (stature / tall) ** 2.4 / stature**2


def _height(measure: Measure, parameters: BodyParameters, wanted: float) -> float:
    """The phenotype `height` of a stature, which is linear in it."""
    low, high = (
        measure(
            BodyParameters(
                {**parameters.phenotypes, "height": end}, parameters.local_changes, parameters.head
            )
        )[0]
        for end in (0.0, 1.0)
    )
    return float(np.clip((wanted - low) / (high - low), 0.0, 1.0))


def _unit(value: float) -> float:
    return float(np.clip(value, 0.03, 0.97))


def _slider_noise(rng: np.random.Generator, names: tuple[str, ...]) -> dict[str, float]:
    noise: dict[str, float] = {}
    for name in names:
        stem = name[2:] if name[:2] in ("l-", "r-") else name
        spread = FACE_SPREAD if stem.startswith(_FACE) else BODY_SPREAD
        if any(word in stem for word in _LEFT_OUT):
            continue
        if stem == "head-age-incr" or (stem == name and any(word in stem for word in _MIDLINE_SHIFTS)):
            spread = ASYMMETRY
        twin = noise.get("l-" + stem) if name.startswith("r-") else None
        value = rng.normal(0.0, spread) if twin is None else rng.normal(twin, ASYMMETRY)
        noise[name] = float(np.clip(value, -3 * spread, 3 * spread))
    return noise
