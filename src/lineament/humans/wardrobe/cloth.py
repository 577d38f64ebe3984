"""Cloth: colours and a pattern in metres, the same for painted clothes, shells and dyed garments."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np

from lineament.humans.wardrobe.colours import cloth_colour, second_colour, smooth_noise
from lineament.types import Bool, Float32, UInt8

Pattern = Literal[
    "plain",
    "rings",
    "lengthwise",
    "checks",
    "plaid",
    "dots",
    "blotches",
    "gradient",
    "blocks",
    "zigzag",
    "camouflage",
    "floral",
    "knit",
    "bands",
]
_SHARES: dict[Pattern, float] = {
    "plain": 0.55,
    "rings": 0.1,
    "lengthwise": 0.06,
    "checks": 0.05,
    "plaid": 0.06,
    "dots": 0.04,
    "blotches": 0.06,
    "gradient": 0.03,
    "blocks": 0.03,
    "zigzag": 0.02,
}
_TILE = 256
_BANK = 24


@lru_cache(maxsize=_BANK)
def _noise_tile(index: int) -> Float32:
    """Flat noise (256 * 256,) of one of a few grain sizes."""
    rng = np.random.default_rng(index)
    tile = smooth_noise(rng, _TILE, _TILE, int(rng.integers(8, 60))) * 0.7
    return (tile + rng.standard_normal((_TILE, _TILE)).astype(np.float32) * 0.5).ravel()


@dataclass(frozen=True, slots=True, eq=False)
class Cloth:
    """A sampled cloth. colours: (3, 3) sRGB. period: metres between repeats. weave: strength of fine noise,
    0..1.

    tile, start: which noise, and from where."""

    pattern: Pattern
    colours: UInt8
    period: float
    share: float
    angle: float
    weave: float
    tile: int
    start: int

    def paint(self, along: Float32, around: Float32) -> UInt8:
        """Colours (N, 3) sRGB at coordinates in metres (N,)."""
        first = self.colours[0].astype(np.float32)
        fade = self._noise(along, around, 0.9) * (4.0 + 12.0 * self.weave)
        if self.pattern == "plain":
            return np.clip(first + fade[:, None], 0, 255).astype(np.uint8)
        u, v = along / self.period, around / self.period
        if self.angle:
            c, s = np.float32(np.cos(self.angle)), np.float32(np.sin(self.angle))
            u, v = c * u - s * v, s * u + c * v
        base = self._choose(u, v)
        return np.clip(base + fade[:, None], 0, 255).astype(np.uint8)

    def _choose(self, u: Float32, v: Float32) -> Float32:
        a, b, c = self.colours.astype(np.float32)
        fu, fv = u - np.floor(u), v - np.floor(v)
        if self.pattern == "gradient":
            k = np.clip(0.5 + 0.25 * u, 0, 1)[:, None]
            return a * (1 - k) + b * k
        if self.pattern == "plaid":
            k = ((fu < self.share).astype(np.float32) + (fv < self.share)) * 0.5
            thin = (np.abs(fu - 0.7) < 0.05) | (np.abs(fv - 0.7) < 0.05)
            return np.where(thin[:, None], c, a * (1 - k[:, None]) + b * k[:, None])
        if self.pattern == "camouflage":
            mixed = self._wavy(u, v, 3.1, 1.7), self._wavy(v, u, 2.3, 4.1)
            inner = np.where((mixed[1] > 0.35)[:, None], c, a)
            return np.where((mixed[0] > 0.25)[:, None], b, inner)
        if self.pattern == "floral":
            return self._floral(u, v)
        second = self._second(u, v, fu, fv)
        return np.where(second[:, None], b, a)

    @staticmethod
    def _wavy(u: Float32, v: Float32, p: float, q: float) -> Float32:
        """Blobs of about one unit, -1..1: waves bent by waves."""
        bent_u, bent_v = u + 0.4 * np.sin(q * v + p), v + 0.4 * np.sin(p * u + q)
        return np.sin(p * bent_u) * np.cos(q * 0.8 * bent_v + 0.7 * bent_u)

    def _floral(self, u: Float32, v: Float32) -> Float32:
        """Blossoms of five petals about a spot, at places that are jittered from cell to cell."""
        a, b, c = self.colours.astype(np.float32)
        row, column = np.floor(u), np.floor(v)
        jitter = np.sin(row * 12.9898 + column * 78.233) * 43758.5
        jitter -= np.floor(jitter)
        x, y = u - row - 0.5 - 0.3 * (jitter - 0.5), v - column - 0.5 + 0.3 * (jitter - 0.5)
        radius = np.hypot(x, y)
        petals = 0.3 + 0.13 * np.cos(5 * np.arctan2(y, x) + 9 * jitter)
        blossom = np.where((radius < 0.12)[:, None], a, np.where((jitter > 0.5)[:, None], b, c))
        return np.where((radius < petals * (0.6 + 0.5 * jitter))[:, None], blossom, a)

    def _second(self, u: Float32, v: Float32, fu: Float32, fv: Float32) -> Bool:
        if self.pattern == "rings":
            return fu < self.share
        if self.pattern == "lengthwise":
            return fv < self.share
        if self.pattern == "knit":
            return np.mod(u + 0.5 * np.abs(fv - 0.5), 1.0) < 0.3
        if self.pattern == "bands":
            return (fu < 0.5 * self.share) | (np.abs(fu - 0.8) < 0.05)
        if self.pattern == "checks":
            return (fu < 0.5) != (fv < 0.5)
        if self.pattern == "dots":
            return (fu - 0.5) ** 2 + (fv - 0.5) ** 2 < (0.45 * self.share + 0.08) ** 2
        if self.pattern == "zigzag":
            return np.mod(u + np.abs(fv - 0.5), 1.0) < self.share
        if self.pattern == "blocks":
            return (np.mod(np.floor(u * 0.4) * 3 + np.floor(v * 0.4) * 5, 7)) < 3
        return self._noise(u, v, 0.8) > (0.5 - self.share)

    def _noise(self, along: Float32, around: Float32, period: float) -> Float32:
        scale = np.float32(_TILE / period)
        rows = (along * scale).astype(np.int32) & (_TILE - 1)
        columns = (around * scale).astype(np.int32) & (_TILE - 1)
        return _noise_tile(self.tile)[(rows * _TILE + columns + self.start) & (_TILE * _TILE - 1)]


def sample_cloth(rng: np.random.Generator, colour: UInt8 | None = None) -> Cloth:
    """A random cloth; with `colour` its first colour is given."""
    names = list(_SHARES)
    first = cloth_colour(rng) if colour is None else colour
    pattern = names[int(rng.choice(len(names), p=np.array(list(_SHARES.values()))))]
    tilted = pattern in ("checks", "plaid", "dots", "rings", "lengthwise") and rng.random() < 0.12
    second = second_colour(rng, first)
    return Cloth(
        pattern=pattern,
        colours=np.stack([first, second, second_colour(rng, second)]),
        period=float(np.exp(rng.uniform(np.log(0.012), np.log(0.16))))
        * (3.0 if pattern == "gradient" else 1.0),
        share=float(rng.uniform(0.15, 0.7)),
        angle=float(rng.uniform(0.2, 1.3)) if tilted else 0.0,
        weave=float(rng.beta(1.2, 3)),
        tile=int(rng.integers(_BANK)),
        start=int(rng.integers(_TILE * _TILE)),
    )


def draw_logo(rng: np.random.Generator) -> UInt8:
    """A print for a chest or back, (96, 96, 4) sRGB with transparency: letters, discs, polygons or a
    picture.
    """
    logo = np.zeros((96, 96, 4), dtype=np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        ink = (*(int(c) for c in cloth_colour(rng)), 255)
        kind = rng.integers(4)
        x, y = (int(v) for v in rng.integers(20, 76, 2))
        if kind == 0:
            letters = "".join(chr(65 + int(k)) for k in rng.integers(0, 26, int(rng.integers(1, 6))))
            font = int(rng.integers(0, 8))
            cv2.putText(
                logo, letters, (2, y), font, float(rng.uniform(0.8, 2.2)), ink, int(rng.integers(1, 6))
            )
        elif kind == 1:
            cv2.circle(logo, (x, y), int(rng.integers(8, 40)), ink, -1 if rng.random() < 0.6 else 5)
        elif kind == 2:
            cv2.fillPoly(logo, [rng.integers(2, 94, (int(rng.integers(3, 8)), 2)).astype(np.int32)], ink)
        else:
            cv2.rectangle(logo, (x - 18, y - 14), (x + 18, y + 14), ink, -1 if rng.random() < 0.6 else 4)
    return logo
