"""dlib's face recogniser by the package face_recognition, where the user has it installed."""

from collections.abc import Mapping
from importlib import metadata
from typing import Any, Literal

import numpy as np

from lineament.errors import NothingFoundError
from lineament.evaluation.peers.alignment import AsOurs
from lineament.evaluation.peers.optional import installed
from lineament.evaluation.systems import Distances, Template
from lineament.runtime.recogniser_card import RecogniserCard
from lineament.types import Float32, UInt8

_PADDED, _CROP = 150, 0.25
"""dlib's network takes 150 pixels, of which a quarter of the face's size is margin (its get_face_chip)."""


class DlibFaces(Distances):
    """Native: found and aligned by dlib. Ours: found and brought upright by us; inside our crop dlib still
    places its chip by its own landmarks, which cannot be told otherwise. Compared by distance, as dlib does.
    """

    def __init__(self, how: Literal["native", "ours"]) -> None:
        self.name = "dlib" if how == "native" else "dlib+ours"
        self._faces: Any = installed("face_recognition", "pip install face_recognition")
        self._cutter = AsOurs() if how == "ours" else None

    @property
    def about(self) -> str:
        """One line."""
        how = "dlib's own detector and alignment" if self._cutter is None else self._cutter.about
        return f"dlib by face_recognition; {how}; negative distance"

    @property
    def settings(self) -> Mapping[str, str]:
        """Versions."""
        found = {name: _version(name) for name in ("face_recognition", "dlib")}
        return found if self._cutter is None else {**found, **self._cutter.settings}

    def template(self, image: UInt8, *, reference: bool) -> Template:
        """The largest face's encoding."""
        if self._cutter is None:
            boxes = self._faces.face_locations(image)
            if not boxes:
                raise NothingFoundError("no face was found")
            largest = max(boxes, key=lambda box: (box[2] - box[0]) * (box[1] - box[3]))
            return Template(self._encoded(image, largest))
        cut = self._cutter.cut(image, RecogniserCard(name="dlib", size=_PADDED))
        margin = int(_PADDED * _CROP / (1 + 2 * _CROP))
        return Template(
            self._encoded(cut.crops[0], (margin, _PADDED - margin, _PADDED - margin, margin)), yaw=cut.yaw
        )

    def _encoded(self, image: UInt8, box: tuple[int, int, int, int]) -> Float32:
        found = self._faces.face_encodings(image, known_face_locations=[box])
        return np.asarray(found[0], dtype=np.float32)


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "unknown"
