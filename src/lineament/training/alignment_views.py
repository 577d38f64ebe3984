"""Crops to learn face alignment from: rough alignments as a detector gives them, on pictures worse than
renders.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from lineament.runtime.face_alignment import AlignmentTemplate, widened
from lineament.runtime.face_crops import CROP_SIZE, FIVE_POINTS, apply, similarity, warp
from lineament.synth.landmarks import FIVE_POINTS as FIVE_NAMES
from lineament.synth.landmarks import LANDMARKS
from lineament.training.head_pictures import HeadPictures
from lineament.types import Float32, Float64, UInt8

FIVE: Final = [list(LANDMARKS).index(name) for name in FIVE_NAMES]
JITTER_TURN: Final = np.radians(20.0)
JITTER_SCALE: Final = 0.22
JITTER_SHIFT: Final = 11.0


@dataclass(frozen=True, slots=True, eq=False)
class AlignmentViews:
    """crops: (B, 112, 112, 3) uint8. landmarks: (B, L, 2) crop pixels. visible: (B, L). direction: (B, 2)
    sine and cosine of the yaw.
    """

    crops: UInt8
    landmarks: Float32
    visible: Float32
    direction: Float32


def mirror_order() -> list[int]:
    """For each landmark, the one that takes its place in a mirrored picture."""
    names = list(LANDMARKS)
    pairs = [(i, 16 - i) for i in range(17)] + [(17 + i, 26 - i) for i in range(10)]
    pairs += [(27 + i, 27 + i) for i in range(4)] + [(31 + i, 35 - i) for i in range(5)]
    pairs += [(36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46)]
    pairs += [(48 + i, 54 - i) for i in range(7)] + [(55 + i, 59 - i) for i in range(5)]
    pairs += [(60 + i, 64 - i) for i in range(5)] + [(65 + i, 67 - i) for i in range(3)]
    other = {f"ibug_{a}": f"ibug_{b}" for a, b in pairs} | {f"ibug_{b}": f"ibug_{a}" for a, b in pairs}
    for name in names:
        side, _, place = name.partition("_")
        if side in ("left", "right"):
            other[name] = f"{'right' if side == 'left' else 'left'}_{place}"
    return [names.index(other.get(name, name)) for name in names]


_MIRROR: Final = mirror_order()


def alignment_views(
    pictures: HeadPictures,
    chosen: Float64,
    rough: Float32,
    template: AlignmentTemplate,
    rng: np.random.Generator,
) -> AlignmentViews:
    """One augmented view of each of the `chosen` pictures.

    rough: (N, 5, 2) a detector's points, NaN where there are none. Views start from these, from the true five
    points or from an alignment such as the first pass leaves.
    """
    crops, marks, seen, direction = [], [], [], []
    for index in chosen:
        truth = pictures.landmarks[index, : len(LANDMARKS)].astype(np.float64)
        yaw = float(pictures.angles[index, 0])
        start = _start(truth, yaw, rough[index].astype(np.float64), template, rng)
        matrix = _jittered(widened(start, template.context), rng)
        crop, landmarks = warp(pictures.images[index], matrix), apply(matrix, truth)
        visible = pictures.visible[index, : len(LANDMARKS)].astype(np.float32)
        if rng.random() < 0.5:
            crop, landmarks, visible, yaw = _mirrored(crop, landmarks, visible, yaw)
        crops.append(worsened(np.ascontiguousarray(crop), rng))
        marks.append(landmarks)
        seen.append(visible)
        direction.append((np.sin(yaw), np.cos(yaw)))
    return AlignmentViews(
        np.stack(crops),
        np.array(marks, np.float32),
        np.array(seen, np.float32),
        np.array(direction, np.float32),
    )


def _start(
    truth: Float64, yaw: float, rough: Float64, template: AlignmentTemplate, rng: np.random.Generator
) -> Float64:
    if np.isfinite(rough).all():
        return similarity(rough, FIVE_POINTS)
    if rng.random() < 0.4:
        return similarity(truth[FIVE], FIVE_POINTS)
    return similarity(truth, *template.at(yaw))


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


def _mirrored(
    crop: UInt8, landmarks: Float64, visible: Float32, yaw: float
) -> tuple[UInt8, Float64, Float32, float]:
    flipped = landmarks[_MIRROR] * (-1.0, 1.0) + (CROP_SIZE, 0.0)
    return crop[:, ::-1], flipped, visible[_MIRROR], -yaw


def worsened(crop: UInt8, rng: np.random.Generator) -> UInt8:
    """Grey, recoloured, blurred, coarse, compressed or partly covered, each now and then."""
    out = crop.astype(np.float32)
    if rng.random() < 0.2:
        out = np.repeat(out.mean(axis=2, keepdims=True), 3, axis=2)
    if rng.random() < 0.6:
        gain = np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.08, 3))
        out = 255 * (np.clip(out * gain, 0, 255) / 255) ** np.exp(rng.normal(0, 0.25))
    if rng.random() < 0.3:
        side = int(rng.integers(24, 90))
        small = cv2.resize(out, (side, side), interpolation=cv2.INTER_AREA)
        out = cv2.resize(small, (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_LINEAR)
    elif rng.random() < 0.3:
        out = cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.4, 2.0)))
    if rng.random() < 0.25:
        width, height = rng.integers(10, 56, 2)
        x, y = rng.integers(0, CROP_SIZE - width), rng.integers(0, CROP_SIZE - height)
        out[y : y + height, x : x + width] = rng.uniform(0, 255, 3)
    if rng.random() < 0.3:
        out += rng.normal(0, rng.uniform(2, 14), out.shape)
    result = np.clip(out, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        _, code = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 90))])
        result = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), dtype=np.uint8)
    return result
