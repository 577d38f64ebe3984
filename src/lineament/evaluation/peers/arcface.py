"""Any network that embeds an aligned face (ArcFace, EdgeFace, SFace and others), as ONNX with a card."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from lineament.assets import require
from lineament.evaluation.peers.alignment import AsOpenCv, AsOurs, CutsFaces
from lineament.evaluation.systems import Cosines, Template, checksum
from lineament.runtime.embedder import FaceEmbedder
from lineament.runtime.recogniser_card import SFACE, RecogniserCard
from lineament.types import UInt8

How = Literal["native", "ours"]


class ArcFaceStyle(Cosines):
    """A network with its card, its faces cut out as OpenCV does it ("native") or as we do ("ours")."""

    def __init__(self, embedder: FaceEmbedder, weights: str, cutter: CutsFaces, how: How) -> None:
        self._embedder, self._weights, self._cutter = embedder, weights, cutter
        self.name = embedder.card.name if how == "native" else f"{embedder.card.name}+ours"

    @classmethod
    def load(cls, model: Path, how: How, card: RecogniserCard | None = None) -> "ArcFaceStyle":
        """Open `model`; its card is looked for beside it where none is given. Raises BadInputError."""
        embedder = FaceEmbedder.load(model, card)
        border = embedder.card.border
        cutter = AsOpenCv(border) if how == "native" else AsOurs(border)
        return cls(embedder, checksum(model), cutter, how)

    @classmethod
    def sface(cls, how: How) -> "ArcFaceStyle":
        """OpenCV's SFace."""
        return cls.load(require("sface"), how, SFACE)

    @property
    def about(self) -> str:
        """One line."""
        card = self._embedder.card
        return f"{card.name} (weights: {card.licence}); {self._cutter.about}; cosine"

    @property
    def settings(self) -> Mapping[str, str]:
        """Weights, card and alignment."""
        card = self._embedder.card.model_dump_json()
        return {"weights": self._weights, "card": card, **self._cutter.settings}

    def template(self, image: UInt8, *, reference: bool) -> Template:
        """The most prominent face's embedding."""
        cut = self._cutter.cut(image, self._embedder.card)
        return Template(self._embedder.embed_as_one(cut.crops), yaw=cut.yaw, quality=cut.quality)
