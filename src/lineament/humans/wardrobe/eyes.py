"""Eyes: MakeHuman's where they are there, else the body's own spheres, with an iris of any human colour."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from lineament.anatomy import HEAD
from lineament.geometry.surface import Surface
from lineament.humans.wardrobe.canvas import Canvas
from lineament.humans.wardrobe.colours import read_picture
from lineament.humans.wardrobe.facts import BodyFacts, fill_square
from lineament.humans.wardrobe.layers import Binding, BodyLayer, BoundLayer, Layer
from lineament.humans.wardrobe.places import SkinSpace
from lineament.types import Float32, UInt8

_IRISES: dict[str, tuple[tuple[int, int, int], str]] = {
    "dark brown": ((42, 27, 19), "brown"),
    "brown": ((70, 45, 28), "brown"),
    "light brown": ((104, 72, 44), "brownlight"),
    "hazel": ((102, 88, 54), "brownlight"),
    "green": ((96, 104, 78), "green"),
    "grey": ((104, 112, 116), "grey"),
    "blue": ((88, 110, 132), "blue"),
    "pale blue": ((122, 142, 154), "lightblue"),
}
"""sRGB of irises in daylight, and which of MakeHuman's pictures has such a pattern."""
_DARK_SHARES = (0.64, 0.31, 0.04, 0.01, 0.0, 0.0, 0.0, 0.0)
_LIGHT_SHARES = (0.03, 0.12, 0.12, 0.16, 0.12, 0.13, 0.24, 0.08)
"""Shares in their order where hardly anybody, and where most people, have light eyes (northern Europe)."""


@dataclass(frozen=True, slots=True, eq=False)
class EyeTraits:
    """iris: (3,) sRGB. white: brightness 0..1. picture: MakeHuman's eye texture, or None for procedural
    eyes.
    """

    iris: UInt8
    white: float
    picture: Path | None


def sample_eyes(
    rng: np.random.Generator, lightness: float, european: float, age: float, pictures: tuple[Path, ...]
) -> EyeTraits:
    """Eyes for a skin of CIE lightness 0..100 of a person of `age` years; light irises go with light skin.

    european: share of Caucasian ancestry, 0..1.
    """
    light = float(np.clip((lightness - 58.0) / 14.0, 0.0, 1.0)) * european**1.5
    shares = (1.0 - light) * np.array(_DARK_SHARES) + light * np.array(_LIGHT_SHARES)
    colour, pattern = list(_IRISES.values())[int(rng.choice(len(_IRISES), p=shares / shares.sum()))]
    iris = np.array(colour) * rng.uniform(0.8, 1.2) + rng.normal(0, 4, 3)
    fitting = [path for path in pictures if path.stem.startswith(f"{pattern}_")] or list(pictures)
    picture = fitting[int(rng.integers(len(fitting)))] if fitting else None
    white = float(rng.uniform(0.70, 0.86) - 0.06 * np.clip((age - 50) / 40, 0, 1))
    return EyeTraits(np.clip(iris, 5, 250).astype(np.uint8), white, picture)


@lru_cache(maxsize=1)
def _own_eyes() -> tuple[Surface, Float32]:
    """The body's own eyes as a surface with an empty texture, and the angle (h, w) of its texels from the
    pupil.
    """
    facts = BodyFacts.load()
    model = facts.model
    uv = fill_square(model.eye_uv)
    centres = SkinSpace.load().face.eyes
    side = np.where(model.canonical[:, 0] > 0, 0, 1)
    away = model.canonical - centres[side]
    away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
    angle = np.arccos(np.clip(-away[:, 1], -1, 1)).astype(np.float32)
    canvas = Canvas(model.eye_faces, uv, facts.fields, 96, 384)
    parts = np.full(len(model.eye_faces), HEAD, dtype=np.uint8)
    blank = np.zeros((96, 384, 3), dtype=np.uint8)
    surface = Surface(
        "eyes", model.canonical, model.eye_faces, parts, facts.head_canonical, uv=uv, texture=blank
    )
    return surface, canvas.spread(angle)


def _own_layer(traits: EyeTraits) -> Layer:
    surface, angle = _own_eyes()
    picture = np.empty((*angle.shape, 3), dtype=np.float32)
    picture[:] = np.array([236.0, 230.0, 224.0]) * traits.white
    iris = angle < 0.5
    picture[iris] = traits.iris * (0.6 + 0.9 * (0.5 - np.abs(angle[iris, None] - 0.3)))
    picture[(angle > 0.44) & iris] *= 0.55
    picture[angle < 0.19] = 8.0
    blank = surface
    painted = Surface(
        "eyes",
        blank.vertices,
        blank.faces,
        blank.parts,
        blank.canonical,
        uv=blank.uv,
        texture=np.clip(picture, 0, 255).astype(np.uint8),
    )
    return BodyLayer(painted)


@lru_cache(maxsize=16)
def _small_picture(path: Path) -> UInt8:
    picture = read_picture(str(path))[..., :3]
    return cv2.resize(np.ascontiguousarray(picture), (256, 256), interpolation=cv2.INTER_AREA)


def eye_layer(traits: EyeTraits, binding: Binding | None) -> Layer:
    """The eyes' layer; `binding` is MakeHuman's eye proxy."""
    if traits.picture is None or binding is None:
        return _own_layer(traits)
    picture = _small_picture(traits.picture)
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    coloured = (hsv[..., 1] > 60) & ((hsv[..., 0] > 12) | (hsv[..., 2] < 150))
    painted = (picture * (np.float32((1.0, 0.965, 0.94)) * np.float32(traits.white))).astype(np.uint8)
    grey = picture[coloured].mean(axis=1, keepdims=True)
    dyed = traits.iris * (grey / max(float(grey.mean()), 1.0)) if len(grey) else grey
    painted[coloured] = np.clip(0.85 * dyed + 0.15 * painted[coloured], 0, 255).astype(np.uint8)
    return BoundLayer.textured(binding, painted, name="eyes")
