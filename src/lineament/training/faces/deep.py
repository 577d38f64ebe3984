"""SFace by ONNX Runtime, telling what learning starts from: its embedding and its last map.

Only what follows the last map is learned here, so that the map of a crop is made once and serves every arm.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import onnx
import onnxruntime
from onnx import helper

from lineament.networks.sface import DEEP_CHANNELS, EMBEDDING_SIZE
from lineament.types import Float16, Float32, UInt8

GRID: Final = 7
MAP: Final = "bn1"
"""Name, in SFace's file, of the last map (1024, 7, 7); the dense layer to 128 follows."""
EMBEDDING: Final = "fc1"


class Faces(NamedTuple):
    """Crops as the frozen recogniser sees them. base: (N, 128) its embeddings, not of unit length. features:
    (N, C, 7, 7) of the neck.
    """

    base: Float32
    features: Float16


@dataclass(frozen=True, slots=True, eq=False)
class Neck:
    """The leading principal channels of the last map, brought to unit spread: matrix (C, 1024), mean (1024,).

    share: of the variance that they hold.
    """

    matrix: Float32
    mean: Float32
    share: float

    def __post_init__(self) -> None:
        if self.matrix.shape[1:] != (DEEP_CHANNELS,) or self.mean.shape != (DEEP_CHANNELS,):
            raise ValueError(f"a neck needs a matrix (C, {DEEP_CHANNELS}) and a mean ({DEEP_CHANNELS},)")

    @property
    def channels(self) -> int:
        """C."""
        return len(self.matrix)

    @classmethod
    def fit(cls, maps: Float32, channels: int) -> "Neck":
        """From maps (N, 1024, 7, 7) of some crops."""
        rows = maps.transpose(0, 2, 3, 1).reshape(-1, DEEP_CHANNELS).astype(np.float64)
        mean = rows.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(rows - mean, rowvar=False))
        whole = values.sum()
        values, vectors = values[::-1][:channels], vectors[:, ::-1][:, :channels]
        # One spread for all: small channels stay small.
        matrix = vectors.T / np.sqrt(values.mean())
        share = float(values.sum() / whole)
        return cls(matrix.astype(np.float32), mean.astype(np.float32), share)

    @property
    def digest(self) -> str:
        """The first 12 digits of its content's sha256."""
        return hashlib.sha256(self.matrix.tobytes() + self.mean.tobytes()).hexdigest()[:12]

    def __call__(self, maps: Float32) -> Float16:
        """(N, 1024, 7, 7) to (N, C, 7, 7)."""
        flat = maps.reshape(len(maps), DEEP_CHANNELS, -1) - self.mean[:, None]
        return (self.matrix @ flat).reshape(len(maps), self.channels, GRID, GRID).astype(np.float16)

    def save(self, path: Path) -> None:
        """Write an npz."""
        np.savez(path, matrix=self.matrix, mean=self.mean, share=self.share)

    @classmethod
    def load(cls, path: Path) -> "Neck":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as held:
            return cls(held["matrix"], held["mean"], float(held["share"]))


class DeepSFace:
    """SFace, opened once. Stands in for the recogniser of `runtime.faces.FaceReader`: it answers as the file
    does, and keeps what it said of every crop until `taken` is asked for.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        model = onnx.load(path)
        model.graph.output.append(helper.make_empty_tensor_value_info(MAP))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 3
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self._taken: list[tuple[Float32, Float32]] = []

    def run(self, _outputs: Sequence[str] | None, inputs: dict[str, Float32]) -> list[Float32]:
        """As an ONNX Runtime session of SFace does: [embeddings (B, 128)] of {"data": (B, 3, 112, 112)}."""
        self._taken.append(self._said(inputs["data"]))
        return [self._taken[-1][0]]

    def taken(self) -> tuple[Float32, Float32]:
        """Embeddings (n, 128) and maps (n, 1024, 7, 7) of all crops that `run` has seen since the last call,
        in order.
        """
        maps = np.zeros((0, DEEP_CHANNELS, GRID, GRID), np.float32)
        none = (np.zeros((0, EMBEDDING_SIZE), np.float32), maps)
        base, maps = zip(*(self._taken or [none]), strict=True)
        self._taken = []
        return np.concatenate(base), np.concatenate(maps)

    def look(self, crops: UInt8) -> tuple[Float32, Float32]:
        """Embeddings (B, 128) and maps (B, 1024, 7, 7) of crops (B, 112, 112, 3)."""
        return self._said(np.ascontiguousarray(crops.transpose(0, 3, 1, 2), dtype=np.float32))

    def _said(self, batch: Float32) -> tuple[Float32, Float32]:
        said = [self._session.run([EMBEDDING, MAP], {"data": one[None]}) for one in batch]
        return np.concatenate([one[0] for one in said]), np.concatenate([one[1] for one in said])
