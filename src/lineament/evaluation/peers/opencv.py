"""OpenCV's own pair: YuNet finds, alignCrop cuts out, SFace embeds, all by OpenCV's classes."""

from collections.abc import Mapping

import cv2
import numpy as np

from lineament.assets import require
from lineament.evaluation.peers.alignment import AsOpenCv
from lineament.evaluation.systems import Cosines, Template, checksum
from lineament.types import UInt8


class OpenCvSFace(Cosines):
    """cv2.FaceDetectorYN and cv2.FaceRecognizerSF with their defaults, compared by the cosine."""

    name = "sface"
    about = "OpenCV's YuNet and SFace by its own classes, defaults, cosine"

    def __init__(self) -> None:
        self._path = require("sface")
        level = cv2.utils.logging.getLogLevel()
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # it warns of its own defaults
        try:
            self._finder = AsOpenCv()
            self._network = cv2.FaceRecognizerSF.create(str(self._path), "")
        finally:
            cv2.utils.logging.setLogLevel(level)

    @property
    def settings(self) -> Mapping[str, str]:
        """Weights and OpenCV's version."""
        return {"weights": checksum(self._path), **self._finder.settings}

    def template(self, image: UInt8, *, reference: bool) -> Template:
        """The largest face's feature."""
        row = self._finder.detect(image)
        crop = self._network.alignCrop(np.ascontiguousarray(image[..., ::-1]), row)
        return Template(np.array(self._network.feature(crop), dtype=np.float32).reshape(-1))
