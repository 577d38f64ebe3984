"""Registrations of people painted back at the photograph's own resolution."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lineament.runtime.finding import PERSON_LEVEL
from lineament.runtime.outline import outline_of_colours, told_by_colours
from lineament.runtime.windows import Window, covered, cut, inverse
from lineament.types import DenseRegistration, Float16, Float32, Int32, UInt8


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


def painted(image: UInt8, people: Sequence[DenseRegistration]) -> PhotographMaps:
    """The registrations of `people` as maps of their photograph (H, W, 3), with outlines at the edges of its
    colours; the likelier person wins a pixel.
    """
    height, width = image.shape[:2]
    parts, owner, carried = (np.zeros((height, width), np.uint8) for _ in range(3))
    probability = np.zeros((height, width), np.float16)
    canonical = np.zeros((height, width, 3), np.float16)
    for number, person in enumerate(people, 1):
        box = covered(person.to_photo, height, width, *person.parts.shape)
        x0, y0, x1, y1 = box
        if x1 <= x0 or y1 <= y0 or not person.parts.any():
            continue
        region = (slice(y0, y1), slice(x0, x1))
        likely = _likely(image, person, box)
        better = likely > probability[region]
        shown = better & (likely >= PERSON_LEVEL)
        row, column = _nearest_cells(person.parts)
        part = _resampled(person.parts[row, column], person, box, cv2.INTER_NEAREST)
        place = _resampled(person.canonical[row, column], person, box, cv2.INTER_LINEAR)
        probability[region][better] = likely[better]
        parts[region][shown] = part[shown]
        owner[region][shown] = number
        canonical[region][shown] = place[shown]
        if person.carried is not None:
            held = _resampled(person.carried, person, box, cv2.INTER_LINEAR) >= PERSON_LEVEL
            carried[region][held] = number
    carried[owner > 0] = 0
    boxes = np.array([person.box for person in people], dtype=np.float32).reshape(-1, 4)
    return PhotographMaps(parts, probability, canonical, owner, carried, boxes)


def _likely(image: UInt8, person: DenseRegistration, box: tuple[int, int, int, int]) -> Float32:
    """Probability of the person at the photograph's pixels of `box`; 0 beyond the crop."""
    rows, columns = person.parts.shape
    crop = cut(image, Window.from_matrix(person.to_photo, columns, rows))
    linear = _resampled(outline_of_colours(crop, person.parts > 0), person, box, cv2.INTER_LINEAR)
    x0, y0, x1, y1 = box
    told = told_by_colours(linear, image[y0:y1, x0:x1].astype(np.float32) / 255.0)
    return np.clip(told, 0.0, 1.0).astype(np.float32)


def _nearest_cells(parts: UInt8) -> tuple[Int32, Int32]:
    """Rows and columns (h, w) of the cell nearest to each that shows the person: outlines move outwards."""
    nobody = (parts == 0).astype(np.uint8)
    _, labels = cv2.distanceTransformWithLabels(nobody, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    rows, columns = np.nonzero(parts)
    of_label = np.zeros(labels.max() + 1, np.int64)
    of_label[labels[rows, columns]] = np.arange(len(rows))
    return rows[of_label[labels]].astype(np.int32), columns[of_label[labels]].astype(np.int32)


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
