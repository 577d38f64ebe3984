"""Skin: tones over the whole human range, on a painted texture when the assets are there, else procedural."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from lineament.humans.wardrobe.canvas import repack_picture
from lineament.humans.wardrobe.colours import lab_to_srgb, read_picture, smooth_noise
from lineament.humans.wardrobe.places import SKIN_HEIGHT, SKIN_SPLIT, SKIN_WIDTH, Block, SkinSpace
from lineament.types import Float32, UInt8

_TONES = {
    "african": (38.0, 11.0, 17.0, 8.5),
    "asian": (66.0, 10.0, 18.5, 6.0),
    "caucasian": (69.0, 11.5, 15.5, 6.5),
}
"""Mean CIE L*, a*, b* of skin and the spread of L*, after published spectrophotometry of facial skin
(Xiao et al., Skin Research and Technology 23, 2017), rounded and widened."""


@dataclass(frozen=True, slots=True, eq=False)
class SkinTraits:
    """What makes one person's skin their own. lab: CIE L*, a*, b* of the face. picture: painted skin or None.

    contrast: of the painted detail. mottle, redness, freckles, stubble: strengths 0..1. lips: (3,) sRGB.
    """

    lab: tuple[float, float, float]
    picture: Path | None
    contrast: float
    mottle: float
    redness: float
    freckles: float
    moles: int
    lips: UInt8
    seed: int


def sample_tone(rng: np.random.Generator, ancestry: tuple[float, float, float]) -> tuple[float, float, float]:
    """CIE L*, a*, b* of a skin. ancestry: shares of African, Asian and Caucasian; the rest of the world
    lies between.
    """
    share = np.array(ancestry, dtype=np.float64) + 1e-3
    share = rng.dirichlet(share / share.sum() * 6.0 + 0.05)
    mean = share @ np.array(list(_TONES.values()))
    lightness = float(np.clip(rng.normal(mean[0], mean[3]), 22.0, 80.0))
    dark = np.clip((50.0 - lightness) / 25.0, 0.0, 1.0)
    yellow = rng.normal(mean[2] - 4.0 * dark, 2.4)
    return lightness, float(rng.normal(mean[1], 1.6)), float(np.clip(yellow, 5.0, 26.0))


def sample_skin(
    rng: np.random.Generator, ancestry: tuple[float, float, float], female: bool, pictures: tuple[Path, ...]
) -> SkinTraits:
    """Random skin; a third of them procedural even when painted `pictures` are there."""
    tone = sample_tone(rng, ancestry)
    fitting = [p for p in pictures if ("female" in p.name) == female] or list(pictures)
    pool = fitting if rng.random() < 0.75 else list(pictures)
    picture = pool[int(rng.integers(len(pool)))] if pool and rng.random() < 0.8 else None
    lips = lab_to_srgb(
        tone[0] - rng.uniform(3, 12),
        tone[1] + rng.uniform(5, 13 if not female else 26),
        tone[2] * rng.uniform(0.5, 0.9),
    )
    return SkinTraits(
        lab=tone,
        picture=picture,
        contrast=float(rng.uniform(0.6, 1.1)),
        mottle=float(rng.beta(1.5, 3)),
        redness=float(rng.beta(1.5, 2)),
        freckles=float(rng.beta(1, 3)) if tone[0] > 55 and rng.random() < 0.3 else 0.0,
        moles=int(rng.poisson(4)),
        lips=lips,
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
    plain, middle = _plain_lab(0)
    lab = lab * (1.0 - shaved) + (mean + 0.5 * (plain - middle)) * shaved
    return np.clip(lab, 0, 255).astype(np.uint8), mean


@lru_cache(maxsize=4)
def _plain_lab(variant: int) -> tuple[UInt8, Float32]:
    """Procedural skin detail about mid grey, in 8-bit Lab: pores, blotches, palms and soles lighter."""
    rng = np.random.default_rng(variant)
    tone = 6.0 * smooth_noise(rng, SKIN_HEIGHT, SKIN_WIDTH, 12) + 4.0 * smooth_noise(
        rng, SKIN_HEIGHT, SKIN_WIDTH, 90
    )
    tone += 2.0 * rng.standard_normal((SKIN_HEIGHT, SKIN_WIDTH)).astype(np.float32)
    red = 2.0 * smooth_noise(rng, SKIN_HEIGHT, SKIN_WIDTH, 20)
    lab = np.stack([150 + 0.6 * tone, 140 + red, np.full_like(tone, 145.0)], axis=-1)
    return np.clip(lab, 0, 255).astype(np.uint8), np.array([150.0, 140.0, 145.0], dtype=np.float32)


def blend(picture: UInt8, block: Block, opacity: Float32, colour: UInt8) -> None:
    """Lay `colour` (3,) over a block of `picture` (h, w, 3), in place; opacity: 0..1, of the block's size."""
    below = np.ascontiguousarray(picture[block])
    above = np.empty_like(below)
    above[:] = colour
    picture[block] = cv2.blendLinear(below, above, 1.0 - opacity, opacity)


