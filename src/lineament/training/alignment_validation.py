"""Judge face alignment on renders of people never trained on: where crops land, and what recognition makes of
it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.runtime.detector import FaceDetector
from lineament.runtime.face_alignment import AlignmentTemplate, FaceAligner
from lineament.runtime.face_crops import FIVE_POINTS, apply, invert, similarity
from lineament.training.alignment_template import COUNTED
from lineament.training.alignment_views import FIVE
from lineament.training.head_pictures import MISSED, HeadPictures
from lineament.types import Bool, Float64

FRONTAL: Final = np.radians(25.0)
PROFILE: Final = np.radians(60.0)


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
        image, truth = np.array(pictures.images[index]), pictures.landmarks[index, : len(COUNTED)]
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
    named = pictures.landmarks[:, : len(COUNTED)].astype(np.float64)
    for landmarks, yaw in zip(named, yaws, strict=True):
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
