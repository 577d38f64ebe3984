"""Find faces with YuNet (Wu et al. 2023): several scales, black border, a second and lower threshold, and
the picture turned where nothing else helps.
"""

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
SURE: Final = 0.8
LARGE: Final = 0.6
"""A face that the view of the whole picture is SURE of, and none of more than this share of the picture's
longer side: a second, smaller view would add nothing. Of validation renders it is spared in three of four.
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

    @property
    def area(self) -> float:
        """Of the box, square pixels."""
        return float(np.prod(np.maximum(self.box[2:] - self.box[:2], 0)))

    @property
    def prominence(self) -> float:
        """Area times squared score."""
        return self.area * self.score**2


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
        whole, half, *tiles = _views(*image.shape[:2])
        found = self._candidates(image, whole)
        if not _settled(found, max(image.shape[:2])):
            found = np.concatenate([found, self._candidates(image, half)])
        found = np.concatenate([found, *(self._candidates(image, tile) for tile in tiles)])
        kept = _suppress(found[found[:, 14] >= THRESHOLD])
        if len(kept) == 0:
            kept = _suppress(found[_sides(found) >= RETRY_SIZE * max(image.shape[:2])])[:1]
        return _detections(kept)

    def detect_turned(self, image: UInt8) -> list[Detection]:
        """Faces of `image` (H, W, 3) that lie on their side or stand on their head, best first.

        The picture is looked at turned by a quarter, a half and three quarters; what is returned is in its
        own pixels. For pictures where `detect` finds nothing to believe.
        """
        height, width = image.shape[:2]
        rows = []
        for quarters in (1, 2, 3):
            turned = np.ascontiguousarray(np.rot90(image, quarters))
            for view in _views(*turned.shape[:2])[:2]:
                found = self._candidates(turned, view)
                rows.append(_turned_back(found[found[:, 14] >= THRESHOLD], quarters, height, width))
        return _detections(_suppress(np.concatenate(rows)))

    def _candidates(self, image: UInt8, view: _View) -> Float32:
        """Rows of box (4), landmarks (10), score (1) in photograph pixels, above the retry threshold."""
        canvas = _draw(image, view)[None, :, :, ::-1].transpose(0, 3, 1, 2)
        names = [f"{kind}_{stride}" for stride in STRIDES for kind in ("cls", "obj", "bbox", "kps")]
        outputs = self._session.run(names, {"input": np.ascontiguousarray(canvas, dtype=np.float32)})
        rows = [_decode(stride, *outputs[4 * i : 4 * i + 4]) for i, stride in enumerate(STRIDES)]
        found = np.concatenate(rows)
        found = found[_sides(found) <= view.largest]
        found[:, 0:14:2] = (found[:, 0:14:2] - view.x) / view.scale
        found[:, 1:14:2] = (found[:, 1:14:2] - view.y) / view.scale
        return np.asarray(found, dtype=np.float32)


def _settled(found: Float32, longer: int) -> bool:
    """Whether a smaller view of a picture, `longer` pixels its longer side, would hardly add to `found`."""
    return bool((found[:, 14] >= SURE).any() and (_sides(found) <= LARGE * longer).all())


def _sides(rows: Float32) -> Float32:
    """The longer side (N,) of each box."""
    return np.asarray((rows[:, 2:4] - rows[:, :2]).max(axis=1))


def _detections(rows: Float32) -> list[Detection]:
    return [
        Detection(row[:4].copy(), row[4:14].reshape(5, 2).copy(), float(row[14]))
        for row in rows.astype(np.float32)
    ]


def _turned_back(rows: Float32, quarters: int, height: int, width: int) -> Float32:
    """Rows found in a picture (height, width) that np.rot90 has turned by `quarters`, in its own pixels."""
    x, y = rows[:, 0:14:2].copy(), rows[:, 1:14:2].copy()
    for turn in range(quarters):
        # A quarter takes (x, y) to (y, W - x), W being the width before it.
        before = width if (quarters - 1 - turn) % 2 == 0 else height
        x, y = before - y, x
    out = rows.copy()
    out[:, 0:14:2], out[:, 1:14:2] = x, y
    out[:, 0:2], out[:, 2:4] = np.minimum(out[:, :2], out[:, 2:4]), np.maximum(out[:, :2], out[:, 2:4])
    return out


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
