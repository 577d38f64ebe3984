"""Skin: tones over the whole human range, a texture of its own for everybody.

Painted skins (where the assets are) give the finest detail; everything that tells people apart is procedural:
tone, blotches, shade round the eyes, lips, lines, freckles, moles, scars, tan and tattoos.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from lineament.humans.wardrobe.canvas import repack_picture
from lineament.humans.wardrobe.colours import read_picture, smooth_noise
from lineament.humans.wardrobe.places import SKIN_HEIGHT, SKIN_SPLIT, SKIN_WIDTH, Block, SkinSpace
from lineament.humans.wardrobe.skin_lines import draw_lines, draw_scar
from lineament.humans.wardrobe.skin_marks import (
    birthmark,
    draw_moles,
    draw_pimples,
    draw_sun_spots,
    draw_tattoo,
    freckle_map,
)
from lineament.humans.wardrobe.skin_places import LOW_HEIGHT, LOW_WIDTH, face_map, low_places
from lineament.humans.wardrobe.skin_tone import Tone, sample_lips, sample_tone
from lineament.types import Float32, UInt8

__all__ = ["SkinTraits", "blend", "paint_skin", "sample_skin", "sample_tone"]


@dataclass(frozen=True, slots=True, eq=False)
class SkinTraits:
    """What makes one person's skin their own. lab: CIE L*, a*, b* of the face. age: years.

    pictures: two painted skins, mixed by a pattern of the person's own, or none. contrast: of their detail.
    mottle, redness, shade (round the eyes), lines, freckles, tan: strengths 0..1 and beyond for the few.
    moles, pimples, sun_spots, scars, birthmarks, tattoos: how many. lips: (3,) sRGB, cover 0..1.
    """

    lab: Tone
    age: float
    pictures: tuple[Path, ...]
    contrast: float
    mottle: float
    redness: float
    shade: float
    lines: float
    freckles: float
    tan: float
    moles: int
    pimples: int
    sun_spots: int
    scars: int
    birthmarks: int
    tattoos: int
    lips: UInt8
    lip_cover: float
    seed: int


def sample_skin(
    rng: np.random.Generator,
    ancestry: tuple[float, float, float],
    female: bool,
    age: float,
    pictures: tuple[Path, ...],
) -> SkinTraits:
    """Random skin of a person of `age` years; one in eight procedural even when there are `pictures`."""
    tone = sample_tone(rng, ancestry)
    fitting = [path for path in pictures if ("female" in path.name) == female] or list(pictures)
    chosen: tuple[Path, ...] = ()
    if fitting and rng.random() < 0.88:
        chosen = tuple(fitting[int(k)] for k in rng.choice(len(fitting), 2, replace=len(fitting) < 2))
    lips, cover = sample_lips(rng, tone, female, age)
    old, light = float(np.clip((age - 40) / 45, 0, 1)), float(np.clip((tone[0] - 50) / 20, 0, 1))
    freckled = rng.random() < 0.08 + 0.32 * light
    return SkinTraits(
        lab=tone,
        age=age,
        pictures=chosen,
        contrast=float(rng.uniform(0.65, 1.15)),
        mottle=float(0.15 + rng.beta(1.5, 3) * (0.8 + 0.5 * old)),
        redness=float(rng.beta(1.5, 2)) * (0.4 + 0.9 * light),
        shade=float(rng.beta(1.6, 2.0)),
        lines=float(rng.uniform(0.55, 1.35)),
        freckles=float(rng.beta(1, 2.2)) if freckled else 0.0,
        tan=float(rng.beta(1.2, 2.5)),
        moles=int(rng.poisson(9 if tone[0] > 45 else 4)),
        pimples=int(rng.poisson(rng.choice((0.3, 6.0), p=(0.8, 0.2)))) if age < 45 else 0,
        sun_spots=int(rng.poisson(9 * old * (0.3 + light))),
        scars=int(rng.random() < 0.13) + int(rng.random() < 0.03),
        birthmarks=int(rng.random() < 0.07),
        tattoos=int(rng.random() < 0.12) * int(rng.integers(1, 3)),
        lips=lips,
        lip_cover=cover,
        seed=int(rng.integers(2**31)),
    )


@lru_cache(maxsize=16)
def _painted_lab(path: Path) -> tuple[UInt8, Float32]:
    """A painted skin repacked, in 8-bit Lab (h, w, 3), with the mean over the face (3,)."""
    space = SkinSpace.load()
    picture = repack_picture(
        read_picture(str(path))[..., :3], space.maps, SKIN_SPLIT, SKIN_HEIGHT, SKIN_WIDTH
    )
    lab = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2LAB)
    mean = lab[space.face_texels["cheek"] > 0.4].mean(axis=0)
    # Some painted skins have hair on their scalp; hair is ours to choose.
    margin = 0.03 + 0.035 * (1.0 - space.face_texels["forward"])
    shaved = np.clip((space.face_texels["scalp"] + margin) * 50.0, 0.0, 1.0)[..., None]
    plain, middle = _plain_lab()
    lab = lab * (1.0 - shaved) + (mean + 0.5 * (plain - middle)) * shaved
    return np.clip(lab, 0, 255).astype(np.uint8), mean


@lru_cache(maxsize=1)
def _plain_lab() -> tuple[UInt8, Float32]:
    """Procedural skin detail about mid grey, in 8-bit Lab: pores and blotches."""
    rng = np.random.default_rng(0)
    tone = 6.0 * smooth_noise(rng, SKIN_HEIGHT, SKIN_WIDTH, 12) + 4.0 * smooth_noise(
        rng, SKIN_HEIGHT, SKIN_WIDTH, 90
    )
    tone += 2.0 * rng.standard_normal((SKIN_HEIGHT, SKIN_WIDTH)).astype(np.float32)
    red = 2.0 * smooth_noise(rng, SKIN_HEIGHT, SKIN_WIDTH, 20)
    lab = np.stack([150 + 0.6 * tone, 140 + red, np.full_like(tone, 145.0)], axis=-1)
    return np.clip(lab, 0, 255).astype(np.uint8), np.array([150.0, 140.0, 145.0], dtype=np.float32)


@lru_cache(maxsize=1)
def _pores() -> np.ndarray:
    """Fine grain (2 h, 2 w) int16 about 0, looked up from a place that differs from person to person."""
    rng = np.random.default_rng(1)
    noise = rng.standard_normal((2 * SKIN_HEIGHT, 2 * SKIN_WIDTH)).astype(np.float32)
    fine = noise + 2.2 * cv2.GaussianBlur(noise, (0, 0), 1.2)
    return np.round(2.3 * fine).astype(np.int16)


def blend(picture: UInt8, block: Block, opacity: Float32, colour: UInt8) -> None:
    """Lay `colour` (3,) over a block of `picture` (h, w, 3), in place; opacity: 0..1, of the block's size."""
    below = np.ascontiguousarray(picture[block])
    above = np.empty_like(below)
    above[:] = colour
    picture[block] = cv2.blendLinear(below, above, 1.0 - opacity, opacity)


