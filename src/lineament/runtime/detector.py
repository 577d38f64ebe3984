"""Find faces with YuNet (Wu et al. 2023): several scales, black border, a second and lower threshold."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import onnxruntime

from lineament.assets import require
from lineament.runtime.session import open_session
from lineament.types import Float32, UInt8

CANVAS: Final = 640
STRIDES: Final = (8, 16, 32)
THRESHOLD: Final = 0.6
RETRY_THRESHOLD: Final = 0.15
RETRY_SIZE: Final = 0.2
"""Share of the picture's longer side that a face must span to be believed below the threshold: profiles and
tight cuts score low, and so does texture, which is mostly small.
"""
OVERLAP: Final = 0.3
TILE_STEP: Final = 480
TILES_A_SIDE: Final = 3
TILE_FACE: Final = 160.0
"""Larger faces, canvas pixels, are left to the view of the whole picture, which knows what surrounds them."""


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A face in photograph pixels: box x0, y0, x1, y1; landmarks (5, 2) as in `types.Face`; score 0..1."""

    box: Float32
    landmarks: Float32
    score: float


@dataclass(frozen=True, slots=True)
class _View:
    """What the canvas shows: canvas = scale * photograph + (x, y); faces up to `largest` pixels count."""

    scale: float
    x: float
    y: float
    largest: float = np.inf


class FaceDetector:
    """YuNet, loaded once."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session

    @classmethod
    def load(cls, threads: int | None = None) -> "FaceDetector":
        """Open the detector; raises BadInputError when the asset "yunet" is not here."""
        return cls(open_session(require("yunet"), threads))

    def detect(self, image: UInt8) -> list[Detection]:
        """Faces of `image` (H, W, 3) sRGB, best first.

        Where nothing passes the threshold, the single best candidate above the retry threshold is returned:
        profiles and tightly cut faces score low.
        """
        found = np.concatenate([self._candidates(image, view) for view in _views(*image.shape[:2])])
        kept = _suppress(found[found[:, 14] >= THRESHOLD])
        if len(kept) == 0:
            large = (found[:, 2:4] - found[:, :2]).max(axis=1) >= RETRY_SIZE * max(image.shape[:2])
            kept = _suppress(found[large])[:1]
        return [
            Detection(row[:4].copy(), row[4:14].reshape(5, 2).copy(), float(row[14]))
            for row in kept.astype(np.float32)
        ]

    def _candidates(self, image: UInt8, view: _View) -> Float32:
        """Rows of box (4), landmarks (10), score (1) in photograph pixels, above the retry threshold."""
        canvas = _draw(image, view)[None, :, :, ::-1].transpose(0, 3, 1, 2)
        names = [f"{kind}_{stride}" for stride in STRIDES for kind in ("cls", "obj", "bbox", "kps")]
        outputs = self._session.run(names, {"input": np.ascontiguousarray(canvas, dtype=np.float32)})
        rows = [_decode(stride, *outputs[4 * i : 4 * i + 4]) for i, stride in enumerate(STRIDES)]
        found = np.concatenate(rows)
        found = found[(found[:, 2:4] - found[:, :2]).max(axis=1) <= view.largest]
        found[:, 0:14:2] = (found[:, 0:14:2] - view.x) / view.scale
        found[:, 1:14:2] = (found[:, 1:14:2] - view.y) / view.scale
        return np.asarray(found, dtype=np.float32)


def _views(height: int, width: int) -> list[_View]:
    """The whole picture filling the canvas, and half of it (large faces, tight cuts); tiles of big ones."""
    views = []
    for fill in (1.0, 0.5):
        scale = min(fill * CANVAS / max(height, width), 4.0)
        views.append(_View(scale, (CANVAS - scale * width) / 2, (CANVAS - scale * height) / 2))
    largest = (TILES_A_SIDE - 1) * TILE_STEP + CANVAS
    if max(height, width) > 1.5 * CANVAS:
        scale = min(1.0, largest / max(height, width))
        views += [
            _View(scale, -x, -y, TILE_FACE) for y in _starts(scale * height) for x in _starts(scale * width)
        ]
    return views


def _starts(length: float) -> list[float]:
    if length <= CANVAS:
        return [(length - CANVAS) / 2]
    count = int(np.ceil((length - CANVAS) / TILE_STEP)) + 1
    return [float(start) for start in np.linspace(0.0, length - CANVAS, count)]


def _draw(image: UInt8, view: _View) -> UInt8:
    height, width = image.shape[:2]
    x0, x1 = (int(np.clip(v, 0, width)) for v in (-view.x / view.scale, (CANVAS - view.x) / view.scale + 1))
    y0, y1 = (int(np.clip(v, 0, height)) for v in (-view.y / view.scale, (CANVAS - view.y) / view.scale + 1))
    part = np.ascontiguousarray(image[y0:y1, x0:x1])
    if view.scale < 0.5:
        goal = (max(1, round((x1 - x0) * view.scale)), max(1, round((y1 - y0) * view.scale)))
        part = np.asarray(cv2.resize(part, goal, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        fx, fy = (x1 - x0) * view.scale / goal[0], (y1 - y0) * view.scale / goal[1]
    else:
        fx = fy = view.scale
    shift_x, shift_y = view.x + view.scale * x0 + (fx - 1) / 2, view.y + view.scale * y0 + (fy - 1) / 2
    matrix = np.array([[fx, 0.0, shift_x], [0.0, fy, shift_y]])
    return np.asarray(
        cv2.warpAffine(
            part, matrix, (CANVAS, CANVAS), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
        ),
        dtype=np.uint8,
    )


def _decode(stride: int, cls: Float32, obj: Float32, box: Float32, points: Float32) -> Float32:
    """YuNet's raw outputs on one stride to rows of box, landmarks, score in canvas pixels."""
    score = np.sqrt(np.clip(cls[0, :, 0], 0, 1) * np.clip(obj[0, :, 0], 0, 1))
    keep = np.flatnonzero(score >= RETRY_THRESHOLD)
    side = CANVAS // stride
    cell = np.stack([keep % side, keep // side], axis=1).astype(np.float32)
    centre = (cell + box[0, keep, :2]) * stride
    half = np.exp(box[0, keep, 2:]) * stride / 2
    landmarks = (points[0, keep].reshape(-1, 5, 2) + cell[:, None]) * stride
    parts = [centre - half, centre + half, landmarks.reshape(-1, 10), score[keep, None]]
    return np.asarray(np.concatenate(parts, axis=1), dtype=np.float32)


def _suppress(rows: Float32) -> Float32:
    """Non-maximum suppression, best first."""
    rows = rows[np.argsort(-rows[:, 14], kind="stable")]
    kept: list[int] = []
    area = np.maximum(rows[:, 2:4] - rows[:, :2], 0).prod(1)
    alive = np.ones(len(rows), dtype=bool)
    for i in range(len(rows)):
        if not alive[i]:
            continue
        kept.append(i)
        low, high = np.maximum(rows[i, :2], rows[:, :2]), np.minimum(rows[i, 2:4], rows[:, 2:4])
        shared = np.maximum(high - low, 0).prod(1)
        alive &= shared <= OVERLAP * (area + area[i] - shared + 1e-9)
    return rows[kept]
