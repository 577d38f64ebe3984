"""Which given points of the world a rendered picture shows."""

from typing import Final

import numpy as np

from lineament.geometry.camera import Camera
from lineament.render.frame import Frame
from lineament.types import Bool, Float32, Float64

_STEEPEST: Final = 4.0
"""Most that a surface's depth is taken to change over a pixel, in widths of the pixel."""


def visible_points(frame: Frame, camera: Camera, points: Float32 | Float64, tolerance: float = 0.01) -> Bool:
    """Whether each of `points` (N, 3), metres in the world, is seen: (N,).

    A point is seen where it lies in the picture, before the camera, and at most `tolerance` metres of depth
    behind what the pixel that it falls into shows; the tangent plane of that surface carries its depth from
    the pixel's centre to the point. Where nothing is drawn nothing hides a point. Give thickness of clothes
    in `tolerance` to look through them. Raises ValueError for points of another shape.
    """
    if points.ndim != 2 or points.shape[1] != 3:
        raise ValueError(f"points must be (N, 3), not {points.shape}")
    height, width = frame.triangle.shape
    local = np.asarray(points, dtype=np.float32) @ camera.R.T.astype(np.float32) + camera.t.astype(np.float32)
    depth = local[:, 2]
    ahead = depth > 1e-6
    focal = np.array([camera.K[0, 0], camera.K[1, 1]], dtype=np.float32)
    principal = camera.K[:2, 2].astype(np.float32)
    ray = np.divide(local[:, :2], depth[:, None], out=np.full_like(local[:, :2], 1e6), where=ahead[:, None])
    place = np.clip(ray * focal + principal, -1.0, max(height, width) + 1.0)
    inside = ahead & ((place >= 0.0) & (place < (width, height))).all(axis=1)
    column, row = np.where(inside[:, None], place, 0.0).astype(np.int32).T
    pixel = row * width + column
    shown = frame.depth.reshape(-1)[pixel]
    normal = frame.normal.reshape(-1, 3)[pixel] @ camera.R.T.astype(np.float32)
    centre = (np.stack([column, row], axis=1) + np.float32(0.5) - principal) / focal
    # The plane z n . (ray, 1) = constant: its depth along the ray of the point, as a step from the centre's.
    at_centre = (normal[:, :2] * centre).sum(axis=1) + normal[:, 2]
    at_point = (normal[:, :2] * ray).sum(axis=1) + normal[:, 2]
    share = np.divide(at_centre, at_point, out=np.ones_like(at_point), where=np.abs(at_point) > 1e-3)
    most = _STEEPEST / float(focal.min())
    surface = shown * np.clip(share, 1.0 - most, 1.0 + most)
    hidden = (frame.triangle.reshape(-1)[pixel] >= 0) & (depth > surface + np.float32(tolerance))
    return np.asarray(inside & ~hidden)
