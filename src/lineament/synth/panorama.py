"""Panoramas as light and as scenery.

Columns run clockwise seen from above, the middle one towards +y, rows from straight up to straight down, as
in `Light.from_panorama`.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from lineament.assets import find_folder
from lineament.geometry.camera import Camera
from lineament.render.light import Light
from lineament.types import Float32

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
CLIP = 12.0
"""Radiance above this many times the ordinary is cut off where the panorama is looked at."""
SUN_LIMIT = 2.5
PROCEDURAL = 12


@dataclass(frozen=True, slots=True, eq=False)
class Panorama:
    """A surround: radiance (h, w, 3) linear, clipped, of mean 1, and the light it gives unturned."""

    name: str
    radiance: Float32
    light: Light

    def turned_light(self, angle: float) -> Light:
        """Its light when the panorama is turned about the vertical by `angle` radians, counter-clockwise."""
        c, s = np.cos(angle), np.sin(angle)
        x, y, z = self.light.sun_direction
        direction = np.array([c * x - s * y, s * x + c * y, z], dtype=np.float32)
        return Light(direction, self.light.sun_colour, turned(self.light.ambient, angle))

    def see(self, turn: float, camera: Camera, widen: float = 1.0) -> Float32:
        """The turned panorama as `camera` sees it (H, W, 3); `widen` lets it see that much farther to each
        side.
        """
        rows, columns = self.radiance.shape[:2]
        # Half the resolution: the panoramas have fewer pixels a radian than the picture.
        width, height = (camera.width + 1) // 2, (camera.height + 1) // 2
        x = (np.arange(width) * 2 + 1 - camera.K[0, 2]) * (widen / camera.K[0, 0])
        y = (np.arange(height) * 2 + 1 - camera.K[1, 2]) * (widen / camera.K[1, 1])
        right, down, forward = camera.R.astype(np.float32)
        ray = (
            x.astype(np.float32)[None, :, None] * right + y.astype(np.float32)[:, None, None] * down + forward
        )
        clockwise = np.arctan2(ray[..., 0], ray[..., 1]) + np.float32(turn)
        elevation = np.arctan2(ray[..., 2], np.hypot(ray[..., 0], ray[..., 1]))
        share = clockwise * np.float32(0.5 / np.pi) + np.float32(0.5)
        u = (share - np.floor(share)) * columns - np.float32(0.5)
        v = (0.5 - elevation / np.float32(np.pi)) * rows - 0.5
        seen = cv2.remap(self.radiance, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        return cv2.resize(seen, (camera.width, camera.height), interpolation=cv2.INTER_LINEAR)


def turned(ambient: Float32, angle: float) -> Float32:
    """Harmonics (9, 3) of the same light turned about the vertical by `angle` radians, counter-clockwise."""
    result = ambient.copy()
    for cosine, sine, times in ((3, 1, 1), (7, 5, 1), (8, 4, 2)):
        c, s = np.float32(np.cos(times * angle)), np.float32(np.sin(times * angle))
        result[cosine] = c * ambient[cosine] - s * ambient[sine]
        result[sine] = s * ambient[cosine] + c * ambient[sine]
    return result


def from_radiance(name: str, radiance: Float32) -> Panorama:
    """A panorama of a linear equirectangular picture (h, w, 3) in any unit."""
    radiance = np.nan_to_num(np.maximum(radiance, 0.0), posinf=1e4).astype(np.float32)
    # Some suns are saturated in one channel alone and would turn the whole scene blue.
    radiance = np.minimum(radiance, 3 * np.median(radiance, axis=-1, keepdims=True) + 1e-3)
    luminance = radiance @ LUMINANCE
    # The median fails for rooms that are black but for their windows: the mean of the lower nine tenths.
    ordinary = float(luminance[luminance <= np.quantile(luminance, 0.9)].mean()) + 1e-6
    seen = radiance * np.minimum(1.0, CLIP * ordinary / np.maximum(luminance, 1e-9))[..., None]
    weight = np.sin((np.arange(len(seen)) + 0.5) * np.pi / len(seen))
    seen /= np.average(seen.mean(axis=(1, 2)), weights=weight)
    return Panorama(
        name, seen.astype(np.float32), Light.from_panorama(radiance, level=1.0, sun_limit=SUN_LIMIT)
    )


def _read(path: Path) -> Float32:
    import OpenEXR

    channels = OpenEXR.File(str(path)).channels()
    if "RGB" in channels:
        return np.asarray(channels["RGB"].pixels, dtype=np.float32)
    return np.stack([np.asarray(channels[name].pixels, dtype=np.float32) for name in "RGB"], axis=-1)


def _procedural(index: int) -> Panorama:
    """A plain sky over plain ground with a sun, for use without assets; different for each index."""
    rng = np.random.default_rng(index)
    polar = ((np.arange(64) + 0.5) * np.pi / 64)[:, None]
    clockwise = ((np.arange(128) + 0.5) * 2 * np.pi / 128 - np.pi)[None]
    up = np.broadcast_to(np.cos(polar), (64, 128))[..., None]
    sky = rng.uniform(0.5, 1.0, 3) * (0.6, 0.8, 1.0)
    radiance = np.where(up > 0, sky * (0.6 + 0.4 * up), rng.uniform(0.1, 0.4, 3))
    radiance = radiance + np.exp(-np.abs(up) * 6) * rng.uniform(0.1, 0.6)
    height, side = rng.uniform(0.1, 1.3), rng.uniform(-np.pi, np.pi)
    facing = np.cos(polar) * np.sin(height) + np.sin(polar) * np.cos(height) * np.cos(clockwise - side)
    radiance = radiance + rng.uniform(0, 300) * (facing > 0.995)[..., None] * (1.0, 0.9, 0.75)
    radiance = radiance + 0.15 * cv2.resize(rng.random((8, 16, 3)), (128, 64), interpolation=cv2.INTER_LINEAR)
    return from_radiance(f"procedural-{index}", radiance.astype(np.float32))


@cache
def panoramas() -> tuple[Panorama, ...]:
    """All panoramas of the "hdri-cc0" assets by name, or PROCEDURAL plain skies without them."""
    folder = find_folder("hdri-cc0")
    paths = sorted(folder.rglob("*.exr")) if folder is not None else []
    if not paths:
        return tuple(_procedural(index) for index in range(PROCEDURAL))
    return tuple(from_radiance(f"{path.parent.name}/{path.stem}", _read(path)) for path in paths)
