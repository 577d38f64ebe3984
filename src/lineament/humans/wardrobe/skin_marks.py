"""Marks on the skin at honest sizes: freckles, spots of the sun, moles, pimples, birthmarks, tattoos.

Round marks are placed by the canonical distance of texels in millimetres, whatever the texture does there.
"""

from functools import lru_cache

import cv2
import numpy as np

from lineament.humans.wardrobe.colours import smooth_noise
from lineament.humans.wardrobe.places import SKIN_HEIGHT, SKIN_WIDTH, SkinSpace
from lineament.humans.wardrobe.skin_places import face_map, texel_places
from lineament.types import Float32, Float64, Int32, UInt8

_REACH = 12
"""Texels about a round mark that are looked at."""
TATTOO_INKS = ((34, 38, 46), (28, 44, 58), (60, 30, 34), (30, 52, 40))


@lru_cache(maxsize=4)
def _where(kind: str) -> tuple[Int32, Float64]:
    """Flat texels of the whole skin where marks of a kind may lie, and their cumulative probability."""
    space, face = SkinSpace.load(), face_map()
    fields = space.canvas.texels
    inside = space.face_texels["mouth"].ravel() < 0.3
    if kind == "freckle":
        low = np.exp(-(((np.abs(face.x) - 24) / 24) ** 2) - ((face.z + 32) / 20) ** 2)
        density = np.zeros((SKIN_HEIGHT, SKIN_WIDTH))
        density[face.block] = (low + 0.10) * face.front
    elif kind == "face":
        density = np.zeros((SKIN_HEIGHT, SKIN_WIDTH))
        density[face.block] = face.front
    else:
        # A texel of the body is twelve times as large as one of the head.
        area = np.where(fields.headness > 0.5, 1.0, 12.0)
        density = (area * inside).reshape(SKIN_HEIGHT, SKIN_WIDTH)
    flat = density.ravel()
    chosen = np.flatnonzero(flat > 1e-3).astype(np.int32)
    total = np.cumsum(flat[chosen], dtype=np.float64)
    return chosen, total / total[-1]


def _draw_texels(rng: np.random.Generator, kind: str, count: int) -> Int32:
    texels, cumulative = _where(kind)
    return texels[np.searchsorted(cumulative, rng.random(count)).clip(0, len(texels) - 1)]


def freckle_map(rng: np.random.Generator, count: int, size: float) -> Float32:
    """(h, w) of the face's block: `count` freckles of about `size` millimetres, 1 for the darkest middle."""
    face = face_map()
    dots = np.zeros((SKIN_HEIGHT, SKIN_WIDTH), dtype=np.float32)
    where = _draw_texels(rng, "freckle", count)
    np.add.at(dots.ravel(), where, rng.uniform(0.3, 1.0, count).astype(np.float32))
    sigma = max(0.55, 0.42 * size)
    blurred = cv2.GaussianBlur(np.ascontiguousarray(dots[face.block]), (0, 0), sigma)
    return np.minimum(blurred * np.float32(2.0 * np.pi * sigma**2 * 0.8), 1.4)


def round_mark(
    lab: UInt8, texel: int, diameter: float, change: tuple[float, float, float], edge: float
) -> None:
    """Add `change` (L*, a*, b*) to the 8-bit Lab skin within `diameter` mm of a flat texel, in place.

    edge: softness, share of the radius. Marks smaller than a texel are thinned to keep their area.
    """
    row, column = divmod(texel, SKIN_WIDTH)
    block = (
        slice(max(row - _REACH, 0), row + _REACH + 1),
        slice(max(column - _REACH, 0), column + _REACH + 1),
    )
    places = texel_places()
    away = np.linalg.norm(places[block] - places[row, column], axis=-1)
    head = column >= SKIN_WIDTH // 2
    texel_size = 1.0 if head else 3.5
    radius = max(0.5 * diameter, 0.5 * texel_size)
    opacity = np.clip((radius * (1 + 0.5 * edge) - away) / (radius * edge + 0.3 * texel_size), 0, 1)
    opacity *= min(1.0, (diameter / texel_size) ** 2)
    scaled = np.array(change, dtype=np.float32) * (2.55, 1.0, 1.0)
    lab[block] = np.clip(lab[block] + opacity[..., None] * scaled, 0, 255)


