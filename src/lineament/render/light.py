"""Light on a scene: ambient light in nine spherical harmonics and one sun, by hand or from a panorama."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lineament.types import Float32, Float64

# Cosine-lobe factors of bands 0, 1, 2 over pi: Ramamoorthi & Hanrahan 2001, eq. 8.
_LOBE = np.array([1.0, *[2 / 3] * 3, *[1 / 4] * 5])
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_SUN_RADIUS = np.radians(6.0)
_SUN_RATIO = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """Ambient light and one sun, in units in which a white matt surface shows the light's own value.

    sun_direction: (3,) unit, world, towards the sun. sun_colour: (3,) linear, irradiance on a surface that
    faces the sun, over pi. ambient: (9, 3) linear, spherical harmonics of the irradiance over pi as a
    function of the normal, order (0,0) (1,-1) (1,0) (1,1) (2,-2) ... (2,2).
    """

    sun_direction: Float32
    sun_colour: Float32
    ambient: Float32

    def __post_init__(self) -> None:
        if self.sun_direction.shape != (3,) or self.sun_colour.shape != (3,) or self.ambient.shape != (9, 3):
            raise ValueError("a light needs sun_direction (3,), sun_colour (3,) and ambient (9, 3)")
        if abs(float(np.linalg.norm(self.sun_direction)) - 1.0) > 1e-3:
            raise ValueError("sun_direction must have unit length")

    @classmethod
    def studio(
        cls, *, ambient: float = 0.45, sun: float = 0.6, direction: ArrayLike = (-0.4, -0.7, 0.6)
    ) -> "Light":
        """White light from everywhere, a little stronger from above, and a white sun from `direction`."""
        coefficients = np.zeros((9, 3), dtype=np.float32)
        coefficients[0] = ambient / 0.282095
        coefficients[2] = 0.3 * ambient / 0.488603
        towards = np.asarray(direction, dtype=np.float32)
        return cls(towards / np.linalg.norm(towards), np.full(3, sun, dtype=np.float32), coefficients)

    @classmethod
    def from_panorama(
        cls, panorama: Float32, *, rotation: float = 0.0, level: float | None = 0.8, sun_limit: float = 4.0
    ) -> "Light":
        """The light of an equirectangular picture (H, W, 3), linear, top row up, middle column towards +y.

        rotation: radians by which the panorama is turned, clockwise seen from above. The brightest spot
        becomes the sun where it stands out, and is taken out of the ambient light, so that no huge value
        rings in the harmonics. sun_limit: most that the sun may give, as a multiple of the ambient light.
        level: linear value that a white ball shows on average after scaling; None keeps the picture's own
        units.
        """
        if panorama.ndim != 3 or panorama.shape[2] != 3:
            raise ValueError("a panorama must be (H, W, 3)")
        small = _shrink(np.nan_to_num(np.asarray(panorama, dtype=np.float64), posinf=6e4, neginf=0.0))
        directions, solid_angles = _sphere(*small.shape[:2], rotation)
        direction, sun, rest = _split_sun(small, directions, solid_angles)
        weighted = rest * solid_angles[..., None]
        ambient = np.einsum("hwk,hwc->kc", harmonics(directions), weighted) * _LOBE[:, None]
        mean = max(float(ambient[0] @ _LUMINANCE) * 0.282095, 1e-6)
        sun *= min(1.0, sun_limit * mean / max(float(sun @ _LUMINANCE), 1e-9))
        # Over all normals a sun of strength s gives s / 4.
        scale = 1.0 if level is None else level / (mean + float(sun @ _LUMINANCE) / 4)
        return cls(*(np.asarray(v, dtype=np.float32) for v in (direction, sun * scale, ambient * scale)))


def harmonics(n: Float64) -> Float64:
    """Real spherical harmonics of bands 0..2 at unit directions (..., 3): (..., 9)."""
    x, y, z = np.moveaxis(n, -1, 0)
    return np.stack(
        [
            np.full_like(x, 0.282095),
            0.488603 * y,
            0.488603 * z,
            0.488603 * x,
            1.092548 * x * y,
            1.092548 * y * z,
            0.315392 * (3 * z * z - 1),
            1.092548 * x * z,
            0.546274 * (x * x - y * y),
        ],
        axis=-1,
    )


def _shrink(panorama: Float64) -> Float64:
    """Block means down to at most 128 x 256, which keep the energy."""
    height, width = panorama.shape[:2]
    step = max(1, height // 128)
    height, width = height // step * step, width // step * step
    blocks = panorama[:height, :width].reshape(height // step, step, width // step, step, 3)
    return np.asarray(blocks.mean((1, 3)).clip(0.0))


def _sphere(height: int, width: int, rotation: float) -> tuple[Float64, Float64]:
    """Directions (H, W, 3) of a panorama's pixels in the world, and their solid angles (H, W)."""
    elevation = np.pi * (0.5 - (np.arange(height) + 0.5) / height)
    azimuth = 2 * np.pi * ((np.arange(width) + 0.5) / width - 0.5) + rotation
    ce, se = np.cos(elevation)[:, None], np.sin(elevation)[:, None]
    directions = np.stack(np.broadcast_arrays(ce * np.sin(azimuth), ce * np.cos(azimuth), se), axis=-1)
    solid_angles = np.broadcast_to(ce * (np.pi / height) * (2 * np.pi / width), (height, width))
    return directions, solid_angles


def _split_sun(
    panorama: Float64, directions: Float64, solid_angles: Float64
) -> tuple[Float64, Float64, Float64]:
    """Direction and irradiance over pi of the sun, and the panorama without it."""
    luminance = panorama @ _LUMINANCE
    peak = directions[np.unravel_index(np.argmax(luminance), luminance.shape)]
    near = directions @ peak > np.cos(_SUN_RADIUS)
    ceiling = _SUN_RATIO * float(np.average(luminance, weights=solid_angles * ~near)) + 1e-9
    excess = np.where(near, np.maximum(1.0 - ceiling / np.maximum(luminance, 1e-9), 0.0), 0.0)
    glare = panorama * (excess * solid_angles)[..., None]
    pull = (directions * (glare @ _LUMINANCE)[..., None]).sum((0, 1))
    direction = pull / np.linalg.norm(pull) if np.linalg.norm(pull) > 0 else peak
    rest = panorama * (1.0 - excess)[..., None]
    brightness = np.maximum(rest @ _LUMINANCE, 1e-9)
    rest *= np.minimum(1.0, 2 * ceiling / brightness)[..., None]
    return direction, np.asarray(glare.sum((0, 1)) / np.pi), rest
