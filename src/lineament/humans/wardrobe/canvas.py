"""Textures that know where they are: for every texel of a mesh's texture, its place on the body."""

from functools import cached_property

import cv2
import numpy as np

from lineament.humans.wardrobe.facts import Fields
from lineament.types import Bool, Float32, Int32, UInt8

_SHIFT = 6


def raster_triangles(uv: Float32, height: int, width: int) -> tuple[Int32, Float32]:
    """Triangle (h, w) covering each texel (-1 none) and barycentric coordinates (h, w, 3) of texel centres.

    uv: (F, 3, 2), v upwards. Texels that no triangle covers get the nearest covered texel's, so that
    filtering across the border of an island never meets another colour.
    """
    corners = uv.astype(np.float64) * (width, -height) + (0.0, height)
    covering = np.full((height, width), -1, dtype=np.float32)
    fixed = np.round((corners - 0.5) * (1 << _SHIFT)).astype(np.int32)
    for index, polygon in enumerate(fixed):
        cv2.fillConvexPoly(covering, polygon, float(index), lineType=cv2.LINE_8, shift=_SHIFT)
    empty = (covering < 0).astype(np.uint8)
    _, labels = cv2.distanceTransformWithLabels(empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    rows, columns = np.nonzero(empty == 0)
    lookup = np.zeros(labels.max() + 1, dtype=np.int64)
    lookup[labels[rows, columns]] = rows * width + columns
    source = lookup[labels]
    triangle = covering.ravel()[source].astype(np.int32)
    centres = np.stack([source % width + 0.5, source // width + 0.5], axis=-1)
    return triangle, _barycentric(corners, triangle, centres)


def _barycentric(corners: Float32, triangle: Int32, points: Float32) -> Float32:
    a, b, c = (corners[triangle, k] for k in range(3))
    p, q, r = b - a, c - a, points - a
    area = p[..., 0] * q[..., 1] - p[..., 1] * q[..., 0]
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    u = (r[..., 0] * q[..., 1] - r[..., 1] * q[..., 0]) / area
    v = (p[..., 0] * r[..., 1] - p[..., 1] * r[..., 0]) / area
    found = np.clip(np.stack([1.0 - u - v, u, v], axis=-1), 0.0, 1.0)
    return (found / np.maximum(found.sum(axis=-1, keepdims=True), 1e-9)).astype(np.float32)


class Canvas:
    """The texture space of one mesh. faces: (F, 3) into `fields`; uv: (F, 3, 2); texture height and width
    in texels.
    """

    def __init__(self, faces: Int32, uv: Float32, fields: Fields, height: int, width: int) -> None:
        self.height, self.width = height, width
        self._faces, self._fields = faces, fields
        self._triangle, self._barycentric = raster_triangles(uv, height, width)

    @cached_property
    def texels(self) -> Fields:
        """Fields of every texel, flattened (height * width,)."""
        columns = self._fields.stacked()[self._faces[self._triangle.ravel()]]
        return Fields.unstacked(np.einsum("tkc,tk->tc", columns, self._barycentric.reshape(-1, 3)))

    def spread(self, values: Float32) -> Float32:
        """Per-vertex `values` (V,) or (V, C) on every texel, (h, w) or (h, w, C)."""
        flat = values if values.ndim == 2 else values[:, None]
        corners = flat[self._faces[self._triangle.ravel()]]
        spread = np.einsum("tkc,tk->tc", corners, self._barycentric.reshape(-1, 3))
        return spread.reshape(self.height, self.width, *values.shape[1:])

    def picture(self, texels: UInt8) -> UInt8:
        """Flattened texels (h * w, C) as a texture (h, w, C)."""
        return texels.reshape(self.height, self.width, -1)

    def select(self, chosen: Bool) -> Int32:
        """Indices of the chosen texels."""
        return np.flatnonzero(chosen).astype(np.int32)


def pack_islands(uv: Float32, second: Bool, split: float) -> tuple[Float32, tuple[Float32, Float32]]:
    """Give the faces in `second` the texture's right side, beyond `split`, and all others its left side.

    Returns the new uv and, per side, the (2, 3) affine map from old uv to new.
    """
    moved = uv.copy()
    maps = []
    for chosen, left, right in ((~second, 0.0, split), (second, split, 1.0)):
        low, high = uv[chosen].min((0, 1)), uv[chosen].max((0, 1))
        margin = 0.004
        span = np.array([right - left, 1.0]) - 2 * margin
        scale = span / (high - low)
        shift = np.array([left + margin, margin]) - low * scale
        moved[chosen] = uv[chosen] * scale + shift
        maps.append(np.array([[scale[0], 0.0, shift[0]], [0.0, scale[1], shift[1]]], dtype=np.float32))
    return moved, (maps[0], maps[1])


def repack_picture(
    picture: UInt8, maps: tuple[Float32, Float32], split: float, height: int, width: int
) -> UInt8:
    """A picture drawn for the old uv, resampled for `pack_islands`' new uv: (height, width, C)."""
    h, w = picture.shape[:2]
    border = round(split * width)
    sides = []
    for affine, start, stop in ((maps[0], 0, border), (maps[1], border, width)):
        scale, shift = affine[:, :2].diagonal(), affine[:, 2]
        u = ((np.arange(start, stop) + 0.5) / width - shift[0]) / scale[0]
        v = (1.0 - (np.arange(height) + 0.5) / height - shift[1]) / scale[1]
        grid_x, grid_y = np.meshgrid(u * w - 0.5, (1.0 - v) * h - 0.5)
        blurred = (
            cv2.GaussianBlur(picture, (0, 0), max(0.3, 0.4 * w / (width * scale[0])))
            if scale[0] < 0.9
            else picture
        )
        sides.append(
            cv2.remap(blurred, grid_x.astype(np.float32), grid_y.astype(np.float32), cv2.INTER_LINEAR)
        )
    return np.concatenate(sides, axis=1)
