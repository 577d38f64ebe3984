"""Registrations of people painted back at the photograph's own resolution."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lineament.runtime.finding import PERSON_LEVEL
from lineament.runtime.windows import covered, inverse
from lineament.types import DenseRegistration, Float16, Float32, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class PhotographMaps:
    """Registration at the photograph's own resolution.

    parts: (H, W) uint8, background where `probability` is below one half. probability: (H, W) float16 of a
    person. canonical: (H, W, 3) float16 metres, zero off people. people: (H, W) uint8, 0 nobody, else 1 +
    index into `boxes`. carried: (H, W) uint8, likewise whose thing is seen there; 0 on people.
    boxes: (P, 4) x0, y0, x1, y1 pixels.
    """

    parts: UInt8
    probability: Float16
    canonical: Float16
    people: UInt8
    carried: UInt8
    boxes: Float32


def painted(people: Sequence[DenseRegistration], height: int, width: int) -> PhotographMaps:
    """The registrations of `people` as maps of (height, width); the likelier person wins a pixel."""
    parts, owner, carried = (np.zeros((height, width), np.uint8) for _ in range(3))
    probability = np.zeros((height, width), np.float16)
    canonical = np.zeros((height, width, 3), np.float16)
    for number, person in enumerate(people, 1):
        x0, y0, x1, y1 = covered(person.to_photo, height, width, *person.parts.shape)
        if x1 <= x0 or y1 <= y0:
            continue
        region = (slice(y0, y1), slice(x0, x1))
        likely = _resampled(person.probability, person, (x0, y0, x1, y1), cv2.INTER_LINEAR)
        better = likely > probability[region]
        shown = better & (likely >= PERSON_LEVEL)
        # a cell at the outline may be background where the finer outline is not: grow parts by one cell
        wider = cv2.dilate(person.parts, np.ones((3, 3), np.uint8))
        grown = np.where(person.parts > 0, person.parts, wider).astype(np.uint8)
        part = _resampled(grown, person, (x0, y0, x1, y1), cv2.INTER_NEAREST)
        place = _resampled(person.canonical, person, (x0, y0, x1, y1), cv2.INTER_LINEAR)
        probability[region][better] = likely[better]
        parts[region][shown] = part[shown]
        owner[region][shown] = number
        canonical[region][shown] = place[shown]
        if person.carried is not None:
            held = _resampled(person.carried, person, (x0, y0, x1, y1), cv2.INTER_LINEAR) >= PERSON_LEVEL
            carried[region][held] = number
    carried[owner > 0] = 0
    boxes = np.array([person.box for person in people], dtype=np.float32).reshape(-1, 4)
    return PhotographMaps(parts, probability, canonical, owner, carried, boxes)


def _resampled(
    values: Float32 | UInt8, person: DenseRegistration, region: tuple[int, int, int, int], how: int
) -> Float32:
    """Crop-grid `values` at the photograph pixels of `region`."""
    x0, y0, x1, y1 = region
    to_grid = inverse(person.to_photo)
    # from photograph pixels of the region to grid cells, both with centres at integers as warpAffine has them
    matrix = np.column_stack([to_grid[:, :2], to_grid[:, :2] @ (x0 + 0.5, y0 + 0.5) + to_grid[:, 2] - 0.5])
    return np.asarray(
        cv2.warpAffine(values, matrix, (x1 - x0, y1 - y0), flags=how | cv2.WARP_INVERSE_MAP, borderValue=0)
    )
