"""Judge face alignment on renders of people never trained on: where crops and landmarks land, how the head is
turned, and what recognition makes of it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import onnxruntime

from lineament.runtime.detector import FaceDetector
from lineament.runtime.face_alignment import Alignment, AlignmentTemplate, FaceAligner
from lineament.runtime.face_crops import FIVE_POINTS, apply, invert, similarity, warp
from lineament.runtime.head_pose import angles_of
from lineament.training.alignment_detector import detected
from lineament.training.alignment_template import COUNTED
from lineament.training.head_pictures import HeadPictures
from lineament.types import Bool, Float32, Float64, Int32

FRONTAL: Final = np.radians(25.0)
PROFILE: Final = np.radians(60.0)
FALSE_MATCH_RATE: Final = 0.01
SEEN: Final = {"frontal": 0.5, "profile": 0.2}
"""Share of the counted landmarks that must be visible; hair and obstacles hide some faces altogether."""


@dataclass(frozen=True, slots=True, eq=False)
class Placements:
    """What one way of aligning makes of pictures. matrices: (N, 2, 3) to the crop. found: (N,)."""

    matrices: Float64
    found: Bool


def alignments(
    pictures: HeadPictures, detector: FaceDetector, aligner: FaceAligner
) -> list[tuple[Float64, Alignment] | None]:
    """The detector's five points and the alignment of every picture, None where the face is not found."""
    results: list[tuple[Float64, Alignment] | None] = []
    for index in range(len(pictures)):
        five = detected(detector, pictures, index)
        image = np.array(pictures.images[index])
        results.append(None if five is None else (five, aligner.align(image, five)))
    return results


def true_matrices(pictures: HeadPictures, template: AlignmentTemplate) -> Float64:
    """Crops (N, 2, 3) as the exact landmarks and yaw ask for them."""
    return np.array(
        [
            similarity(landmarks, template.at(float(angles[0])), template.weights)
            for landmarks, angles in zip(pictures.landmarks.astype(np.float64), pictures.angles, strict=True)
        ]
    )


def placement_error(got: Float64, true: Float64) -> float:
    """Mean distance, crop pixels, between where two matrices (2, 3) place the five points of a crop."""
    there = apply(got, apply(invert(true), FIVE_POINTS))
    return float(np.linalg.norm(there - FIVE_POINTS, axis=1).mean())


def errors(
    pictures: HeadPictures, found: list[tuple[Float64, Alignment] | None], template: AlignmentTemplate
) -> dict[str, Float64]:
    """For each picture (N,), NaN where no face was found: errors in pixels of the crop and in degrees, and
    the spread that the network itself expects.
    """
    names = ("five_points", "placement", "landmarks", "dense", "yaw", "pitch", "roll", "spread", "visible")
    rows = np.full((len(pictures), len(names)), np.nan)
    exact = true_matrices(pictures, template)
    for index, one in enumerate(found):
        if one is None:
            continue
        five, got = one
        true = exact[index]
        scale = np.sqrt(np.linalg.det(true[:, :2]))
        off = scale * np.linalg.norm(got.landmarks - pictures.landmarks[index], axis=1)
        angles = np.array(angles_of(pictures.rotation[index].astype(np.float64)))
        turns = np.array([got.yaw, got.pitch, got.roll]) - angles
        rows[index] = (
            placement_error(
                similarity(five, FIVE_POINTS),
                similarity(pictures.landmarks[index][list(template.five)].astype(np.float64), FIVE_POINTS),
            ),
            placement_error(got.matrix, true),
            off[template.weights > 0].mean(),
            off.mean(),
            *np.degrees(np.abs((turns + np.pi) % (2 * np.pi) - np.pi)),
            got.spread,
            np.mean((got.visible > 0.5) != pictures.visible[index]),
        )
    return dict(zip(names, rows.T, strict=True))


def bands(yaws: Float32, visible: Bool) -> dict[str, Bool]:
    """Which pictures (N,) are frontal, between, in profile, of those whose face is not hidden."""
    turned = np.abs(yaws)
    shown = visible[:, : len(COUNTED)][:, COUNTED].mean(axis=1) > SEEN["profile"]
    return {
        "frontal": shown & (turned < FRONTAL),
        "between": shown & (turned >= FRONTAL) & (turned <= PROFILE),
        "profile": shown & (turned > PROFILE),
    }


def separation(
    pictures: HeadPictures, matrices: Float64, found: Bool, recogniser: onnxruntime.InferenceSession
) -> dict[str, float]:
    """How far mated frontal-profile pairs stand from others when `matrices` (N, 2, 3) cut the crops.

    separation: difference of the means over the root mean variance. rate: true match rate at a false match
    rate of 1 %.
    """
    turned = np.abs(pictures.angles[:, 0])
    seen = pictures.visible[:, : len(COUNTED)][:, COUNTED].mean(axis=1)
    front = np.flatnonzero(found & (turned < FRONTAL) & (seen > SEEN["frontal"]))
    side = np.flatnonzero(found & (turned > PROFILE) & (seen > SEEN["profile"]))
    first, second = (_embeddings(pictures, which, matrices, recogniser) for which in (front, side))
    mated = pictures.people[front][:, None] == pictures.people[side][None]
    scores = first @ second.T
    ours, others = scores[mated], scores[~mated]
    threshold = np.sort(others)[::-1][int(FALSE_MATCH_RATE * len(others))]
    apart = (ours.mean() - others.mean()) / np.sqrt((ours.var() + others.var()) / 2)
    return {"separation": float(apart), "rate": float((ours > threshold).mean())}


def _embeddings(
    pictures: HeadPictures, chosen: Int32, matrices: Float64, recogniser: onnxruntime.InferenceSession
) -> Float32:
    vectors = []
    for index in chosen:
        crop = warp(np.array(pictures.images[index]), matrices[index]).transpose(2, 0, 1)[None]
        vector = recogniser.run(None, {"data": np.ascontiguousarray(crop, dtype=np.float32)})[0][0]
        vectors.append(vector / np.linalg.norm(vector))
    return np.stack(vectors)
