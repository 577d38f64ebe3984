"""Lines of the face at honest sizes: wrinkles that come with age and expression, folds, scars."""

from functools import lru_cache

import numpy as np

from lineament.humans.wardrobe.skin_places import FaceMap, face_map
from lineament.types import Float32, Int32

_ZONES = {
    "forehead": ((0, 60), (20, 68)),
    "frown": ((0, 16), (4, 36)),
    "corner": ((40, 68), (-26, 18)),
    "bag": ((8, 50), (-32, -4)),
    "fold": ((10, 52), (-104, -28)),
    "mouth": ((0, 34), (-92, -50)),
}
"""|x| and z in millimetres from the middle of the eyes."""


@lru_cache(maxsize=1)
def _zones() -> dict[str, tuple[Int32, Float32, Float32]]:
    """Of each zone the texels' flat indices in the face's block, and their x and z in millimetres."""
    face = face_map()
    found = {}
    for name, (across, up) in _ZONES.items():
        index = face.zone(across, up)
        found[name] = index, face.x.ravel()[index], face.z.ravel()[index]
    return found


def _groove(offset: Float32, width: float) -> Float32:
    """A dark line with a lighter edge above it; `offset` and `width` in millimetres."""
    d = offset / np.float32(width)
    return np.exp(-d * d) - np.float32(0.35) * np.exp(-((d - np.float32(1.9)) ** 2))


def draw_lines(rng: np.random.Generator, depth: Float32, age: float, strength: float) -> None:
    """Add a face's lines to `depth` (h, w) of the face's block, 1 for a deep wrinkle. age: years."""
    grown = float(np.clip((age - 26.0) / 50.0, 0.0, 1.1)) ** 1.2 * strength
    _forehead(rng, depth, grown * float(rng.uniform(0.4, 1.3)) + 0.05)
    _frown(rng, depth, grown * float(rng.uniform(0.1, 1.2)) + 0.02)
    _corners(rng, depth, grown * float(rng.uniform(0.5, 1.3)))
    _bags(rng, depth, grown * float(rng.uniform(0.3, 1.2)) + 0.10)
    _folds(rng, depth, 0.22 + grown * float(rng.uniform(0.5, 1.1)))
    _mouth(rng, depth, max(grown - 0.45, 0.0) * float(rng.uniform(0.3, 1.1)))


def _add(depth: Float32, zone: str, values: Float32) -> None:
    depth.ravel()[_zones()[zone][0]] += values


def _forehead(rng: np.random.Generator, depth: Float32, strength: float) -> None:
    _, x, z = _zones()["forehead"]
    count = int(rng.integers(2, 6))
    spacing, lowest = rng.uniform(7.0, 10.5), rng.uniform(28.0, 36.0)
    total = np.zeros_like(x)
    for line in range(count):
        bend, phase = rng.normal(0.0, 2.2), rng.uniform(0, 6.3)
        level = lowest + line * spacing + rng.normal(0, 1.0) + 2.5 * np.cos(x / rng.uniform(20, 32) + bend)
        reach = np.clip((rng.uniform(30, 54) - np.abs(x - rng.normal(0, 8))) / 14.0, 0, 1)
        broken = np.clip(0.75 + 0.6 * np.sin(x / rng.uniform(7, 13) + phase), 0.1, 1)
        total += _groove(z - level, rng.uniform(0.9, 1.5)) * reach * broken * rng.uniform(0.5, 1.0)
    _add(depth, "forehead", (strength * total).astype(np.float32))


def _frown(rng: np.random.Generator, depth: Float32, strength: float) -> None:
    _, x, z = _zones()["frown"]
    total = np.zeros_like(x)
    for side in (-1.0, 1.0):
        place = side * rng.uniform(4.0, 9.0) + side * 0.08 * (z - 15)
        along = np.clip((rng.uniform(7, 13) - np.abs(z - 18)) / 6.0, 0, 1)
        total += _groove(side * (x - place), 1.2) * along * rng.uniform(0.3, 1.0)
    _add(depth, "frown", (strength * total).astype(np.float32))


