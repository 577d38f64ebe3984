"""Photographs as the product reads them: the crops that it embeds, kept so that every arm embeds the same."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lineament.assets import require
from lineament.evaluation.datasets.dataset import Record
from lineament.evaluation.export import within
from lineament.networks.sface import EMBEDDING_SIZE
from lineament.runtime.detector import FaceDetector
from lineament.runtime.face_alignment import FaceAligner
from lineament.runtime.faces import LOOKS, TURNED_LOOKS, FaceReader
from lineament.runtime.photograph import load_photograph
from lineament.training.faces.deep import GRID, DeepSFace, Faces, Neck
from lineament.types import Float16, Float32
from lineament.writing import replacing

CHUNK = 512
Embedder = Callable[[Faces, Float32], Float32]
"""An arm: embeddings (N, 128), of any length, of crops and of the yaw (N,) of each face, radians."""


class Crops(NamedTuple):
    """The crops of one photograph whose embeddings the product averages; none where no face was found."""

    faces: Faces
    yaw: float


@dataclass(frozen=True, slots=True)
class Photographs:
    """The product's own reader of faces, whose recogniser tells its maps too.

    kept: a folder for what was read, None to keep it in memory alone. Nobody can be recognised in it without
    the recogniser, but it is made of photographs: it stays where they may be.
    """

    reader: FaceReader
    deep: DeepSFace
    neck: Neck
    kept: Path | None = None
    _read: dict[str, Crops] = field(default_factory=dict)

    @classmethod
    def load(
        cls, neck: Neck, kept: Path | None = None, alignment: Path | None = None, threads: int = 1
    ) -> "Photographs":
        """With the shipped alignment, or that in a folder."""
        deep = DeepSFace(require("sface"), threads)
        aligner = FaceAligner.load(threads, alignment)
        reader = FaceReader(FaceDetector.load(threads), deep, aligner)  # type: ignore[arg-type]
        if kept is not None:
            kept.mkdir(parents=True, exist_ok=True)
        return cls(reader, deep, neck, kept)

    def crops(self, record: Record) -> Crops:
        """Of the most prominent face of a record's picture."""
        if record.path is None:
            return Crops(Faces(*_nothing(self.neck.channels)), np.nan)
        key = self._key(record)
        if key not in self._read:
            base, maps, yaw = self._seen(record, key)
            self._read[key] = Crops(Faces(base, self.neck(maps.astype(np.float32))), yaw)
        return self._read[key]

    def _key(self, record: Record) -> str:
        assert record.path is not None
        content = hashlib.sha256(record.path.read_bytes()).hexdigest()
        about = f"{content} {record.box} {self.reader.model} {LOOKS} {TURNED_LOOKS}"
        return hashlib.sha256(about.encode()).hexdigest()[:24]

    def _seen(self, record: Record, key: str) -> tuple[Float32, Float16, float]:
        """Embeddings (n, 128), whole maps (n, 1024, 7, 7) and yaw."""
        file = None if self.kept is None else self.kept / f"{key}.npz"
        if file is not None and file.is_file():
            with np.load(file, allow_pickle=False) as held:
                return held["base"], held["maps"], float(held["yaw"])
        assert record.path is not None
        face = self.reader.best(within(load_photograph(record.path), record.box))
        base, maps = self.deep.taken()
        yaw = np.nan if face is None else face.yaw
        if file is not None:
            with replacing(file) as partial:
                np.savez(partial, base=base, maps=maps.astype(np.float16), yaw=yaw)
        return base, maps.astype(np.float16), yaw


def templates(crops: Sequence[Crops], embedder: Embedder) -> Float32:
    """One unit vector (n, 128) a photograph, as the product makes it: the mean of its crops' unit vectors; a
    row of zeros where there is none.
    """
    owner = np.repeat(np.arange(len(crops)), [len(one.faces.base) for one in crops])
    total = np.zeros((len(crops), EMBEDDING_SIZE))
    held = [one for one in crops if len(one.faces.base)]
    rows = 0
    for start in range(0, len(held), CHUNK):
        some = held[start : start + CHUNK]
        faces = Faces(*(np.concatenate(part) for part in zip(*(one.faces for one in some), strict=True)))
        yaw = np.repeat([one.yaw for one in some], [len(one.faces.base) for one in some]).astype(np.float32)
        vectors = unit(embedder(faces, yaw))
        np.add.at(total, owner[rows : rows + len(vectors)], vectors)
        rows += len(vectors)
    return unit(total.astype(np.float32))


def unit(vectors: Float32) -> Float32:
    """Vectors (n, D) brought to length 1; zeros stay."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12), np.float32)


def _nothing(channels: int) -> tuple[Float32, Float16]:
    """What no crops give."""
    return np.zeros((0, EMBEDDING_SIZE), np.float32), np.zeros((0, channels, GRID, GRID), np.float16)
