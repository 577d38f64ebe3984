"""Views to learn face alignment from: rough alignments as a detector or a first pass leaves them."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from lineament.runtime.face_alignment import VIEW_SIZE, AlignmentTemplate, view_of
from lineament.runtime.face_crops import CROP_SIZE, FIVE_POINTS, apply, similarity, warp
from lineament.training.alignment_appearance import covered, worsened
from lineament.training.alignment_detector import FIVE, DetectorErrors
from lineament.training.head_pictures import HeadPictures
from lineament.types import Float32, Float64, Int32, UInt8

JITTER_TURN: Final = np.radians(20.0)
JITTER_SCALE: Final = 0.2
JITTER_SHIFT: Final = 10.0
SIDES: Final = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class AlignmentViews:
    """views: (B, S, S, 3) uint8. landmarks: (B, K, 2) view pixels. visible: (B, K). rotation: (B, 2, 3)
    first two rows of head to camera.
    """

    views: UInt8
    landmarks: Float32
    visible: Float32
    rotation: Float32


def alignment_views(
    pictures: HeadPictures,
    chosen: Int32,
    detector: DetectorErrors,
    template: AlignmentTemplate,
    mirror: list[int],
    rng: np.random.Generator,
) -> AlignmentViews:
    """One augmented view of each of the `chosen` pictures.

    Views start from the errors of a detector, from the true five points or from an alignment such as the
    first pass leaves. mirror: for each landmark, the one that takes its place in a mirrored picture.
    """
    views, marks, seen, rotations = [], [], [], []
    for index in chosen:
        truth = pictures.landmarks[index].astype(np.float64)
        angles, rotation = pictures.angles[index], pictures.rotation[index].astype(np.float64)
        start = _start(truth, float(angles[0]), float(angles[1]), detector, template, rng)
        matrix = view_of(_jittered(start, rng), template.context)
        view, landmarks = _cut(pictures, index, matrix, rng), apply(matrix, truth)
        visible = pictures.visible[index].astype(np.float32)
        rows = matrix[:, :2] / np.sqrt(np.linalg.det(matrix[:, :2])) @ rotation[:2]
        view = covered(view, landmarks, abs(float(angles[0])), rng)
        if rng.random() < 0.5:
            landmarks = landmarks[mirror] * (-1, 1) + (VIEW_SIZE, 0)
            view, visible, rows = view[:, ::-1], visible[mirror], rows * SIDES * SIDES[:2, None]
        views.append(worsened(np.ascontiguousarray(view), rng))
        marks.append(landmarks)
        seen.append(visible)
        rotations.append(rows)
    return AlignmentViews(
        np.stack(views),
        np.array(marks, np.float32),
        np.array(seen, np.float32),
        np.array(rotations, np.float32),
    )


def _cut(pictures: HeadPictures, index: int, matrix: Float64, rng: np.random.Generator) -> UInt8:
    """The view; outside of the picture it is black as in use, of one colour, or shows another picture."""
    view, draw = warp(pictures.images[index], matrix, VIEW_SIZE), rng.random()
    if draw < 0.5:
        return view
    size = pictures.images.shape[1]
    inside = warp(np.full((size, size), 255, np.uint8), matrix, VIEW_SIZE)[..., None] > 127
    if draw < 0.65:
        return np.where(inside, view, rng.integers(0, 256, 3, dtype=np.uint8))
    other = cv2.resize(pictures.images[int(rng.integers(len(pictures)))], (VIEW_SIZE, VIEW_SIZE))
    return np.where(inside, view, np.roll(other, rng.integers(VIEW_SIZE, size=2), axis=(0, 1)))


def _start(
    truth: Float64,
    yaw: float,
    pitch: float,
    detector: DetectorErrors,
    template: AlignmentTemplate,
    rng: np.random.Generator,
) -> Float64:
    kind = rng.random()
    if kind < 0.4:
        return similarity(detector.draw(truth[FIVE], yaw, rng), FIVE_POINTS)
    if kind < 0.5:
        return similarity(truth[FIVE], FIVE_POINTS)
    return similarity(truth, template.at(yaw, pitch), template.weights)


def _jittered(matrix: Float64, rng: np.random.Generator) -> Float64:
    """A random similarity about the crop's centre; its strength varies, so that near-perfect starts occur
    too.
    """
    strength = rng.random()
    turn = rng.normal(0, JITTER_TURN * strength)
    scale = np.exp(rng.normal(0, JITTER_SCALE * strength))
    linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    centre = np.full(2, CROP_SIZE / 2)
    shift = centre - linear @ centre + rng.normal(0, JITTER_SHIFT * strength, 2)
    return np.column_stack([linear @ matrix[:, :2], linear @ matrix[:, 2] + shift])
