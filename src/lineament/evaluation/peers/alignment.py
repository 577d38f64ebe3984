"""How a face is found and cut out for a peer's network: as OpenCV does it, or as we do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import cv2
import numpy as np

from lineament.assets import require
from lineament.errors import NothingFoundError
from lineament.evaluation.systems import checksum
from lineament.runtime.detector import FaceDetector
from lineament.runtime.face_alignment import FaceAligner
from lineament.runtime.face_crops import CROP_SIZE, FIVE_POINTS, similarity, warp
from lineament.runtime.faces import DISBELIEVED
from lineament.types import Float64, UInt8
from lineament.weights import folder

Border = Literal["black", "reflect"]
_BORDERS: Final[Mapping[str, int]] = {"black": cv2.BORDER_CONSTANT, "reflect": cv2.BORDER_REFLECT_101}
_SCORE: Final = 0.6
_OVERLAP: Final = 0.3
_KEPT: Final = 5000
"""What OpenCV's own zoo of models gives YuNet; FaceDetectorYN's default, 0.9, misses far more."""
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """An aligned crop (S, S, 3) uint8 sRGB; yaw in radians, NaN where aligning does not tell it."""

    crop: UInt8
    yaw: float


class CutsFaces(Protocol):
    """Finds the most prominent face and cuts it out."""

    @property
    def about(self) -> str:
        """In words."""
        ...

    @property
    def settings(self) -> Mapping[str, str]:
        """What its crops depend on."""
        ...

    def cut(self, image: UInt8, size: int = CROP_SIZE) -> Cut:
        """Raises NothingFoundError without a face."""
        ...


class AsOpenCv:
    """YuNet by cv2.FaceDetectorYN at the picture's own size, five points; the largest face."""

    def __init__(self, border: Border = "black") -> None:
        self._border = border
        self._path = require("yunet")
        self._detector = cv2.FaceDetectorYN.create(str(self._path), "", (320, 320), _SCORE, _OVERLAP, _KEPT)

    @property
    def about(self) -> str:
        """In words."""
        return f"OpenCV's YuNet, five points, {self._border} border"

    @property
    def settings(self) -> Mapping[str, str]:
        """What its crops depend on."""
        detector = f"cv2.FaceDetectorYN {cv2.__version__} {checksum(self._path)}"
        return {"detector": detector, "score": f"{_SCORE}", "border": self._border}

    def detect(self, image: UInt8) -> np.ndarray:
        """The largest face as OpenCV's row of 15 numbers; raises NothingFoundError."""
        self._detector.setInputSize((image.shape[1], image.shape[0]))
        _, found = self._detector.detect(np.ascontiguousarray(image[..., ::-1]))
        if found is None or len(found) == 0:
            raise NothingFoundError("no face was found")
        return np.asarray(found[np.argmax(found[:, 2] * found[:, 3])])

    def cut(self, image: UInt8, size: int = CROP_SIZE) -> Cut:
        """The face by its five points, as ArcFace's template has them, plain bilinear sampling."""
        five = self.detect(image)[4:14].reshape(5, 2).astype(np.float64)
        if float(np.ptp(five, axis=0).max()) < 1.0:
            raise NothingFoundError("no face was found: its landmarks coincide")
        matrix = similarity(five, FIVE_POINTS * (size / CROP_SIZE))
        way = _BORDERS[self._border]
        crop = cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=way)
        return Cut(np.asarray(crop, dtype=np.uint8), float("nan"))


class AsOurs:
    """Our detector and our 2D-3D refiner; `border` is the network's, which may want one."""

    def __init__(self, border: Border = "black") -> None:
        self._border = border
        self._detector = FaceDetector.load()
        self._aligner = FaceAligner.load()

    @property
    def about(self) -> str:
        """In words."""
        return f"our detection and 2D-3D refiner, {self._border} border"

    @property
    def settings(self) -> Mapping[str, str]:
        """What its crops depend on."""
        weights = checksum(folder("face_alignment") / "model.onnx")
        revision = self._aligner.template.revision
        return {
            "detector": checksum(require("yunet")),
            "alignment": f"{revision} {weights}",
            "border": self._border,
        }

    def cut(self, image: UInt8, size: int = CROP_SIZE) -> Cut:
        """The most prominent face that the refiner believes."""
        found = sorted(self._detector.detect(image), key=lambda one: -_prominence(one.box, one.score))
        for one in found:
            five = one.landmarks.astype(np.float64)
            if float(np.ptp(five, axis=0).max()) < 1.0:
                continue
            alignment = self._aligner.align(image, five)
            if alignment.spread <= DISBELIEVED:
                matrix = alignment.matrix * (size / CROP_SIZE)
                return Cut(self._warped(image, matrix, size), alignment.yaw)
        raise NothingFoundError("no face was found")

    def _warped(self, image: UInt8, matrix: Float64, size: int) -> UInt8:
        if self._border == "black":
            return warp(image, matrix, size)
        # Pixel centres at +0.5 on our side, at 0 on OpenCV's.
        raw = matrix.copy()
        raw[:, 2] += matrix[:, :2] @ np.array([_HALF, _HALF]) - _HALF
        way = _BORDERS[self._border]
        crop = cv2.warpAffine(image, raw, (size, size), flags=cv2.INTER_LINEAR, borderMode=way)
        return np.asarray(crop, dtype=np.uint8)


def _prominence(box: np.ndarray, score: float) -> float:
    return float(np.prod(np.maximum(box[2:] - box[:2], 0))) * score**2
