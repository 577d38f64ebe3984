"""Judge face alignment on renders of people never trained on: where crops land, and what recognition makes of
it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.runtime.detector import FaceDetector
from lineament.runtime.face_alignment import AlignmentTemplate, FaceAligner
from lineament.runtime.face_crops import FIVE_POINTS, apply, invert, similarity
from lineament.training.alignment_views import FIVE
from lineament.training.head_pictures import MISSED, HeadPictures
from lineament.types import Bool, Float32, Float64, Int32

FRONTAL: Final = np.radians(25.0)
PROFILE: Final = np.radians(60.0)
FALSE_MATCH_RATE: Final = 0.01
Embed = Callable[[np.ndarray, Float64, float], Float32]


@dataclass(frozen=True, slots=True, eq=False)
class Placements:
    """What one way of aligning makes of pictures: matrices (N, 2, 3) to the crop, yaws (N,), found (N,)."""

    matrices: Float64
    yaws: Float64
    found: Bool


def placements(pictures: HeadPictures, detector: FaceDetector, aligner: FaceAligner | None) -> Placements:
    """Detect and align every picture; a detection beside the face counts as none."""
    count = len(pictures)
    matrices, yaws, found = np.zeros((count, 2, 3)), np.zeros(count), np.zeros(count, dtype=np.bool_)
    for index in range(count):
        image, truth = np.array(pictures.images[index]), pictures.landmarks[index]
        five = next((one.landmarks.astype(np.float64) for one in detector.detect(image)), None)
        if five is None or np.abs(five.mean(axis=0) - truth.mean(axis=0)).max() > MISSED * np.ptp(truth):
            continue
        found[index] = True
        if aligner is None:
            matrices[index] = similarity(five, FIVE_POINTS)
        else:
            alignment = aligner.align(image, five)
            matrices[index], yaws[index] = alignment.matrix, alignment.yaw
    return Placements(matrices, yaws, found)


def true_placements(pictures: HeadPictures, template: AlignmentTemplate | None) -> Placements:
    """Crops as the exact landmarks and yaw ask for them; without a template, as the exact five points do."""
    yaws = np.array(pictures.angles[:, 0], dtype=np.float64)
    matrices = []
    for landmarks, yaw in zip(pictures.landmarks.astype(np.float64), yaws, strict=True):
        if template is None:
            matrices.append(similarity(landmarks[FIVE], FIVE_POINTS))
        else:
            matrices.append(similarity(landmarks, *template.at(yaw)))
    return Placements(np.array(matrices), yaws, np.ones(len(yaws), dtype=np.bool_))


def placement_errors(got: Placements, true: Placements) -> Float64:
    """Mean distance (N,), crop pixels, between where the two place the five points of a crop."""
    errors = []
    for ours, exact in zip(got.matrices, true.matrices, strict=True):
        there = apply(ours, apply(invert(exact), FIVE_POINTS))
        errors.append(np.linalg.norm(there - FIVE_POINTS, axis=1).mean())
    return np.array(errors)


def frontal_profile_rate(pictures: HeadPictures, got: Placements, embed: Embed) -> float:
    """True match rate of frontal against profile renders at a false match rate of 1 % among these people.

    Pictures without a detection count as never matching.
    """
    yaws = np.abs(pictures.angles[:, 0])
    front, side = np.flatnonzero(yaws < FRONTAL), np.flatnonzero(yaws > PROFILE)
    vectors = {
        index: embed(np.array(pictures.images[index]), got.matrices[index], float(got.yaws[index]))
        if got.found[index]
        else None
        for index in (*front, *side)
    }
    mated, others = _scores(pictures.people, vectors, front, side)
    threshold = np.sort(others)[::-1][int(FALSE_MATCH_RATE * len(others))]
    return float((mated > threshold).mean())


def _scores(
    people: Int32, vectors: dict[int, Float32 | None], front: Int32, side: Int32
) -> tuple[Float64, Float64]:
    mated, others = [], []
    for a in front:
        for b in side:
            first, second = vectors[a], vectors[b]
            score = -1.0 if first is None or second is None else float(first @ second)
            (mated if people[a] == people[b] else others).append(score)
    return np.array(mated), np.array(others)
