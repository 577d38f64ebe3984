"""How a face is found and cut out for a peer's network: as OpenCV does it, or as we do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import cv2
import numpy as np

from lineament.assets import require
from lineament.errors import NothingFoundError
from lineament.evaluation.systems import checksum
from lineament.runtime.aligner import Aligner, placed, views
from lineament.runtime.face_crops import FIVE_POINTS, apply, similarity
from lineament.runtime.face_quality import QualityModel, assess
from lineament.runtime.recogniser_card import Border, RecogniserCard
from lineament.types import UInt8
from lineament.weights import folder

_BORDERS: Final[Mapping[Border, int]] = {
    "black": cv2.BORDER_CONSTANT,
    "reflect": cv2.BORDER_REFLECT_101,
    "replicate": cv2.BORDER_REPLICATE,
}
_SCORE: Final = 0.6
_OVERLAP: Final = 0.3
_KEPT: Final = 5000
"""What OpenCV's own zoo of models gives YuNet; FaceDetectorYN's default, 0.9, misses far more."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """The aligned crops (B, S, S, 3) uint8 sRGB of one face whose embeddings a card wants averaged; yaw in
    radians and quality 0..1, NaN where aligning does not tell them.
    """

    crops: UInt8
    yaw: float = float("nan")
    quality: float = float("nan")


class CutsFaces(Protocol):
    """Finds the most prominent face and cuts it out as a recogniser's card wants it."""

    @property
    def about(self) -> str:
        """In words."""
        ...

    @property
    def settings(self) -> Mapping[str, str]:
        """What its crops depend on."""
        ...

    def cut(self, image: UInt8, card: RecogniserCard) -> Cut:
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

    def cut(self, image: UInt8, card: RecogniserCard) -> Cut:
        """The face by its five points, as ArcFace's template has them, plain bilinear sampling."""
        five = self.detect(image)[4:14].reshape(5, 2).astype(np.float64)
        if float(np.ptp(five, axis=0).max()) < 1.0:
            raise NothingFoundError("no face was found: its landmarks coincide")
        side, way, crops = card.size, _BORDERS[card.border], []
        for shift, mirrored in card.looks:
            matrix = similarity(five, apply(placed(card), FIVE_POINTS) + np.array([shift, 0.0]))
            crop = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=way)
            crops.append(crop[:, ::-1] if mirrored else crop)
        return Cut(np.stack(crops).astype(np.uint8))


class AsOurs:
    """Our detector and our 2D-3D alignment; `border` is the network's, which may want one."""

    def __init__(self, border: Border = "black") -> None:
        self._border = border
        self._aligner = Aligner.load()

    @property
    def about(self) -> str:
        """In words."""
        return f"our detection and 2D-3D alignment, {self._border} border"

    @property
    def settings(self) -> Mapping[str, str]:
        """What its crops depend on."""
        weights = checksum(folder("face_alignment") / "model.onnx")
        return {
            "detector": checksum(require("yunet")),
            "alignment": f"{self._aligner.revision} {weights}",
            "quality": QualityModel.load().revision,
            "border": self._border,
        }

    def cut(self, image: UInt8, card: RecogniserCard) -> Cut:
        """The most prominent face that the alignment believes."""
        face = self._aligner.best(image)
        if face is None:
            raise NothingFoundError("no face was found")
        score = float("nan") if face.detection is None else face.detection.score
        told = assess(face.crop, face.matrix, image.shape, yaw=face.yaw, spread=face.spread, score=score)
        return Cut(views(image, face.matrix, card), face.yaw, told.value)
