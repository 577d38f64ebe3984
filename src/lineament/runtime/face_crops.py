"""Aligned crops: similarity transforms from matching points; resampling without aliasing, black outside."""

from typing import Final

import cv2
import numpy as np

from lineament.types import Float32, Float64, UInt8

CROP_SIZE: Final = 112
FIVE_POINTS: Final = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""Right eye, left eye, nose tip, right and left mouth corner of a frontal face, pixels (ArcFace's)."""

_HALF: Final = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])


def similarity(source: Float64, target: Float64, weights: Float64 | None = None) -> Float64:
    """The (2, 3) similarity taking `source` (N, 2) to `target` (N, 2) by least squares (Umeyama 1991)."""
    weight = np.ones(len(source)) if weights is None else np.asarray(weights, dtype=np.float64)
    weight = weight[:, None] / weight.sum()
    centre, goal = (weight * source).sum(0), (weight * target).sum(0)
    a, b = (source - centre).T, (target - goal).T
    w = weight[:, 0]
    spread = float((w * (a * a).sum(0)).sum())
    if spread < 1e-12:
        raise ValueError("the points of a similarity must not coincide")
    real = float((w * (a[0] * b[0] + a[1] * b[1])).sum()) / spread
    imaginary = float((w * (a[0] * b[1] - a[1] * b[0])).sum()) / spread
    linear = np.array([[real, -imaginary], [imaginary, real]])
    return np.column_stack([linear, goal - linear @ centre])


def invert(matrix: Float64) -> Float64:
    """The inverse of a (2, 3) affine transform."""
    inverse = np.linalg.inv(matrix[:, :2])
    return np.column_stack([inverse, -inverse @ matrix[:, 2]])


def apply(matrix: Float64, points: Float64 | Float32) -> Float64:
    """Points (N, 2) through a (2, 3) affine transform."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


def warp(image: UInt8, matrix: Float64, size: int = CROP_SIZE) -> UInt8:
    """The square crop of `size` pixels that `matrix` (photograph to crop, pixel centres at +0.5) cuts out.

    Outside the photograph it is black: a reflected border puts a second face beside a tightly cut one. Strong
    reduction goes through area averages first.
    """
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    homogeneous = np.vstack([matrix, [0.0, 0.0, 1.0]])
    if scale < 0.5:
        image, homogeneous = _reduced(image, homogeneous, size, scale)
    raw = np.linalg.inv(_HALF) @ homogeneous @ _HALF
    return np.asarray(
        cv2.warpAffine(image, raw[:2], (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT),
        dtype=np.uint8,
    )


def _reduced(image: UInt8, matrix: Float64, size: int, scale: float) -> tuple[UInt8, Float64]:
    """Cut the needed rectangle out of `image` and average it down to about the crop's scale."""
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]], dtype=np.float64)
    there = apply(invert(matrix[:2]), corners)
    height, width = image.shape[:2]
    x0, y0 = np.clip(np.floor(there.min(0)) - 2 / scale, 0, (width - 1, height - 1)).astype(int)
    x1, y1 = np.clip(np.ceil(there.max(0)) + 2 / scale, (x0 + 1, y0 + 1), (width, height)).astype(int)
    part = image[y0:y1, x0:x1]
    small = (max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale)))
    reduced = cv2.resize(part, small, interpolation=cv2.INTER_AREA)
    back = np.array(
        [[(x1 - x0) / small[0], 0.0, x0], [0.0, (y1 - y0) / small[1], y0], [0.0, 0.0, 1.0]], dtype=np.float64
    )
    return np.asarray(reduced, dtype=np.uint8), matrix @ back
