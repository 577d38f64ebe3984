"""OSNet (Zhou et al., ICCV 2019), the usual open person re-identifier, as ONNX that the user exported."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from lineament.evaluation.systems import Cosines, Template, checksum
from lineament.runtime.session import open_session
from lineament.types import UInt8

SIZE: Final = (256, 128)
_MEAN: Final = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_DEVIATION: Final = np.array([0.229, 0.224, 0.225], dtype=np.float32)


class OsNet(Cosines):
    """The whole picture, or the record's box of it, 256 x 128, normalised as ImageNet; cosine."""

    name = "osnet"
    about = "OSNet on the person's box, 256 x 128, cosine"

    def __init__(self, model: Path) -> None:
        self._session = open_session(model)
        self._input = str(self._session.get_inputs()[0].name)
        self._checksum = checksum(model)

    @property
    def settings(self) -> Mapping[str, str]:
        """Weights."""
        return {"weights": self._checksum}

    def template(self, image: UInt8, *, reference: bool) -> Template:
        """Of the whole picture; it never fails."""
        resized = cv2.resize(image, (SIZE[1], SIZE[0]), interpolation=cv2.INTER_LINEAR)
        values = (resized.astype(np.float32) / 255.0 - _MEAN) / _DEVIATION
        batch = np.ascontiguousarray(values.transpose(2, 0, 1)[None], dtype=np.float32)
        return Template(np.asarray(self._session.run(None, {self._input: batch})[0], np.float32).reshape(-1))
