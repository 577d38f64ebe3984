"""Colours of skin: melanin decides lightness and, along a curve, hue; blood and carotene vary.

CIE L*a*b* of facial skin after published spectrophotometry (Xiao et al., Skin Research and Technology 23,
2017; individual typology angle after Chardon et al., International Journal of Cosmetic Science 13, 1991),
rounded and widened.
"""

import numpy as np

from lineament.humans.wardrobe.colours import lab_to_srgb
from lineament.types import UInt8

Tone = tuple[float, float, float]

_LIGHTNESS = ((39.0, 8.5), (63.0, 6.5), (67.5, 5.5))
"""Mean and deviation of L* of African, Asian (south and east) and Caucasian (Middle East too) faces."""
_CURVE = np.array(
    [
        (20, 9.0, 11.0),
        (28, 11.0, 15.0),
        (36, 12.5, 18.0),
        (46, 13.5, 20.5),
        (56, 13.0, 20.5),
        (64, 12.0, 18.5),
        (70, 11.0, 16.5),
        (76, 10.0, 14.0),
        (82, 8.5, 12.0),
    ]
)
"""L*, and the mean a* and b* at it: very dark and very light skins are the least colourful."""


def sample_tone(rng: np.random.Generator, ancestry: tuple[float, float, float]) -> Tone:
    """CIE L*, a*, b* of a face. ancestry: shares of African, Asian and Caucasian; the world lies between."""
    share = np.array(ancestry, dtype=np.float64) + 1e-3
    share = rng.dirichlet(share / share.sum() * 9.0 + 0.05)
    mean, deviation = share @ np.array(_LIGHTNESS)
    lightness = float(np.clip(rng.normal(mean, deviation), 24.0, 80.0))
    blood, carotene = rng.normal(0.0, 1.4), rng.normal(0.0, 2.0)
    red = float(np.interp(lightness, _CURVE[:, 0], _CURVE[:, 1]) + blood - 0.15 * carotene)
    yellow = float(np.interp(lightness, _CURVE[:, 0], _CURVE[:, 2]) + carotene - 0.4 * blood)
    return lightness, max(red, 3.0), float(np.clip(yellow, 3.0, 26.0))


def typology_angle(tone: Tone) -> float:
    """Individual typology angle in degrees: above 55 very light, below -30 dark (Chardon et al. 1991)."""
    return float(np.degrees(np.arctan2(tone[0] - 50.0, tone[2])))


def sample_lips(rng: np.random.Generator, tone: Tone, female: bool, age: float) -> tuple[UInt8, float]:
    """sRGB (3,) of lips and how far it covers the skin, 0..1; a quarter of the women wear lipstick."""
    if female and rng.random() < 0.26:
        shade = ((42, 48, 24), (36, 38, 14), (52, 34, 10), (58, 26, 18), (34, 26, 6))[int(rng.integers(5))]
        light, red, yellow = np.array(shade) + rng.normal(0, 4, 3)
        light = min(light, tone[0] - rng.uniform(2, 8))
        return lab_to_srgb(light, red * np.clip(tone[0] / 62.0, 0.6, 1.0), yellow), float(
            rng.uniform(0.45, 0.85)
        )
    pale = 0.12 * max(age - 50.0, 0.0)
    light = tone[0] - rng.uniform(4, 11) * np.clip(tone[0] / 60.0, 0.45, 1.1) + 0.3 * pale
    red = tone[1] + rng.uniform(4, 11) * np.clip(tone[0] / 55.0, 0.4, 1.1) - 0.4 * pale
    return lab_to_srgb(light, red, tone[2] * rng.uniform(0.65, 0.95)), float(rng.uniform(0.6, 0.85))
