"""Any network that embeds an aligned face (ArcFace, EdgeFace, SFace and others), as ONNX with a card."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import numpy as np
import onnxruntime
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lineament.assets import require
from lineament.errors import BadInputError
from lineament.evaluation.peers.alignment import AsOpenCv, AsOurs, Border, CutsFaces
from lineament.evaluation.systems import Cosines, Template, checksum
from lineament.runtime.session import open_session
from lineament.types import Float32, UInt8

How = Literal["native", "ours"]
ENDING: Final = ".card.json"


class Card(BaseModel):
    """How a network wants its faces: the crop's side in pixels, the order of its colours, and the network's
    input as (value - mean) * scale of values 0..255.

    border: what lies outside the photograph. mirror: average with the mirrored crop. licence: of the weights.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(min_length=1)
    size: int = Field(default=112, ge=16, le=1024)
    colours: Literal["rgb", "bgr"] = "rgb"
    mean: float = 127.5
    scale: float = Field(default=1 / 127.5, gt=0)
    border: Border = "black"
    mirror: bool = False
    licence: str = "not stated"

    @classmethod
    def beside(cls, model: Path) -> "Card":
        """The card of MODEL.onnx, in MODEL.card.json; raises BadInputError with an example where it lacks."""
        path = model.with_name(model.stem + ENDING)
        try:
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            example = json.dumps(cls(name=model.stem).model_dump())
            raise BadInputError(f"{path} is missing; write it, such as {example}") from error
        except (OSError, ValueError, ValidationError) as error:
            what = " ".join(str(error).split())
            raise BadInputError(f"{path} is no card of a network ({what}); correct it") from error


SFACE: Final = Card(name="sface", colours="rgb", mean=0.0, scale=1.0, licence="Apache-2.0")
"""Of face_recognition_sface_2021dec.onnx, as OpenCV feeds it."""


class ArcFaceStyle(Cosines):
    """A network with its card, its faces cut out as OpenCV does it ("native") or as we do ("ours")."""

    def __init__(self, model: Path, card: Card, cutter: CutsFaces, how: How) -> None:
        self._session: onnxruntime.InferenceSession = open_session(model)
        self._input = str(self._session.get_inputs()[0].name)
        self._checksum = checksum(model)
        self._card, self._cutter, self._how = card, cutter, how
        self.name = card.name if how == "native" else f"{card.name}+ours"

    @classmethod
    def load(cls, model: Path, how: How, card: Card | None = None) -> "ArcFaceStyle":
        """Open `model`; its card is looked for beside it where none is given. Raises BadInputError."""
        chosen = card or Card.beside(model)
        cutter = AsOpenCv(chosen.border) if how == "native" else AsOurs(chosen.border)
        return cls(model, chosen, cutter, how)

    @classmethod
    def sface(cls, how: How) -> "ArcFaceStyle":
        """OpenCV's SFace."""
        return cls.load(require("sface"), how, SFACE)

    @property
    def about(self) -> str:
        """One line."""
        return f"{self._card.name} (weights: {self._card.licence}); {self._cutter.about}; cosine"

    @property
    def settings(self) -> Mapping[str, str]:
        """Weights, card and alignment."""
        return {"weights": self._checksum, "card": self._card.model_dump_json(), **self._cutter.settings}

    def template(self, image: UInt8, *, reference: bool) -> Template:
        """The most prominent face's embedding."""
        cut = self._cutter.cut(image, self._card.size)
        views = [cut.crop, cut.crop[:, ::-1]] if self._card.mirror else [cut.crop]
        total = np.sum([_unit(self._embedded(view)) for view in views], axis=0)
        return Template(_unit(total), yaw=cut.yaw)

    def _embedded(self, crop: UInt8) -> Float32:
        ordered = crop if self._card.colours == "rgb" else crop[..., ::-1]
        values = (ordered.astype(np.float32) - self._card.mean) * self._card.scale
        batch = np.ascontiguousarray(values.transpose(2, 0, 1)[None])
        try:
            found = np.asarray(self._session.run(None, {self._input: batch})[0], dtype=np.float32)
        except Exception as error:  # the runtime's own exceptions share no public base class
            raise BadInputError(
                f"{self._card.name} does not take {batch.shape} numbers ({error}); correct its card"
            ) from error
        return found.reshape(-1)


def _unit(vector: Float32) -> Float32:
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0:
        raise BadInputError("a network answered with a vector that is zero or not finite; correct its card")
    return np.asarray(vector / length, dtype=np.float32)
