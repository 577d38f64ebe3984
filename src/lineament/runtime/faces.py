"""Faces of a photograph: found (YuNet), aligned (2D-3D refiner), embedded (SFace)."""

from typing import Final

import cv2
import numpy as np
import onnxruntime

from lineament.assets import require
from lineament.runtime.detector import Detection, FaceDetector
from lineament.runtime.face_alignment import FaceAligner
from lineament.runtime.face_crops import CROP_SIZE, FIVE_POINTS, similarity, warp
from lineament.runtime.session import open_session
from lineament.types import Face, Float32, Float64, UInt8

EMBEDDING_SIZE: Final = 128
TURNED: Final = np.radians(30.0)
SHIFTS: Final = (-4.0, 0.0, 4.0)
"""Sideways shifts, crop pixels, whose embeddings are averaged for turned faces, the least surely aligned."""

DISBELIEVED: Final = 4.0
"""Landmark spread, view pixels, from which a detection is taken for no face. Of faces in validation renders 1
in 100 lies above 3.7; nearly all false detections in textures of clothes and hair lie above 4.
"""

NOSE_DEPTH: Final = 20.0
"""How far the nose tip stands before the plane of eyes and mouth, in pixels of the frontal crop."""

SHARP: Final = 0.02
"""Laplacian variance, as a share of the crop's own variance, of a half-sharp crop."""


class FaceReader:
    """Detector, aligner and embedding, loaded once; `aligner` None aligns by the five points alone."""

    def __init__(
        self, detector: FaceDetector, recogniser: onnxruntime.InferenceSession, aligner: FaceAligner | None
    ) -> None:
        self._detector = detector
        self._recogniser = recogniser
        self._aligner = aligner

    @classmethod
    def load(cls, threads: int | None = None, *, refine: bool = True) -> "FaceReader":
        """Open all models; raises BadInputError naming the asset to fetch where "yunet" or "sface" lacks."""
        aligner = FaceAligner.load(threads) if refine else None
        return cls(FaceDetector.load(threads), open_session(require("sface"), threads), aligner)

    @property
    def model(self) -> str:
        """Revision of the embeddings; those of different revisions must not be compared."""
        alignment = "five-points" if self._aligner is None else self._aligner.template.revision
        return f"sface-2021dec+{alignment}"

    def faces(self, image: UInt8) -> list[Face]:
        """All faces of `image` (H, W, 3) uint8 sRGB, largest first."""
        found = [face for detection in self._detector.detect(image) if (face := self._read(image, detection))]
        return sorted(found, key=lambda face: -_area(face.box))

    def best(self, image: UInt8) -> Face | None:
        """The most prominent face of `image` (area times squared detection score), or None."""
        found = sorted(self._detector.detect(image), key=lambda one: -_area(one.box) * one.score**2)
        return next((face for detection in found if (face := self._read(image, detection))), None)

    def embed(self, image: UInt8, matrix: Float64, yaw: float) -> Float32:
        """Embedding (128,), unit length, of the crop that `matrix` (photograph to crop) cuts out.

        The mean over the crop and its mirror image; for turned faces, over sideways shifts too.
        """
        shifts = SHIFTS if abs(yaw) > TURNED else (0.0,)
        total = np.zeros(EMBEDDING_SIZE, dtype=np.float64)
        for shift in shifts:
            crop = warp(image, matrix + np.array([[0.0, 0.0, shift], [0.0, 0.0, 0.0]]))
            for picture in (crop, crop[:, ::-1]):
                batch = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32)
                vector = self._recogniser.run(None, {"data": batch})[0][0].astype(np.float64)
                total += vector / np.linalg.norm(vector)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    def _read(self, image: UInt8, detection: Detection) -> Face | None:
        """The face of a detection; None where its landmarks coincide or the aligner sees no face."""
        five = detection.landmarks.astype(np.float64)
        if float(np.ptp(five, axis=0).max()) < 1.0:
            return None
        if self._aligner is None:
            matrix, yaw = similarity(five, FIVE_POINTS), five_point_yaw(five)
        else:
            alignment = self._aligner.align(image, five)
            if alignment.spread > DISBELIEVED:
                return None
            matrix, five, yaw = alignment.matrix, alignment.five, alignment.yaw
        crop = warp(image, matrix)
        return Face(
            box=detection.box,
            landmarks=five.astype(np.float32),
            score=detection.score,
            yaw=yaw,
            quality=_quality(crop, matrix, detection.score),
            crop=crop,
            embedding=self.embed(image, matrix, yaw),
        )


def five_point_yaw(five: Float64) -> float:
    """Yaw from five landmarks: how far the nose leaves the middle, against how far apart the eyes are."""
    matrix = similarity(five, FIVE_POINTS)
    points = five @ matrix[:, :2].T
    eyes, nose, mouth = points[:2], points[2], points[3:]
    frontal = FIVE_POINTS[1, 0] - FIVE_POINTS[0, 0]
    aside = (nose[0] - (eyes[:, 0].mean() + mouth[:, 0].mean()) / 2) / NOSE_DEPTH
    return float(np.arctan2(-aside, max(eyes[1, 0] - eyes[0, 0], 0.0) / frontal))


def _area(box: Float32) -> float:
    return float(np.prod(np.maximum(box[2:] - box[:2], 0)))


def _quality(crop: UInt8, matrix: Float64, score: float) -> float:
    """0..1: geometric mean of detection score, size (1 where no pixel is invented) and sharpness."""
    size = min(1.0, 1.0 / float(np.sqrt(abs(np.linalg.det(matrix[:, :2])))))
    inner = slice(CROP_SIZE // 8, -CROP_SIZE // 8)
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[inner, inner].astype(np.float32)
    detail = float(cv2.Laplacian(grey, cv2.CV_32F).var()) / (float(grey.var()) + 1.0)
    return float(np.clip((score * size * detail / (detail + SHARP)) ** (1 / 3), 0.0, 1.0))