def draw_moles(rng: np.random.Generator, lab: UInt8, count: int, lightness: float) -> None:
    """`count` moles all over, a third of them on the face; 1.5 to 6 mm."""
    on_face = int(rng.binomial(count, 0.35))
    places = (*_draw_texels(rng, "face", on_face), *_draw_texels(rng, "skin", count - on_face))
    dark = 0.35 + 0.65 * lightness / 70.0
    for texel in places:
        size = float(np.clip(rng.lognormal(0.9, 0.35), 1.5, 6.0))
        change = (-rng.uniform(10, 30) * dark, rng.uniform(0, 5), rng.uniform(-3, 4))
        round_mark(lab, int(texel), size, change, float(rng.uniform(0.3, 0.8)))


def draw_pimples(rng: np.random.Generator, lab: UInt8, count: int) -> None:
    """`count` red spots of 1.5 to 5 mm on the face."""
    for texel in _draw_texels(rng, "face", count):
        change = (-rng.uniform(0, 6), rng.uniform(5, 14), rng.uniform(-1, 2))
        round_mark(lab, int(texel), float(rng.uniform(1.5, 5.0)), change, 1.0)


def draw_sun_spots(rng: np.random.Generator, lab: UInt8, count: int) -> None:
    """`count` flat brown spots of 3 to 9 mm on the face, as the old have them."""
    for texel in _draw_texels(rng, "face", count):
        change = (-rng.uniform(3, 9), rng.uniform(0, 3), rng.uniform(1, 5))
        round_mark(lab, int(texel), float(rng.uniform(3.0, 9.0)), change, float(rng.uniform(0.3, 1.0)))


def birthmark(rng: np.random.Generator) -> tuple[tuple[slice, slice], Float32]:
    """A ragged patch of 12 to 70 mm anywhere: its block of the texture and opacity there."""
    texel = int(_draw_texels(rng, "face" if rng.random() < 0.5 else "skin", 1)[0])
    row, column = divmod(texel, SKIN_WIDTH)
    places, reach = texel_places(), 48
    block = (
        slice(max(row - reach, 0), row + reach + 1),
        slice(max(column - reach, 0), column + reach + 1),
    )
    away = np.linalg.norm(places[block] - places[row, column], axis=-1)
    radius = rng.uniform(6.0, 35.0)
    ragged = away + 0.35 * radius * smooth_noise(rng, *away.shape, int(rng.integers(5, 14)))
    return block, np.clip((radius - ragged) / (0.12 * radius + 0.5), 0, 1).astype(np.float32)


def draw_tattoo(rng: np.random.Generator, picture: UInt8) -> None:
    """One tattoo on an arm, a calf or the chest: bands, or overlapping rings and strokes; in place."""
    space = SkinSpace.load()
    fields = space.canvas.texels
    ink = np.array(TATTOO_INKS[int(rng.integers(len(TATTOO_INKS)))], dtype=np.uint8)
    side = float(rng.choice([-1.0, 1.0]))
    along, around = (
        fields.along.reshape(SKIN_HEIGHT, SKIN_WIDTH),
        fields.around.reshape(SKIN_HEIGHT, SKIN_WIDTH),
    )
    arm = (fields.arm.reshape(SKIN_HEIGHT, SKIN_WIDTH) > 0.1) & (fields.x.reshape(along.shape) * side > 0)
    arm &= fields.arm.reshape(along.shape) < 0.95
    middle, length = rng.uniform(0.12, 0.42), rng.uniform(0.03, 0.16)
    inside = arm & (np.abs(along - middle) < 0.5 * length)
    waves = np.zeros_like(along)
    for _ in range(int(rng.integers(2, 5))):
        direction = rng.normal(0, 1, 2)
        phase = (along * direction[0] + around * direction[1]) * rng.uniform(60, 220)
        waves += np.sin(phase + rng.uniform(0, 6.3))
    drawn = inside & (np.abs(waves) < rng.uniform(0.35, 0.9))
    picture[drawn] = (0.35 * picture[drawn] + 0.65 * ink).astype(np.uint8)
