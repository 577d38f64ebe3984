"""Colours of hair: natural ones by ancestry and fairness, grey with age, dyed by some."""

from dataclasses import dataclass

import numpy as np

from lineament.types import UInt8

_NATURAL = np.array(
    [
        (15, 13, 12),
        (28, 21, 17),
        (48, 34, 25),
        (74, 51, 35),
        (106, 76, 48),
        (142, 108, 70),
        (178, 146, 100),
        (116, 56, 30),
        (150, 84, 46),
    ],
    dtype=np.float64,
)
"""Black to blond, then red and ginger; sRGB in daylight."""
_DARK_SHARES = np.array((0.56, 0.32, 0.10, 0.02, 0.0, 0.0, 0.0, 0.0, 0.0))
_FAIR_SHARES = np.array((0.05, 0.14, 0.22, 0.21, 0.14, 0.10, 0.07, 0.04, 0.03))
"""Shares where hair is dark (most of the world), and of the fairest Europeans."""
_GREY = np.array((178.0, 176.0, 172.0))
_DYES = np.array(
    [
        (190, 158, 108),
        (214, 190, 150),
        (88, 34, 22),
        (120, 52, 30),
        (18, 14, 16),
        (66, 40, 26),
        (150, 104, 62),
    ],
    dtype=np.float64,
)


@dataclass(frozen=True, slots=True, eq=False)
class HairColour:
    """natural: (3,) sRGB of brows and beard. shown: (3,) sRGB on the head, grey or dyed. grey: share 0..1."""

    natural: UInt8
    shown: UInt8
    grey: float


def sample_hair_colour(
    rng: np.random.Generator, *, female: bool, age: float, lightness: float, european: float
) -> HairColour:
    """Hair of a person of `age` years with a skin of CIE `lightness`; european: share of Caucasian ancestry.

    Half of all people are half grey at 50 (rule of thumb of dermatology), later where hair is dark.
    """
    fair = european**1.3 * float(np.clip((lightness - 52.0) / 16.0, 0.0, 1.0))
    shares = (1.0 - fair) * _DARK_SHARES + fair * _FAIR_SHARES
    natural = _NATURAL[int(rng.choice(len(_NATURAL), p=shares / shares.sum()))]
    natural = natural * rng.uniform(0.8, 1.2) * (1.0 + rng.normal(0, 0.04, 3))
    middle = rng.normal(53.0 - 3.0 * fair, 9.0)
    grey = float(np.clip(0.5 + (age - middle) / 22.0, 0.0, 1.0)) ** 1.4
    shown = natural + grey * (_GREY * rng.uniform(0.75, 1.08) - natural)
    dyes = (0.30 if grey > 0.15 else 0.16) if female else 0.03
    if rng.random() < dyes:
        shown = _DYES[int(rng.integers(len(_DYES)))] * rng.uniform(0.8, 1.2)
        if rng.random() < 0.07:
            shown = rng.uniform(20, 220, 3)
    clipped = (
        np.clip(one, 4, 245).astype(np.uint8) for one in (natural + 0.75 * grey * (_GREY - natural), shown)
    )
    return HairColour(*clipped, grey=grey)
