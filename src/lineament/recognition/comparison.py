"""One person of a probe against one prototype: the raw measurements, before any calibration."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.anatomy import CLASS_COUNT
from lineament.geometry.template import Template
from lineament.recognition.face_score import normalised
from lineament.recognition.pixels import PersonPixels
from lineament.types import Face, Float32, Prototype

GROUPS: dict[str, tuple[int, ...]] = {
    "head": (1,),
    "torso": (2,),
    "arms": (3, 4, 5, 6),
    "hands": (7, 8),
    "legs": (9, 10, 11, 12),
    "feet": (13, 14),
}
"""Parts that share one weight in the score; single hands or feet have too few pixels for a weight of their
own.
"""


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """What anybody looks like, from many synthetic people.

    features: (2048, D) mean site features; subtracting them turns a similarity into "more like this prototype
    than like people at large". faces: (C, E) unit rows, the cohort of face embeddings that scores are
    normalised by.
    """

    features: Float32
    faces: Float32

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or self.faces.ndim != 2 or len(self.faces) == 0:
            raise ValueError("the world needs features (sites, D) and faces (C, E)")


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Raw measurements. excess: (15,) mean over a part's pixels of similarity to the prototype minus to the
    world. share: (15,) visible share of the part, 0 where not comparable. face_cosine and face_condition:
    None without a face on either side.
    """

    subject: str
    excess: Float32
    share: Float32
    face_cosine: float | None
    face_score: float | None
    face_condition: str | None

    def __post_init__(self) -> None:
        if self.excess.shape != (CLASS_COUNT,) or self.share.shape != (CLASS_COUNT,):
            raise ValueError("a comparison holds one value for each class")

    @property
    def has_body(self) -> bool:
        """True when at least one part could be compared."""
        return bool((self.share > 0).any())


SIDES: Final = ("frontal", "oblique", "profile")
SIDE_BORDERS: Final = (30.0, 60.0)
"""Degrees of yaw, either way, at which a face becomes oblique and a profile."""


def face_condition(yaw: float, reference_yaw: float, rendered: bool) -> str:
    """The class of face comparisons that share one calibration: kind of reference, and how far the more
    turned of both faces is turned (radians).
    """
    return condition_of(max(side_of(yaw), side_of(reference_yaw)), rendered)


def condition_of(side: int, rendered: bool) -> str:
    """The class, by index of SIDES and kind of reference."""
    return f"{'render' if rendered else 'photograph'}-{SIDES[side]}"


def side_of(yaw: float) -> int:
    """Index of SIDES for a face turned by `yaw`, radians; one of unknown yaw (NaN) counts as a profile."""
    return int(np.searchsorted(SIDE_BORDERS, abs(np.degrees(yaw)), side="right"))


def compare(
    pixels: PersonPixels | None, face: Face | None, prototype: Prototype, template: Template, world: World
) -> Comparison:
    """Measure; `pixels` or `face` None means that the probe does not show it."""
    excess, share = np.zeros(CLASS_COUNT, np.float32), np.zeros(CLASS_COUNT, np.float32)
    if pixels is not None and len(pixels.parts):
        excess, share = _body(pixels, prototype, template, world)
    if face is None or prototype.face is None:
        return Comparison(prototype.subject, excess, share, None, None, None)
    scores = normalised(face.embedding, prototype.face.embeddings, world.faces)
    best = int(scores.argmax())
    return Comparison(
        prototype.subject,
        excess,
        share,
        face_cosine=float(prototype.face.embeddings[best] @ face.embedding),
        face_score=float(scores[best]),
        face_condition=face_condition(
            face.yaw, float(prototype.face.yaws[best]), bool(prototype.face.rendered[best])
        ),
    )


def _body(
    pixels: PersonPixels, prototype: Prototype, template: Template, world: World
) -> tuple[Float32, Float32]:
    usable = prototype.measured[pixels.sites] * pixels.weights
    total = usable.sum(axis=1)
    kept = np.flatnonzero(total > 0.5)
    if len(kept) == 0:
        return np.zeros(CLASS_COUNT, np.float32), np.zeros(CLASS_COUNT, np.float32)
    sites, weights = pixels.sites[kept], usable[kept] / total[kept, None]
    difference = prototype.features.astype(np.float32) - world.features
    gain = np.einsum("md,mkd,mk->m", pixels.features[kept], difference[sites], weights)
    parts = pixels.parts[kept]
    count = np.bincount(parts, minlength=CLASS_COUNT)
    excess = np.bincount(parts, weights=gain, minlength=CLASS_COUNT) / np.maximum(count, 1)
    whole = np.bincount(pixels.parts, minlength=CLASS_COUNT)
    share = pixels.visible(template) * count / np.maximum(whole, 1)
    return excess.astype(np.float32), share.astype(np.float32)
