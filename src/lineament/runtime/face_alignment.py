"""The 2D-3D refiner: from a rough face crop to projected 3D landmarks, yaw, and a crop aligned for it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from lineament.errors import BadInputError
from lineament.runtime.face_crops import CROP_SIZE, FIVE_POINTS, apply, invert, similarity, warp
from lineament.runtime.session import open_session
from lineament.types import Float64, UInt8
from lineament.weights import folder as weights_folder

PASSES: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class AlignmentTemplate:
    """Where the landmarks of the average head lie in an aligned crop, for a grid of yaws.

    yaws: (Y,) radians, rising, profile to profile. landmarks: (Y, K, 2) crop pixels. weights: (Y, K), how far
    each landmark counts. five: which landmarks are the five of `types.Face`. context: side of the refiner's
    own view, in aligned crops.
    """

    yaws: Float64
    landmarks: Float64
    weights: Float64
    five: tuple[int, ...]
    context: float
    revision: str

    def __post_init__(self) -> None:
        if self.landmarks.shape[0] != len(self.yaws) or self.weights.shape != self.landmarks.shape[:2]:
            raise ValueError("a template needs landmarks (Y, K, 2) and weights (Y, K) for its Y yaws")

    @classmethod
    def load(cls, folder: Path) -> "AlignmentTemplate":
        """Read config.json of the weights."""
        try:
            config = json.loads((folder / "config.json").read_text())
            yaws, landmarks, weights = (
                np.asarray(config[key], float) for key in ("yaws", "landmarks", "weights")
            )
            five = tuple(int(index) for index in config["five"])
            return cls(yaws, landmarks, weights, five, float(config["context"]), str(config["revision"]))
        except (OSError, KeyError, TypeError, ValueError) as problem:
            raise BadInputError(
                f"{folder} is not a folder of face alignment weights; install again"
            ) from problem

    def at(self, yaw: float) -> tuple[Float64, Float64]:
        """Landmarks (K, 2) and weights (K,) for `yaw`, linear between the grid's yaws."""
        place = float(np.interp(yaw, self.yaws, np.arange(len(self.yaws))))
        low = min(int(place), len(self.yaws) - 2)
        share = place - low
        return (
            (1 - share) * self.landmarks[low] + share * self.landmarks[low + 1],
            (1 - share) * self.weights[low] + share * self.weights[low + 1],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """matrix: (2, 3) photograph to aligned crop. five: (5, 2) photograph pixels. yaw: as in `Face`.

    spread: median expected error of the landmarks that count, pixels of the refiner's view.
    """

    matrix: Float64
    five: Float64
    yaw: float
    spread: float


class FaceAligner:
    """The refiner, loaded once."""

    def __init__(self, session: onnxruntime.InferenceSession, template: AlignmentTemplate) -> None:
        self._session = session
        self.template = template

    @classmethod
    def load(cls, threads: int | None = None, folder: Path | None = None) -> "FaceAligner":
        """Open the shipped weights, or another folder of the same form."""
        folder = folder or weights_folder("face_alignment")
        return cls(open_session(folder / "model.onnx", threads), AlignmentTemplate.load(folder))

    def align(self, image: UInt8, five: Float64) -> Alignment:
        """Align one face of `image` (H, W, 3), from five rough landmarks (5, 2) in photograph pixels."""
        matrix = similarity(five, FIVE_POINTS)
        for _ in range(PASSES):
            landmarks, spread, yaw = self._look(image, matrix)
            goal, weights = self.template.at(yaw)
            matrix = similarity(landmarks, goal, weights / spread**2)
        unsure = float(np.median(spread[weights > 0]))
        return Alignment(matrix, landmarks[list(self.template.five)], yaw, unsure)

    def _look(self, image: UInt8, matrix: Float64) -> tuple[Float64, Float64, float]:
        """One pass: landmarks (K, 2) in photograph pixels, their spread (K,) in pixels of the view, and
        yaw.
        """
        view = widened(matrix, self.template.context)
        crop = warp(image, view)
        batch = np.ascontiguousarray(crop.transpose(2, 0, 1)[None], dtype=np.float32)
        outputs = ["landmarks", "spread", "direction"]
        landmarks, spread, direction = self._session.run(outputs, {"crop": batch})
        yaw = float(np.arctan2(direction[0, 0], direction[0, 1]))
        return apply(invert(view), landmarks[0].astype(np.float64)), spread[0].astype(np.float64), yaw


def widened(matrix: Float64, context: float) -> Float64:
    """The transform of a view `context` times as wide as the crop of `matrix`, about the same centre."""
    centre = CROP_SIZE / 2
    return np.column_stack([matrix[:, :2] / context, (matrix[:, 2] - centre) / context + centre])
