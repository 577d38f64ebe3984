"""Cloths of the wide variety: more patterns, and colours that suit what is made of them."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, Literal

import cv2
import numpy as np

from lineament.humans.wardrobe.cloth import Cloth, Pattern, sample_cloth
from lineament.humans.wardrobe.colours import cloth_colour, second_colour
from lineament.types import UInt8

Use = Literal["any", "plain", "formal", "sports", "work", "denim", "knit", "festive", "leather"]

_ANY: Final[Mapping[Pattern, float]] = MappingProxyType(
    {
        "plain": 0.42,
        "rings": 0.1,
        "lengthwise": 0.06,
        "checks": 0.04,
        "plaid": 0.07,
        "dots": 0.04,
        "blotches": 0.04,
        "gradient": 0.04,
        "blocks": 0.02,
        "zigzag": 0.02,
        "camouflage": 0.04,
        "floral": 0.05,
        "knit": 0.04,
        "bands": 0.02,
    }
)
_PATTERNS: Final[Mapping[Use, Mapping[Pattern, float]]] = MappingProxyType(
    {
        "any": _ANY,
        "plain": {"plain": 1.0},
        "formal": {"plain": 0.7, "lengthwise": 0.18, "plaid": 0.12},
        "sports": {"plain": 0.66, "gradient": 0.1, "rings": 0.06, "lengthwise": 0.06, "camouflage": 0.04,
                   "bands": 0.08},
        "work": {"plain": 0.84, "checks": 0.04, "camouflage": 0.12},
        "denim": {"knit": 1.0},
        "knit": {"knit": 0.5, "rings": 0.25, "zigzag": 0.15, "bands": 0.1},
        "festive": {"plain": 0.3, "floral": 0.3, "dots": 0.14, "rings": 0.08, "gradient": 0.08,
                    "plaid": 0.05, "blotches": 0.05},
        "leather": {"plain": 1.0},
    }
)  # fmt: skip
_FORMAL = (
    (20, 20, 23),
    (34, 36, 44),
    (28, 34, 56),
    (70, 72, 78),
    (96, 90, 84),
    (130, 120, 104),
    (60, 46, 38),
)
_LEATHER = ((22, 20, 20), (46, 32, 24), (84, 56, 36), (122, 84, 52), (150, 120, 90), (100, 26, 28))


def fabric(rng: np.random.Generator, use: Use = "any") -> Cloth:
    """A random cloth for a use."""
    cloth = sample_cloth(rng, _colour(rng, use))
    patterns = _PATTERNS[use]
    pattern = list(patterns)[int(rng.choice(len(patterns), p=np.array(list(patterns.values()))))]
    scale = {"camouflage": 2.0, "floral": 1.2, "gradient": 3.0, "bands": 2.2, "knit": 0.25}.get(pattern, 1.0)
    period = float(np.exp(rng.uniform(np.log(0.016), np.log(0.14)))) * scale
    angle = cloth.angle if pattern in ("checks", "plaid", "dots", "rings", "lengthwise") else 0.0
    cloth = replace(cloth, pattern=pattern, period=period, angle=angle)
    if pattern == "camouflage":
        base = cloth.colours[0].astype(np.float64)
        shades = np.stack([base, base * rng.uniform(0.4, 0.7), base * rng.uniform(1.2, 1.6) + 12])
        return replace(cloth, colours=np.clip(shades, 3, 250).astype(np.uint8))
    if use == "formal":
        shade = np.clip(cloth.colours[0] * 1.35 + 6.0, 0, 250).astype(np.uint8)
        return replace(cloth, colours=np.stack([cloth.colours[0], shade, shade]), share=0.1, weave=0.1)
    return cloth


def _colour(rng: np.random.Generator, use: Use) -> UInt8:
    if use == "sports" and rng.random() < 0.6:
        saturated = (rng.uniform(0, 180), rng.uniform(150, 255), rng.uniform(90, 250))
        return np.asarray(cv2.cvtColor(np.array([[saturated]], dtype=np.uint8), cv2.COLOR_HSV2RGB)[0, 0])
    if use in ("formal", "leather") and rng.random() < 0.85:
        palette = _FORMAL if use == "formal" else _LEATHER
        base = np.array(palette[int(rng.integers(len(palette)))]) * rng.uniform(0.8, 1.25)
        return np.clip(base + rng.normal(0, 4, 3), 3, 250).astype(np.uint8)
    if use == "denim":
        base = np.array((58, 78, 116)) * rng.uniform(0.35, 1.7) + rng.normal(0, 6, 3)
        return np.clip(base, 5, 240).astype(np.uint8)
    return cloth_colour(rng)


def trimming(rng: np.random.Generator, cloth: Cloth) -> Cloth:
    """A plain cloth to go with another: belts, ties, bands."""
    colour = second_colour(rng, cloth.colours[0])
    return replace(cloth, pattern="plain", colours=np.stack([colour] * 3), angle=0.0)