def paint_skin(traits: SkinTraits) -> UInt8:
    """The person's skin texture (704, 768, 3) sRGB, without hair; deterministic."""
    rng = np.random.default_rng(traits.seed)
    lab = _base(rng, traits)
    _shades(rng, lab, traits)
    _face_detail(rng, lab, traits)
    draw_moles(rng, lab, traits.moles, traits.lab[0])
    draw_pimples(rng, lab, traits.pimples)
    draw_sun_spots(rng, lab, traits.sun_spots)
    for _ in range(traits.birthmarks):
        block, inside = birthmark(rng)
        change = np.array((-14.0, 6.0, 0.0) if rng.random() < 0.4 else (-11.0, 2.0, 5.0), dtype=np.float32)
        lab[block] = np.clip(lab[block] + inside[..., None] * change * rng.uniform(0.6, 1.4), 0, 255)
    picture = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    regions = SkinSpace.load().regions
    block, lips = regions["lips"]
    blend(picture, block, lips * np.float32(traits.lip_cover), traits.lips)
    blend(picture, *regions["mouth"], np.array([92, 38, 36], dtype=np.uint8))
    for _ in range(traits.tattoos):
        draw_tattoo(rng, picture)
    return picture


def _base(rng: np.random.Generator, traits: SkinTraits) -> UInt8:
    """The detail of one or two painted skins about the person's tone, 8-bit Lab."""
    parts = [_painted_lab(path) for path in traits.pictures] or [_plain_lab()]
    target = np.array([traits.lab[0] * 2.55, traits.lab[1] + 128.0, traits.lab[2] + 128.0])
    levels = np.arange(256, dtype=np.float32)
    skins = []
    for lab, mean in parts:
        # Dark skins vary less in lightness than light ones, so the painted detail is scaled with the tone.
        gain = traits.contrast * np.clip(target[0] / mean[0], 0.4, 1.1)
        gains = (gain, 0.8 * gain, 0.7 * gain)
        columns = [np.clip(target[k] + gains[k] * (levels - mean[k]), 0, 255) for k in range(3)]
        skins.append(cv2.LUT(lab, np.stack(columns, axis=-1)[None].astype(np.uint8)))
    if len(skins) == 1:
        return skins[0]
    pattern = smooth_noise(rng, LOW_HEIGHT // 4, LOW_WIDTH // 4, int(rng.integers(5, 12)))
    share = cv2.resize(np.clip(0.5 + 0.5 * pattern, 0, 1), (SKIN_WIDTH, SKIN_HEIGHT))
    return cv2.blendLinear(skins[0], skins[1], 1.0 - share, share)


def _shades(rng: np.random.Generator, lab: UInt8, traits: SkinTraits) -> None:
    """All that is smooth, at half size: blotches, flush, round the eyes, tan, joints, palms; in place."""
    places = low_places()
    light = float(np.clip(traits.lab[0] / 70.0, 0.3, 1.15))
    dark = float(np.clip((60.0 - traits.lab[0]) / 30.0, 0.0, 1.0))
    coarse = (LOW_HEIGHT // 4, LOW_WIDTH // 4)
    blotch = [smooth_noise(rng, *coarse, int(rng.integers(12, 60))) for _ in range(2)]
    tone, red = (cv2.resize(one, (LOW_WIDTH, LOW_HEIGHT)) for one in blotch)
    changes = {
        "flush": np.array((-2.0 * light, 9.0 * light, 1.0)) * traits.redness,
        "socket": np.array((-6.0 * (0.5 + 0.6 * light), 1.5, -3.0 * light)) * traits.shade,
        "crown": np.array((rng.normal(0, 1.0), rng.normal(0, 1.0), rng.normal(0.6, 1.2))),
        "joint": np.array((-5.0 - 3.0 * dark, 3.0 * light, 1.0)) * rng.uniform(0.3, 1.0),
        "palm": np.array((3.0 + 18.0 * dark, 3.0, -1.0 - 3.0 * dark)) * rng.uniform(0.7, 1.0),
        "sun": np.array((-4.0 * light, 1.5, 2.5)) * traits.tan,
        "leg_sun": np.array((-2.2 * light, 0.8, 1.4)) * traits.tan * rng.uniform(0, 1),
        "head": np.array((rng.normal(0, 1.0), rng.normal(0.8, 0.8), rng.normal(0, 0.8))),
    }
    # The tone asked for is the face's: the sun darkens the face by nothing, the rest is lighter than it.
    bases = -(changes["sun"] + changes["head"])
    scales, extra = (2.55, 1.0, 1.0), (tone * (2.4 * traits.mottle), red * (2.2 * traits.mottle), None)
    channels = []
    for channel in range(3):
        total = np.full((LOW_HEIGHT, LOW_WIDTH), bases[channel] * scales[channel], dtype=np.float32)
        for name, change in changes.items():
            total = cv2.scaleAdd(places[name], float(change[channel]) * scales[channel], total)
        if extra[channel] is not None:
            total = cv2.scaleAdd(extra[channel], scales[channel], total)
        channels.append(cv2.resize(total, (SKIN_WIDTH, SKIN_HEIGHT)))
    row, column = int(rng.integers(SKIN_HEIGHT)), int(rng.integers(SKIN_WIDTH))
    grain = _pores()[row : row + SKIN_HEIGHT, column : column + SKIN_WIDTH]
    channels[0] += grain * np.float32(0.45 + 0.35 * light)
    cv2.add(lab, cv2.merge(channels), lab, dtype=cv2.CV_8U)


def _face_detail(rng: np.random.Generator, lab: UInt8, traits: SkinTraits) -> None:
    """Lines, freckles and scars on the face's block, in place."""
    face = face_map()
    light = float(np.clip(traits.lab[0] / 65.0, 0.45, 1.1))
    depth = np.zeros(face.shape, dtype=np.float32)
    draw_lines(rng, depth, traits.age, traits.lines)
    change = np.zeros((*face.shape, 3), dtype=np.float32)
    change[..., 0] = depth * (-12.5 * 2.55 * light)
    change[..., 1] = depth * (2.2 * light)
    if traits.freckles:
        spots = freckle_map(rng, int(60 + 520 * traits.freckles), float(rng.uniform(1.0, 2.4)))
        change += (
            spots[..., None] * np.float32((-8.0 * 2.55 * light, 2.0, 5.0)) * np.float32(rng.uniform(0.6, 1.2))
        )
    for _ in range(traits.scars):
        raised = np.zeros(face.shape, dtype=np.float32)
        draw_scar(rng, face, raised)
        pale = rng.uniform(2.0, 9.0) * (1.0 if rng.random() < 0.7 else -1.0)
        change += raised[..., None] * np.float32((pale * 2.55, rng.uniform(0, 7), -2.0))
    lab[face.block] = np.clip(lab[face.block] + change, 0, 255)
