"""Draw coloured points without a GPU or a mesh library: each pixel shows the nearest point that falls near
it.

The product draws scans and prototypes with it, to find their faces and to compare them with photographs; the
labelled renders that training needs come from the rasteriser of the workshop.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from lineament.geometry.camera import Camera
from lineament.types import Float32, Float64, Int32, UInt8

EMPTY = -1


@dataclass(frozen=True, slots=True, eq=False)
class Splat:
    """image: (H, W, 3) uint8 sRGB. index: (H, W) point drawn in each pixel, -1 for background. depth: (H, W)
    metres, infinite for background.
    """

    image: UInt8
    index: Int32
    depth: Float32


def splat(
    points: Float64,
    normals: Float64,
    colours: UInt8,
    camera: Camera,
    *,
    background: int = 128,
    shade: float = 0.35,
) -> Splat:
    """Draw points (N, 3) metres with unit normals (N, 3) and sRGB colours (N, 3).

    Points that face away are not drawn. shade: how much a light at the camera darkens slanted surfaces, 0..1.
    Holes up to two pixels wide are closed with the nearer of their neighbours; give enough points to cover
    the pixels.
    """
    pixels, depth = camera.project(points)
    facing = ((camera.centre - points) * normals).sum(axis=1)
    distance = np.linalg.norm(camera.centre - points, axis=1)
    cosine = facing / np.maximum(distance, 1e-9)
    column, row = np.floor(pixels).astype(np.int64).T
    inside = (column >= 0) & (column < camera.width) & (row >= 0) & (row < camera.height)
    kept = np.flatnonzero(inside & (depth > 1e-3) & (cosine > 0.02))
    index = np.full(camera.height * camera.width, EMPTY, dtype=np.int32)
    flat = row[kept] * camera.width + column[kept]
    far_first = np.argsort(-depth[kept], kind="stable")
    index[flat[far_first]] = kept[far_first]
    index = _close_holes(index.reshape(camera.height, camera.width), depth)
    drawn = index >= 0
    safe = np.maximum(index, 0)
    light = (1.0 - shade) + shade * np.clip(cosine[safe], 0.0, 1.0)
    image = np.where(drawn[..., None], colours[safe] * light[..., None], background)
    return Splat(
        image=np.clip(image, 0, 255).astype(np.uint8),
        index=index,
        depth=np.where(drawn, depth[safe], np.inf).astype(np.float32),
    )


def _close_holes(index: Int32, depth: Float64) -> Int32:
    """Fill background pixels that are surrounded by drawn ones; also covers points that show through gaps in
    front.
    """
    near = np.where(index >= 0, depth[np.maximum(index, 0)], np.inf).astype(np.float32)
    closed = cv2.morphologyEx((index >= 0).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)) > 0
    result = index.copy()
    for _ in range(2):
        best, source = near.copy(), result.copy()
        for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1)):
            shifted = _shift(near, dy, dx, np.float32(np.inf))
            # Replaced where it is empty, or where it shows something far behind its neighbour's surface.
            take = closed & (shifted < best - 0.04)
            best = np.where(take, shifted, best)
            source = np.where(take, _shift(result, dy, dx, np.int32(EMPTY)), source)
        near, result = best, source
    return result


def _shift(array: np.ndarray, dy: int, dx: int, fill: np.generic) -> np.ndarray:
    """`array` moved by (dy, dx), with `fill` at the border."""
    out = np.full_like(array, fill)
    height, width = array.shape
    out[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)] = array[
        max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)
    ]
    return out
