"""A person's outline moved to the nearest edges of the photograph.

The network tells person from background at every fourth pixel of a crop, and rounds gaps and corners off. A
guided filter (He, Sun and Tang, TPAMI 2013) makes the mask a linear function of the colours in each small
neighbourhood, so that it changes where the colours do; done twice, from wide to narrow.
"""

from typing import Final

import cv2
import numpy as np

from lineament.types import Bool, Float32, Float64, UInt8

RADII: Final = (10, 5)
"""Crop pixels. Chosen with the penalty on synthetic scenes of several people and of sports."""
PENALTY: Final = 1e-4
"""Of steep functions, in squares of colours between 0 and 1: steps below about 0.01 count as noise."""
_PAIRS: Final = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))


def outline_of_colours(crop: UInt8, mask: Bool) -> Float32:
    """(h, w, 4): weights of red, green and blue (0..1) and a constant, whose sum says at each place how
    likely a pixel of that colour belongs to `mask` (h, w); from about 0 to about 1, 0.5 at the outline.

    crop: (h, w, 3) sRGB, what the mask was found in.
    """
    colours = crop.astype(np.float64) / 255.0
    values = mask.astype(np.float64)
    for radius in RADII[:-1]:
        values = (told_by_colours(_linear(colours, values, radius), colours) >= 0.5).astype(np.float64)
    return _linear(colours, values, RADII[-1]).astype(np.float32)


def told_by_colours(linear: Float32 | Float64, colours: Float32 | Float64) -> Float64:
    """The sum of weights (..., 4) times colours (..., 3) between 0 and 1, with the constant."""
    return np.asarray(np.einsum("...c,...c->...", linear[..., :3], colours) + linear[..., 3])


def _linear(colours: Float64, values: Float64, radius: int) -> Float64:
    """The guided filter's averaged coefficients (h, w, 4); equations 14 to 16 of the paper."""
    mean, middle = _averaged(colours, radius), _averaged(values, radius)
    along = _averaged(colours * values[..., None], radius) - mean * middle[..., None]
    rr, gg, bb, rg, rb, gb = (
        _averaged(colours[..., i] * colours[..., j], radius)
        - mean[..., i] * mean[..., j]
        + (PENALTY if i == j else 0)
        for i, j in _PAIRS
    )
    adjugate = (
        (gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb),
        (gb * rb - rg * bb, rr * bb - rb * rb, rb * rg - rr * gb),
        (rg * gb - gg * rb, rb * rg - rr * gb, rr * gg - rg * rg),
    )
    determinant = rr * adjugate[0][0] + rg * adjugate[0][1] + rb * adjugate[0][2]
    slope = np.stack([sum(row[k] * along[..., k] for k in range(3)) / determinant for row in adjugate], -1)
    constant = middle - (slope * mean).sum(axis=-1)
    return _averaged(np.concatenate([slope, constant[..., None]], axis=-1), radius)


def _averaged(maps: Float64, radius: int) -> Float64:
    """Over squares of 2 `radius` + 1 pixels a side."""
    side = 2 * radius + 1
    return np.asarray(cv2.blur(maps, (side, side), borderType=cv2.BORDER_REFLECT))