def paint_skin(traits: SkinTraits) -> UInt8:
    """The person's skin texture (704, 768, 3) sRGB, without hair; deterministic."""
    rng = np.random.default_rng(traits.seed)
    regions = SkinSpace.load().regions
    lab, mean = _plain_lab(int(rng.integers(4))) if traits.picture is None else _painted_lab(traits.picture)
    target = np.array([traits.lab[0] * 2.55, traits.lab[1] + 128.0, traits.lab[2] + 128.0])
    levels = np.arange(256, dtype=np.float32)
    # Dark skins vary less in lightness than light ones, so the painted detail is scaled with the tone.
    gains = (
        traits.contrast * np.clip(target[0] / mean[0], 0.45, 1.1),
        0.8 * traits.contrast,
        0.8 * traits.contrast,
    )
    lookup = np.stack([np.clip(target[k] + gains[k] * (levels - mean[k]), 0, 255) for k in range(3)], axis=-1)
    skin = cv2.LUT(lab, lookup[None].astype(np.uint8))
    if traits.mottle > 0.05:
        patches = smooth_noise(rng, SKIN_HEIGHT // 4, SKIN_WIDTH // 4, int(rng.integers(14, 50)))
        patches = cv2.resize(patches, (SKIN_WIDTH, SKIN_HEIGHT)) * (5.0 * traits.mottle)
        cv2.insertChannel(cv2.add(cv2.extractChannel(skin, 0), patches, dtype=cv2.CV_8U), skin, 0)
    block, cheek = regions["cheek"]
    skin[(*block, 1)] = np.clip(skin[(*block, 1)] + cheek * (10.0 * traits.redness), 0, 255)
    picture = cv2.cvtColor(skin, cv2.COLOR_LAB2RGB)
    _spots(rng, picture, traits)
    strength = 0.75 if traits.picture is None else 0.35
    block, lips = regions["lips"]
    blend(picture, block, lips * np.float32(strength), traits.lips)
    blend(picture, *regions["mouth"], np.array([92, 38, 36], dtype=np.uint8))
    return picture


def _spots(rng: np.random.Generator, picture: UInt8, traits: SkinTraits) -> None:
    """Freckles and moles: darker dots, most of them on the face's half of the texture."""
    border = int(SKIN_SPLIT * SKIN_WIDTH)
    count = int(400 * traits.freckles) + traits.moles
    for index in range(count):
        x = int(rng.integers(border, SKIN_WIDTH)) if rng.random() < 0.7 else int(rng.integers(0, border))
        y = int(rng.integers(0, SKIN_HEIGHT))
        mole = index < traits.moles
        shade = rng.uniform(0.35, 0.6) if mole else rng.uniform(0.72, 0.9)
        colour = tuple(int(c) for c in picture[y, x] * (shade, shade * 0.9, shade * 0.85))
        cv2.circle(
            picture,
            (x, y),
            int(rng.integers(1, 3)) if mole else 1,
            colour,
            -1,
            cv2.LINE_AA,
        )
