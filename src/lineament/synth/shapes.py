"""Flat shapes that clutter a scene or hide it."""

import cv2
import numpy as np

from lineament.synth.texture import colour, textured
from lineament.types import Float32, UInt8


def cover(rng: np.random.Generator, picture: Float32, mask: UInt8, textured_share: float) -> None:
    """Paint over `picture` (H, W, 3) in place where `mask` (H, W) is set, partly where it is between 0 and
    255.

    A texture is used with probability `textured_share`, else one colour.
    """
    x, y, width, height = cv2.boundingRect(mask)
    if width == 0:
        return
    patch = textured(rng, height, width) if rng.random() < textured_share else colour(rng)
    area = picture[y : y + height, x : x + width]
    area += (patch - area) * (mask[y : y + height, x : x + width].astype(np.float32)[..., None] / 255)


def shape_mask(rng: np.random.Generator, height: int, width: int, size: float) -> UInt8:
    """(height, width) uint8 mask of one random polygon, ellipse, box or bar about `size` pictures high."""
    mask = np.zeros((height, width), dtype=np.uint8)
    centre = rng.uniform((-0.1, -0.1), (1.1, 1.1)) * (width, height)
    kind = int(rng.integers(4))
    radius = size * height * rng.uniform(0.25, 0.6)
    if kind == 0:
        angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 9))))
        reach = radius * rng.uniform(0.5, 1.2, (len(angles), 1))
        corners = centre + reach * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        cv2.fillPoly(mask, [np.round(corners * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    elif kind == 1:
        axes = (max(1, int(radius)), max(1, int(radius * rng.uniform(0.3, 1))))
        cv2.ellipse(
            mask, tuple(map(int, centre)), axes, float(rng.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA
        )
    else:
        thin = 0.12 if kind == 2 else rng.uniform(0.4, 1.2)
        box = (
            tuple(map(float, centre)),
            (float(2 * radius), float(2 * radius * thin)),
            float(rng.normal(90, 25)),
        )
        cv2.fillPoly(mask, [np.round(cv2.boxPoints(box) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return mask
