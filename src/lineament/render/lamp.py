"""Places the sun's shadow map: an orthographic view along its rays, over the seen part of the people."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import warp as wp

from lineament.anatomy import BACKGROUND
from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.render.light import Light
from lineament.render.structs import Coefficients, Lamp
from lineament.types import Float64

_MARGIN: Final = 6
_BOUND_SAMPLES: Final = 2048
_BEYOND_PICTURE: Final = 0.2
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
        people = [s for s in drawn if (s.parts != BACKGROUND).any()] or drawn
        samples = np.concatenate([s.vertices[:: max(1, len(s.vertices) // _BOUND_SAMPLES)] for s in people])
        points = samples[np.isfinite(samples).all(axis=1)].astype(np.float64)
        if len(points):
            _place(lamp, _seen(points, camera), light.sun_direction.astype(np.float64), size)
    return lamp


def _place(lamp: Lamp, points: Float64, sun: Float64, size: int) -> None:
    axes = _axes_along(-sun)
    placed = points @ axes.T
    low, high = placed.min(axis=0), placed.max(axis=0)
    texel = max(float((high - low)[:2].max()), 1e-3) / (size - 2 * _MARGIN)
    lamp.frame = wp.mat33((axes / np.array([[texel], [texel], [1.0]])).astype(np.float32))
    lamp.origin = wp.vec3(*(axes.T @ (low - _MARGIN * texel)))
    lamp.size, lamp.offset = size, _OFFSET_TEXELS * texel


def _seen(points: Float64, camera: Camera) -> Float64:
    """Those points that fall into the picture or close to it; all when hardly any does."""
    pixels, depth = camera.project(points)
    extent = np.array([camera.width, camera.height])
    inside = np.abs(pixels / extent - 0.5) < 0.5 + _BEYOND_PICTURE
    seen = points[(depth > 0) & inside.all(axis=1)]
    return seen if len(seen) > 50 else points


def _axes_along(forward: Float64) -> Float64:
    """Right-handed axes (3, 3) in rows, the third along `forward`."""
    helper = np.eye(3)[np.argmin(np.abs(forward))]
    right = np.cross(helper, forward)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(forward, right), forward])
