"""Procedural surfaces for scenery and obstacles: noise, stripes, checks, grids; linear colour."""

import cv2
import numpy as np

from lineament.types import Float32

PATTERNS = ("plain", "gradient", "noise", "stripes", "checks", "grid", "grain")


def colour(rng: np.random.Generator) -> Float32:
    """A linear colour (3,): mostly muted, now and then loud."""
    value = rng.uniform(0.02, 0.85) ** 1.5 if rng.random() < 0.8 else rng.uniform(0.5, 0.9)
    chroma = rng.beta(1.2, 4.0)
    hue = rng.random(3)
    return (value * ((1 - chroma) + chroma * hue / max(float(hue.mean()), 0.1))).clip(0, 1).astype(np.float32)


def noise(
    rng: np.random.Generator, height: int, width: int, octaves: int = 5, persistence: float = 0.55
) -> Float32:
    """Fractal value noise (height, width) stretched to 0..1."""
    total = np.zeros((height, width), dtype=np.float32)
    cells = int(rng.integers(2, 5))
    for octave in range(octaves):
        n = cells * 2**octave
        if n > 2 * max(height, width):
            break
        grid = rng.random((max(2, n * height // width), n), dtype=np.float32)
        total += persistence**octave * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def _ramp(rng: np.random.Generator, height: int, width: int, angle: float) -> Float32:
    """Coordinate along `angle` in units of the picture's height, (height, width)."""
    y = np.arange(height, dtype=np.float32)[:, None] / height
    x = np.arange(width, dtype=np.float32)[None] / height
    return (np.cos(angle) * x + np.sin(angle) * y + rng.random()).astype(np.float32)


def _mask(rng: np.random.Generator, pattern: str, height: int, width: int) -> Float32:
    angle = float(rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)]))
    frequency = float(np.exp(rng.uniform(np.log(2), np.log(25))))
    if pattern == "gradient":
        ramp = _ramp(rng, height, width, angle)
        return (ramp - ramp.min()) / max(float(np.ptp(ramp)), 1e-6)
    if pattern == "noise":
        return noise(rng, height, width)
    along = np.sin(2 * np.pi * frequency * _ramp(rng, height, width, angle))
    if pattern == "stripes":
        return (along > rng.uniform(-0.6, 0.6)).astype(np.float32)
    across = np.sin(2 * np.pi * frequency * _ramp(rng, height, width, angle + np.pi / 2))
    if pattern == "checks":
        return ((along > 0) ^ (across > 0)).astype(np.float32)
    if pattern == "grid":
        return (np.maximum(along, across) > 0.93).astype(np.float32)
    return rng.random((height, width), dtype=np.float32)


def textured(rng: np.random.Generator, height: int, width: int) -> Float32:
    """A random linear texture (height, width, 3): one of PATTERNS between two colours, some fine noise."""
    first = colour(rng)
    pattern = str(rng.choice(PATTERNS, p=[0.22, 0.16, 0.22, 0.12, 0.06, 0.12, 0.10]))
    if pattern == "plain":
        picture = np.broadcast_to(first, (height, width, 3)).copy()
    else:
        near = rng.random() < 0.5
        second = first * rng.uniform(0.5, 1.6) if near else colour(rng)
        blend = _mask(rng, pattern, height, width)[..., None]
        picture = (first * (1 - blend) + second.astype(np.float32) * blend).astype(np.float32)
    if rng.random() < 0.6:
        picture *= 1 + rng.uniform(0.1, 0.6) * (noise(rng, height, width, 6, 0.8)[..., None] - 0.5)
    return picture
