"""Places the sun's shadow map: an orthographic view along its rays, over the seen part of the people."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import warp as wp

from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.render.light import Light
from lineament.render.structs import Coefficients, Lamp
from lineament.types import Float64

_MARGIN: Final = 6
_BOUND_SAMPLES: Final = 150
_BEYOND_PICTURE: Final = 0.2
_FEW: Final = 30
_OFFSET_TEXELS: Final = 1.5


def make_lamp(surfaces: Sequence[Surface], camera: Camera, light: Light, size: int) -> Lamp:
    """The light as kernels read it, with a shadow map of `size` texels (0: none).

    The map covers the seen part of all surfaces that have parts of a person, or of everything where none has.
    """
    lamp = Lamp()
    lamp.direction = wp.vec3(*light.sun_direction)
    lamp.colour = wp.vec3(*light.sun_colour)
    lamp.ambient = Coefficients(light.ambient.astype(np.float32))
    drawn = [s for s in surfaces if len(s.faces)]
    if size and drawn and light.sun_colour.any():
        # Class 0 is the background: parts of objects.
        people = [s for s in drawn if s.parts.any()] or drawn
        samples = np.concatenate([s.vertices[:: max(1, len(s.vertices) // _BOUND_SAMPLES)] for s in people])
        points = np.ascontiguousarray(samples.T, dtype=np.float64)
        points = points[:, np.isfinite(points.sum(axis=0))]
        if points.size:
            _place(lamp, _seen(points, camera), light.sun_direction.astype(np.float64), size)
    return lamp


def _place(lamp: Lamp, points: Float64, sun: Float64, size: int) -> None:
    """Fit the map round points (3, N)."""
    axes = _axes_along(-sun)
    placed = axes @ points
    low, high = placed.min(axis=1), placed.max(axis=1)
    texel = max(float((high - low)[:2].max()), 1e-3) / (size - 2 * _MARGIN)
    lamp.frame = wp.mat33((axes / np.array([[texel], [texel], [1.0]])).astype(np.float32))
    lamp.origin = wp.vec3(*(axes.T @ (low - _MARGIN * texel)))
    lamp.size, lamp.offset = size, _OFFSET_TEXELS * texel


def _seen(points: Float64, camera: Camera) -> Float64:
    """Those of points (3, N) that fall into the picture or close to it; all when hardly any does."""
    x, y, depth = camera.R @ points + camera.t[:, None]
    reach = (0.5 + _BEYOND_PICTURE) * depth
    seen = np.abs(x * camera.K[0, 0] + (camera.K[0, 2] - camera.width / 2) * depth) < reach * camera.width
    seen &= np.abs(y * camera.K[1, 1] + (camera.K[1, 2] - camera.height / 2) * depth) < reach * camera.height
    return points[:, seen] if seen.sum() > _FEW else points


def _axes_along(forward: Float64) -> Float64:
    """Right-handed axes (3, 3) in rows, the third along `forward`."""
    x, y, z = forward
    # Any direction that is not along `forward` fixes the turn about it.
    right = np.array([z, 0.0, -x]) if abs(y) < 0.9 else np.array([-y, x, 0.0])
    rx, ry, rz = right / np.linalg.norm(right)
    return np.array([[rx, ry, rz], [y * rz - z * ry, z * rx - x * rz, x * ry - y * rx], [x, y, z]])
