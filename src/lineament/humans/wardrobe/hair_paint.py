"""Hair that lies flat on the skin: the scalp, beards of several cuts, brows hair by hair."""

from functools import lru_cache

import cv2
import numpy as np

from lineament.humans.wardrobe.hair import Beard, HairTraits
from lineament.humans.wardrobe.places import SKIN_HEIGHT, SKIN_WIDTH, Block, SkinSpace
from lineament.humans.wardrobe.skin import blend
from lineament.humans.wardrobe.skin_places import face_map, texel_places
from lineament.types import Float32, UInt8

_GRAIN_SHIFTS = 256
_COVER = {
    "shaved": 0.10,
    "horseshoe": 0.55,
    "cropped": 0.8,
    "cap": 0.95,
    "curls": 0.97,
    "long": 0.95,
    "proxy": 0.88,
}
HORSESHOE_TOP = 0.052
"""Metres above the eyes up to which hair grows at the sides of a bald head."""


@lru_cache(maxsize=1)
def _grain() -> Float32:
    """Fine noise 0.375..1 for every texel of the skin; looked up from a place that differs from person to
    person.
    """
    rng = np.random.default_rng(7)
    noise = rng.standard_normal((SKIN_HEIGHT + _GRAIN_SHIFTS, SKIN_WIDTH)).astype(np.float32)
    return np.clip(0.75 + 0.25 * noise, 0.375, 1.0)


def paint_hair_on_skin(traits: HairTraits, skin: UInt8, painted_brows: bool) -> None:
    """Draw the hair that lies flat on the skin, in place: scalp, beard, and brows where nothing else does."""
    shift = traits.seed % _GRAIN_SHIFTS
    grain = _grain()[shift : shift + SKIN_HEIGHT]
    _paint_scalp(traits, skin, grain)
    if traits.beard != "none":
        _paint_beard(traits, skin, grain)
    if painted_brows:
        _paint_brows(traits, skin)


def _paint_scalp(traits: HairTraits, skin: UInt8, grain: Float32) -> None:
    space = SkinSpace.load()
    block, inside = space.regions["scalp"]
    rough = grain[block]
    edge = inside + np.float32(0.012) * (rough - np.float32(0.75))
    edge -= space.face_texels["forward"][block] * np.float32(traits.recede)
    if traits.style == "horseshoe":
        height = 0.001 * texel_places()[block][..., 2] - np.float32(space.face.eyes[0, 2])
        edge = np.minimum(edge, np.float32(HORSESHOE_TOP) - height)
    opacity = np.clip(edge * np.float32(70.0), 0.0, 1.0) * rough * np.float32(_COVER[traits.style])
    blend(skin, block, opacity, traits.colour)


def beard_cut(kind: Beard, x: Float32, z: Float32) -> Float32:
    """Metres inside the cut of a beard at places x, z in millimetres from the middle of the eyes."""
    lip = np.minimum(z + 66.0, 31.0 - np.abs(x)) - 0.25 * np.maximum(np.abs(x) - 14.0, 0.0)
    chin = np.minimum(-72.0 - z, 22.0 - np.abs(x))
    ring = np.minimum(-50.0 - z, 33.0 - np.abs(x))
    cuts = {"moustache": lip, "goatee": chin, "circle": ring}
    return np.float32(0.001) * cuts[kind] if kind in cuts else np.full_like(x, 1.0)


def _paint_beard(traits: HairTraits, skin: UInt8, grain: Float32) -> None:
    space = SkinSpace.load()
    block, inside = space.regions["beard"]
    places = texel_places()[block]
    level = 1000.0 * float(space.face.eyes[0, 2])
    cut = beard_cut(traits.beard, places[..., 0], places[..., 2] - level)
    rough = grain[block]
    opacity = np.clip((inside + np.float32(0.008) * (rough - np.float32(0.75))) * np.float32(100.0), 0.0, 1.0)
    kept = np.clip((cut + np.float32(0.004) * (rough - np.float32(0.75))) * np.float32(350.0), 0.0, 1.0)
    colour = traits.natural
    if traits.beard == "shadow":
        # Hair beneath the skin looks bluer than above it.
        colour = np.clip(0.8 * colour.astype(np.float32) + (22, 26, 32), 0, 255).astype(np.uint8)
        rough = 0.5 + 0.5 * rough
    strokes = rough * np.float32(traits.beard_cover)
    shaved = np.float32(0.12 if traits.beard not in ("full", "shadow", "stubble") else 0.0)
    blend(skin, block, opacity * np.maximum(kept * strokes, shaved * rough), colour)


@lru_cache(maxsize=1)
def _brow_place() -> tuple[Block, Float32, Float32, Float32]:
    """The block of the texture that holds the brows, with x, z in millimetres and front as in `FaceMap`."""
    face = face_map()
    near = (np.abs(face.x) < 58) & (face.z > 6) & (face.z < 48) & (face.front > 0.5)
    rows, columns = np.nonzero(near)
    inner = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    top, left = face.block[0].start, face.block[1].start
    block = (
        slice(top + inner[0].start, top + inner[0].stop),
        slice(left + inner[1].start, left + inner[1].stop),
    )
    return block, face.x[inner], face.z[inner], face.front[inner]


def _paint_brows(traits: HairTraits, skin: UInt8) -> None:
    """Both brows from short strokes that rise at the nose and lie down towards the temples."""
    brows, (block, x, z, front) = traits.brows, _brow_place()
    rng = np.random.default_rng(traits.seed + 3)
    side = np.abs(x)
    along = (side - brows.gap) / (49.0 - brows.gap)
    uneven = np.where(x > 0, rng.normal(0, 0.4), rng.normal(0, 0.4)).astype(np.float32)
    bow = 4.0 * brows.arch * (along * (1.25 - along))
    middle = 20.5 + brows.height + bow + brows.tilt * along - 4.5 * np.maximum(along - 0.6, 0.0) ** 2 * 6.0
    width = brows.thickness * np.interp(along, (-0.1, 0.06, 0.3, 0.7, 1.0), (0.25, 0.85, 1.0, 0.65, 0.12))
    off = (z - middle - uneven) / np.maximum(width, 0.3).astype(np.float32)
    body = np.clip(1.35 - np.abs(off), 0.0, 1.0) * ((along > -0.08) & (along < 1.04)) * front
    lean = np.interp(along, (0.0, 0.35, 1.0), (0.25, 1.0, 2.2)).astype(np.float32)
    phase = (side - lean * (z - middle)) * 2.4 + rng.uniform(0, 6.3)
    strokes = 0.68 + 0.32 * np.sin(phase + 1.5 * np.sin(side * 0.7 + rng.uniform(0, 6.3)))
    opacity = (body * strokes * brows.density).astype(np.float32)
    dark = (traits.natural * np.float32(0.62)).astype(np.uint8)
    blend(skin, block, cv2.GaussianBlur(opacity, (3, 3), 0.5), dark)
