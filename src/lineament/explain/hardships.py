"""What makes a photograph hard to compare: an occluded head, parts that do not fit as under loose
clothing."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.anatomy import PART_NAMES
from lineament.explain.measures import Lengths
from lineament.recognition.covering import HeadLook

LOOSE: Final = 2.0
"""A part that fits so many times worse than expected is spoken of."""


@dataclass(frozen=True, slots=True)
class LoosePart:
    """A part whose pixels lie `times` farther from the fitted body than expected."""

    part: str
    times: float


@dataclass(frozen=True, slots=True)
class Hardships:
    """Of one person of a photograph. head_covered: whether the head was left out of the comparison.
    face_found: whether there was a face in it. front_percent: share of the front that is towards the camera.
    head_pixels: height of the head. covering_score, covering_threshold: how covered the face looks, and from
    when it counts.
    """

    head_covered: bool
    face_found: bool
    front_percent: float
    head_pixels: float
    covering_score: float | None = None
    covering_threshold: float | None = None
    loose: tuple[LoosePart, ...] = ()


def hardships(head: HeadLook, lengths: Lengths | None) -> Hardships:
    """Those of a person; `lengths` None means that the body was not measured."""
    loose: tuple[LoosePart, ...] = ()
    if lengths is not None:
        parts = np.flatnonzero(lengths.looseness >= LOOSE)
        loose = tuple(LoosePart(PART_NAMES[part], float(lengths.looseness[part])) for part in parts)
    return Hardships(
        head_covered=head.covered,
        face_found=head.found,
        front_percent=100.0 * head.shown,
        head_pixels=head.pixels,
        covering_score=head.score,
        covering_threshold=head.threshold,
        loose=loose,
    )
