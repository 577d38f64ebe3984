"""Faces of a photograph read by a recogniser of the user's own: found and aligned by us, embedded by its
card.
"""

from pathlib import Path

from lineament.runtime.aligner import AlignedFace, Aligner, Picture, embedded, picture_of
from lineament.runtime.embedder import FaceEmbedder
from lineament.runtime.face_quality import assess
from lineament.runtime.recogniser_card import RecogniserCard
from lineament.types import Face, UInt8


class CardReader:
    """As `FaceReader`, with any network. size: of its embeddings."""

    def __init__(self, aligner: Aligner, embedder: FaceEmbedder) -> None:
        self._aligner, self._embedder = aligner, embedder
        self.size = embedder.size

    @classmethod
    def load(
        cls, model: Path, card: RecogniserCard | None = None, threads: int | None = None
    ) -> "CardReader":
        """Open `model`; its card is looked for beside it where none is given. Raises BadInputError."""
        return cls(Aligner.load(threads), FaceEmbedder.load(model, card, threads))

    @property
    def model(self) -> str:
        """Recogniser and alignment; embeddings of different ones must not be compared."""
        return f"{self._embedder.identity}+{self._aligner.revision}"

    def faces(self, image: Picture) -> list[Face]:
        """All faces, largest first."""
        picture = picture_of(image)
        return [self._read(picture, face) for face in self._aligner.faces(picture)]

    def best(self, image: Picture) -> Face | None:
        """The most prominent face (area times squared detection score), or None."""
        picture = picture_of(image)
        face = self._aligner.best(picture)
        return None if face is None else self._read(picture, face)

    def _read(self, picture: UInt8, face: AlignedFace) -> Face:
        found = face.detection
        assert found is not None
        told = {"yaw": face.yaw, "spread": face.spread, "score": found.score}
        quality = assess(face.crop, face.matrix, picture.shape, **told)
        return Face(
            box=found.box,
            landmarks=face.landmarks.astype("float32"),
            score=found.score,
            yaw=face.yaw,
            quality=quality.value,
            crop=face.crop,
            embedding=embedded(picture, face, self._embedder),
            reasons=quality.reasons,
        )
