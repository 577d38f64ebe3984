"""Where people are in a photograph, from the person probability of the registration network at several
scales.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from lineament.anatomy import BACKGROUND, HEAD
from lineament.runtime.windows import Box
from lineament.types import Bool, Float32, Int32, UInt8

PERSON_LEVEL = 0.5
SMALLEST, LARGEST = 30, 230
"""Longer side, in pixels of a level, of people that are looked for at that level."""
SAME_PERSON = 0.55
MOST_PEOPLE = 12
NARROW_GAP, BROAD_GAP = 8.0, 37.0
"""Crop pixels between pieces of one person: a pole's width; a table's or a fence's height."""
LEAST_HEAD = 0.15
"""Area of a second head as a share of the largest; smaller ones are mostly hands taken for heads."""
SIDEWAYS, NEARNESS = 2.0, 0.25
"""How cells are shared among heads: distances across count so often, and all are divided by this power of
the head's area, as small people reach less far. Chosen on synthetic scenes of several people and of sports.
"""
SMALLEST_SHARE = 0.01
"""Of the crop's cells that must show the person; less is noise."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible person: box in photograph pixels and a score, mean probability times the square root of its
    area in level pixels."""

    box: Box
    score: float


def candidates_of_level(probability: Float32, parts: UInt8, scale: float) -> list[Candidate]:
    """People among the cells of one level.

    probability: (h, w) of a person. parts: (h, w) best foreground class. scale: photograph pixels a cell; a
    cell is 4 pixels of the level.
    """
    mask = (probability >= PERSON_LEVEL).astype(np.uint8)
    labels, count = components(mask)
    found = []
    for label in range(1, count):
        for person in split_by_heads(labels == label, parts):
            rows, columns = np.flatnonzero(person.any(axis=1)), np.flatnonzero(person.any(axis=0))
            y0, y1, x0, x1 = (float(edge) for edge in (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1))
            if SMALLEST <= 4 * max(y1 - y0, x1 - x0) <= LARGEST:
                score = float(probability[person].mean()) * float(person.sum()) ** 0.5
                found.append(Candidate((x0 * scale, y0 * scale, x1 * scale, y1 * scale), score))
    return found


def components(mask: UInt8) -> tuple[Int32, int]:
    """Labels (h, w) of the 4-connected regions of `mask`, 0 outside, and the number of labels with 0."""
    count, labels = cv2.connectedComponents(mask, connectivity=4)
    return np.asarray(labels, dtype=np.int32), int(count)


def split_by_heads(mask: Bool, parts: UInt8) -> list[Bool]:
    """Part a connected mask (h, w) into people when it holds several heads: each cell goes to the head that
    is nearest for its size.
    """
    heads, count = components((mask & (parts == HEAD)).astype(np.uint8))
    areas = np.bincount(heads.ravel(), minlength=count)
    kept = [index for index in range(1, count) if areas[index] >= max(LEAST_HEAD * areas[1:].max(), 3)]
    if len(kept) < 2:
        return [mask]
    rows, columns = np.nonzero(mask)
    distance = []
    for head in kept:
        y, x = (float(np.mean(at)) for at in np.nonzero(heads == head))
        distance.append(np.hypot(SIDEWAYS * (columns - x), rows - y) / areas[head] ** NEARNESS)
    nearest = np.argmin(distance, axis=0)
    split = []
    for index in range(len(kept)):
        one = np.zeros_like(mask)
        one[rows[nearest == index], columns[nearest == index]] = True
        if one.any():
            split.append(one)
    return split


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)


def inside(inner: Box, outer: Box) -> float:
    """Share of `inner` that lies in `outer`."""
    width = min(inner[2], outer[2]) - max(inner[0], outer[0])
    height = min(inner[3], outer[3]) - max(inner[1], outer[1])
    return max(width, 0.0) * max(height, 0.0) / max((inner[2] - inner[0]) * (inner[3] - inner[1]), 1e-9)


def distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Best first, without those that overlap a better one or lie within it."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda one: -one.score):
        clash = any(
            overlap(candidate.box, other.box) > SAME_PERSON or inside(candidate.box, other.box) > 0.8
            for other in kept
        )
        if not clash and len(kept) < MOST_PEOPLE:
            kept.append(candidate)
    return kept


def _belongs(region: Bool, main: Bool) -> bool:
    """Whether a separate region may be the main one's, cut off by something narrow or, below or above it,
    broad.
    """
    apart = cv2.distanceTransform((~main).astype(np.uint8), cv2.DIST_L2, 5)[region].min()
    columns, across = np.flatnonzero(main.any(axis=0)), np.nonzero(region)[1].mean()
    upright = columns[0] <= across <= columns[-1]
    return bool(apart <= (BROAD_GAP if upright else NARROW_GAP))


def person_mask(classes: Float32) -> Bool | None:
    """Which pixels of a crop (h, w, 15) belong to the person in its middle; None when hardly any do.

    The regions of people are split by heads; the one with most pixels, the middle counting most, is the
    person, and smaller regions join it unless they bring another head or lie too far off.
    """
    mask = classes[..., BACKGROUND] <= 1.0 - PERSON_LEVEL
    best = (1 + classes[..., 1:].argmax(axis=-1)).astype(np.uint8)
    labels, count = components(mask.astype(np.uint8))
    regions = [one for label in range(1, count) for one in split_by_heads(labels == label, best)]
    if not regions:
        return None
    height, width = mask.shape
    y, x = np.mgrid[:height, :width]
    central = np.exp(-2.0 * (((x - width / 2) / width) ** 2 + ((y - height / 2) / height) ** 2) * 4)
    main = max(regions, key=lambda region: float(central[region].sum()))
    headed = bool((best[main] == HEAD).any())
    total = main.copy()
    for region in regions:
        heads = float((best[region] == HEAD).mean())
        if region is not main and not (headed and heads > 0.05) and _belongs(region, main):
            total |= region
    return total if total.sum() >= SMALLEST_SHARE * total.size else None
