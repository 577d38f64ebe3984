"""Colours of cloth, skin, hair and eyes, and how pictures are recoloured."""

import cv2
import numpy as np

from lineament.types import Float32, UInt8

_COMMON_CLOTH = (
    (18, 18, 20),
    (35, 36, 40),
    (70, 72, 76),
    (128, 128, 130),
    (190, 190, 188),
    (236, 236, 232),
    (24, 30, 52),
    (40, 52, 88),
    (66, 92, 134),
    (120, 146, 180),
    (58, 48, 40),
    (104, 84, 62),
    (176, 150, 116),
    (214, 200, 172),
    (74, 80, 56),
    (44, 64, 50),
    (110, 24, 30),
    (168, 36, 40),
)
"""Blacks, greys, whites, navies, denims, browns, beiges, olives and dark reds, as people mostly wear; sRGB.
"""


def cloth_colour(rng: np.random.Generator) -> UInt8:
    """One sRGB colour (3,): two thirds common cloth, one third anything."""
    if rng.random() < 0.62:
        base = np.array(_COMMON_CLOTH[rng.integers(len(_COMMON_CLOTH))], dtype=np.float64)
        return np.clip(base * rng.uniform(0.75, 1.25) + rng.normal(0, 7, 3), 4, 250).astype(np.uint8)
    hsv = np.array(
        [[[rng.uniform(0, 180), 255 * rng.beta(2, 1.6), 255 * rng.uniform(0.12, 1.0)]]], dtype=np.uint8
    )
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0])


def second_colour(rng: np.random.Generator, first: UInt8) -> UInt8:
    """A colour to go with `first`: another one, or a lighter or darker shade of it."""
    if rng.random() < 0.6:
        return cloth_colour(rng)
    shade = rng.uniform(0.35, 0.75) if first.mean() > 110 else rng.uniform(1.3, 2.4)
    return np.clip(first * shade + rng.normal(0, 6, 3) + (8 if shade > 1 else 0), 3, 252).astype(np.uint8)


def linear(colour: UInt8) -> Float32:
    """sRGB uint8 to linear 0..1 (IEC 61966-2-1)."""
    c = np.asarray(colour, dtype=np.float32) / 255.0
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4).astype(np.float32)


def lab_to_srgb(lightness: float, a: float, b: float) -> UInt8:
    """CIE L*a*b* (D65) to sRGB uint8 (3,)."""
    lab = np.array([[[lightness, a, b]]], dtype=np.float32)
    return np.clip(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB)[0, 0] * 255.0 + 0.5, 0, 255).astype(np.uint8)


def recolour(picture: UInt8, colour: UInt8, keep: float, contrast: float = 1.0) -> UInt8:
    """Dye an sRGB picture (h, w, 3 or 4): its shading stays, its mean colour becomes `colour`.

    keep: share of the picture's own colour differences that survive, 0..1.
    """
    rgb = picture[..., :3]
    small = rgb[::8, ::8].reshape(-1, 3).astype(np.float32)
    if picture.shape[2] == 4:
        opaque = picture[::8, ::8, 3].ravel() >= 128
        small = small[opaque] if opaque.any() else small
    mean = small.mean(axis=0)
    grey = max(float(mean @ (0.299, 0.587, 0.114)), 8.0)
    levels = np.arange(256, dtype=np.float32)
    lookup = np.empty((1, 256, 3), dtype=np.uint8)
    own = np.empty((1, 256, 3), dtype=np.uint8)
    for channel in range(3):
        target = float(colour[channel])
        gain = 1.0 + contrast * (levels - grey) / max(grey, 60.0)
        lookup[0, :, channel] = np.clip(target * gain + (10.0 if target < 30 else 0.0) * (gain - 1.0), 0, 255)
        own[0, :, channel] = np.clip(target + contrast * (levels - mean[channel]), 0, 255)
    shading = cv2.cvtColor(cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    dyed = cv2.LUT(shading, lookup)
    if keep > 0.02:
        dyed = cv2.addWeighted(dyed, 1.0 - keep, cv2.LUT(np.ascontiguousarray(rgb), own), keep, 0.0)
    return np.dstack([dyed, picture[..., 3]]) if picture.shape[2] == 4 else dyed


def smooth_noise(rng: np.random.Generator, height: int, width: int, cells: int) -> Float32:
    """Smooth noise (height, width) in about -2..2 with `cells` bumps along the longer side."""
    longer = max(height, width)
    shape = (max(2, round(cells * height / longer)), max(2, round(cells * width / longer)))
    coarse = rng.standard_normal(shape).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def read_picture(path: str) -> UInt8:
    """An sRGB picture (h, w, 3), or (h, w, 4) with transparency."""
    picture = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    if picture.ndim == 2:
        return cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
    return cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA if picture.shape[2] == 4 else cv2.COLOR_BGR2RGB)