def _corners(rng: np.random.Generator, depth: Float32, strength: float) -> None:
    """Crow's feet: lines that spread outwards from the outer corners of the eyes."""
    _, x, z = _zones()["corner"]
    total = np.zeros_like(x)
    for side in (-1.0, 1.0):
        out = side * x - 42.0
        for slope in (0.45, 0.12, -0.2, -0.55)[: int(rng.integers(2, 5))]:
            level = -2.0 + (slope + rng.normal(0, 0.06)) * out + 0.006 * rng.normal(0, 1) * out * out
            along = np.clip((out - 1.0) / 3.0, 0, 1) * np.clip((rng.uniform(10, 22) - out) / 8.0, 0, 1)
            total += np.where(side * x > 0, _groove(z - level, 0.9) * along, 0.0) * rng.uniform(0.4, 1.0)
    _add(depth, "corner", (strength * total).astype(np.float32))


def _bags(rng: np.random.Generator, depth: Float32, strength: float) -> None:
    _, x, z = _zones()["bag"]
    across = (np.abs(x) - 29.0) / 20.0
    low = -rng.uniform(14.0, 19.0) + 7.0 * across**2
    line = _groove(z - low, rng.uniform(1.4, 2.4)) * np.clip(1.3 - across**2, 0, 1)
    fine = _groove(z - 0.62 * low, 0.8) * np.clip(1.0 - across**2, 0, 1) * rng.uniform(0, 0.6)
    _add(depth, "bag", (strength * (line + fine)).astype(np.float32))


def _folds(rng: np.random.Generator, depth: Float32, strength: float) -> None:
    """From the wings of the nose past the mouth's corners, with age on towards the jaw."""
    _, x, z = _zones()["fold"]
    total = np.zeros_like(x)
    for side in (-1.0, 1.0):
        out = side * x
        place = np.interp(z, (-100, -86, -70, -52, -40, -30), (31, 33, 32, 25, 18.5, 15)) + rng.normal(0, 1.2)
        along = np.clip((z + rng.uniform(66, 80)) / 12.0, 0, 1) * np.clip((-32 - z) / 6.0, 0, 1)
        low = np.clip((-76.0 - z) / 5.0, 0, 1) * np.clip((z + 100) / 8.0, 0, 1) * max(strength - 0.5, 0.0)
        line = _groove(place - out, rng.uniform(1.4, 2.2)) * (along + low) * rng.uniform(0.75, 1.0)
        total += np.where(out > 0, line, 0.0)
    _add(depth, "fold", (strength * total).astype(np.float32))


def _mouth(rng: np.random.Generator, depth: Float32, strength: float) -> None:
    """Fine upright lines about the lips of the old."""
    if strength <= 0.0:
        return
    _, x, z = _zones()["mouth"]
    ring = np.hypot(x / 1.1, 1.5 * (z + 68.0))
    about = np.exp(-(((ring - 24.0) / 5.0) ** 2))
    lines = np.clip(np.sin(x * rng.uniform(1.2, 1.7) + 0.8 * np.sin(x / 5.0 + rng.uniform(0, 6))), 0, 1) ** 2
    _add(depth, "mouth", (0.6 * strength * about * lines).astype(np.float32))


def draw_scar(rng: np.random.Generator, face: FaceMap, raised: Float32) -> None:
    """Add one scar of 8 to 38 mm to `raised` (h, w) of the face's block."""
    angle, length = rng.uniform(0, np.pi), rng.uniform(8.0, 38.0)
    middle = np.array([rng.uniform(-48, 48), rng.uniform(-95, 58)])
    along = (face.x - middle[0]) * np.cos(angle) + (face.z - middle[1]) * np.sin(angle)
    across = (face.z - middle[1]) * np.cos(angle) - (face.x - middle[0]) * np.sin(angle)
    across = across + rng.normal(0, 0.06) * along + rng.normal(0, 0.004) * along**2
    ends = np.clip((0.5 * length - np.abs(along)) / 3.0, 0, 1)
    raised += np.exp(-((across / rng.uniform(0.7, 1.4)) ** 2)).astype(np.float32) * ends * face.front
