"""The finish of a garment: colour blocks, prints, creases and seams in its texture; folds in its shape."""

from functools import lru_cache

import numpy as np

from lineament.humans.wardrobe.colours import smooth_noise
from lineament.humans.wardrobe.facts import BodyFacts, Fields
from lineament.humans.wardrobe.outfit import Piece
from lineament.types import Float32, Int32, UInt8

_TILE = 256
_SEAM = 0.016
"""Metres from a hem to its line of stitches."""
_SHADOW = 0.012
"""Metres of skin that a hem darkens."""


@lru_cache(maxsize=1)
def _crease_tile() -> Float32:
    """Light and shade of creases (256, 256), about -1..1, that repeat without a seam."""
    rng = np.random.default_rng(7)
    half = smooth_noise(rng, _TILE // 2, _TILE // 2, 9) + 0.5 * smooth_noise(rng, _TILE // 2, _TILE // 2, 20)
    ridged = np.tanh(1.2 * half) - 0.3
    return np.block([[ridged, ridged[:, ::-1]], [ridged[::-1], ridged[::-1, ::-1]]]).astype(np.float32)


def finish(rng: np.random.Generator, colours: UInt8, piece: Piece, at: Fields, chosen: Int32) -> UInt8:
    """Panels, prints, creases and stitches on cloth: colours (N, 3) of the chosen texels (N,)."""
    marks = BodyFacts.load().landmarks
    hem = float(getattr(piece.cut, "hem", marks.hip))
    if piece.panels:
        own = at.take(chosen)
        for panel in piece.panels:
            colours[panel.covers(own, marks, hem)] = panel.colour
    for one in piece.prints:
        one.draw(colours, at, chosen)
    shade = _creases(rng, piece, at, chosen)
    if piece.pleats:
        shade *= 1.0 + 0.16 * np.sin(piece.pleats * _turn(at, marks.crotch)[chosen])
    inside = piece.cut.inside(at, marks)[chosen]
    shade *= np.where(np.abs(inside - _SEAM) < 0.002, 0.82, 1.0) * np.where(inside < 0.004, 0.9, 1.0)
    return np.clip(colours * shade[:, None], 0, 255).astype(np.uint8)


def _creases(rng: np.random.Generator, piece: Piece, at: Fields, chosen: Int32) -> Float32:
    angle, start = float(rng.uniform(-0.7, 0.7)), rng.integers(_TILE, size=2)
    if piece.creases == 0.0:
        return np.ones(len(chosen), dtype=np.float32)
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    along, around = at.along[chosen], at.around[chosen]
    rows = ((c * along - s * around) * (_TILE / 1.3)).astype(np.int32) + int(start[0])
    columns = ((s * along + c * around) * (_TILE / 0.5)).astype(np.int32) + int(start[1])
    return 1.0 + piece.creases * _crease_tile()[rows & (_TILE - 1), columns & (_TILE - 1)]


def hem_shadow(picture: UInt8, where: Int32, inside: Float32) -> None:
    """Darken, in place, the skin just outside a painted garment: texels `where` (N,) of (h, w, 3).

    inside: (N,) metres inside the garment's edge.
    """
    near = np.flatnonzero((inside <= 0) & (inside > -_SHADOW))
    flat = picture.reshape(-1, 3)
    shade = 0.62 - 0.38 * inside[near] / _SHADOW
    flat[where[near]] = (flat[where[near]] * shade[:, None]).astype(np.uint8)


def _turn(at: Fields, crotch: float) -> Float32:
    """The angle (N,) round the limb or trunk, radians; undoes the scales of `around`."""
    scale = np.where(at.arm >= 0, 0.05, np.where((at.z < crotch) & (at.armness < 0.5), 0.08, 0.16))
    return at.around / scale


def offsets(rng: np.random.Generator, piece: Piece, at: Fields, hang: Float32) -> Float32:
    """Metres outwards (U,): offset, flare towards the hem, ease towards the cuffs, hanging, and folds."""
    marks = BodyFacts.load().landmarks
    hem = float(getattr(piece.cut, "hem", at.z.min()))
    top = min(float(getattr(piece.cut, "waist", marks.shoulder)), float(at.z.max()))
    reach = np.clip((top - at.z) / max(top - hem, 0.05), 0.0, 1.2)
    reach = np.where(at.armness > 0.5, 0.0, reach)
    out = piece.offset + piece.flare * reach**1.3 + piece.hang * hang
    out = out + piece.ease * np.clip(at.arm, 0.0, 1.1)
    turn = _turn(at, marks.crotch)
    if piece.mesh in ("skirt", "gown"):
        turn = np.arctan2(at.x, -(at.y + 0.03))
    waves = np.zeros_like(out)
    for _ in range(3):
        k, bend, phase = int(rng.integers(2, 7)), rng.uniform(-30, 30), rng.uniform(0, 6.28)
        waves += np.sin(k * turn + bend * at.along + phase)
    loose = np.clip(np.maximum(reach, at.arm) + 0.15, 0, 1)
    return (out + piece.folds * loose * waves / 2.0).astype(np.float32)
