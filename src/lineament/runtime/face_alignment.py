"""The 2D-3D refiner: from a rough face crop to projected 3D landmarks, yaw, and a crop aligned for it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from lineament.errors import BadInputError
from lineament.runtime.face_crops import CROP_SIZE, FIVE_POINTS, apply, invert, similarity, warp
from lineament.runtime.head_pose import HeadPose, rotation_of, solve_pose, usual_intrinsics
from lineament.runtime.session import open_session
from lineament.types import Float64, UInt8
from lineament.weights import folder as weights_folder

PASSES: Final = 2
PROFILE: Final = np.radians(60.0)
"""Beyond it the line of the eyes does not tell how a head is rolled."""


@dataclass(frozen=True, slots=True, eq=False)
class AlignmentTemplate:
    """Where the landmarks of the average head lie in an aligned crop, for a grid of yaws.

    yaws: (Y,) radians, rising, profile to profile. landmarks: (Y, K, 2) crop pixels. weights: (Y, K), how far
    each landmark counts. five: which landmarks are the five of `types.Face`. context: side of the refiner's
    own view, in aligned crops. head: (K, 3) metres, the average head in the frame of `head_pose`.
    """

    yaws: Float64
    landmarks: Float64
    weights: Float64
    five: tuple[int, ...]
    context: float
    revision: str
    head: Float64

    def __post_init__(self) -> None:
        if self.landmarks.shape[0] != len(self.yaws) or self.weights.shape != self.landmarks.shape[:2]:
            raise ValueError("a template needs landmarks (Y, K, 2) and weights (Y, K) for its Y yaws")
        if self.head.shape != (self.landmarks.shape[1], 3):
            raise ValueError("a template needs a head (K, 3)")

    @classmethod
    def load(cls, folder: Path) -> "AlignmentTemplate":
        """Read config.json of the weights."""
        try:
            config = json.loads((folder / "config.json").read_text())
            yaws, landmarks, weights, head = (
                np.asarray(config[key], float) for key in ("yaws", "landmarks", "weights", "head")
            )
            five = tuple(int(index) for index in config["five"])
            revision = str(config["revision"])
            return cls(yaws, landmarks, weights, five, float(config["context"]), revision, head)
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

    spread: median expected error of the landmarks that count, pixels of the refiner's view. landmarks: (K,
    2) photograph pixels, hidden ones too; spreads: (K,) of each. head: (K, 3) metres, the average head's.
    size: (height, width) of the photograph.
    """

    matrix: Float64
    five: Float64
    yaw: float
    spread: float
    landmarks: Float64 = field(default_factory=lambda: np.zeros((0, 2)))
    spreads: Float64 = field(default_factory=lambda: np.zeros(0))
    head: Float64 = field(default_factory=lambda: np.zeros((0, 3)))
    size: tuple[int, int] = (0, 0)

    def pose(self, intrinsics: Float64 | None = None) -> HeadPose:
        """Rotation and translation of an average head with these landmarks, the surer ones counting more.

        intrinsics: focal, cx, cy in photograph pixels; without them a usual lens is assumed, and the distance
        is as wrong as that guess. Raises ValueError where the landmarks are not told.
        """
        if len(self.landmarks) == 0:
            raise ValueError("this alignment does not tell its landmarks")
        known = usual_intrinsics(*self.size) if intrinsics is None else intrinsics
        across = self.five[1] - self.five[0]
        roll = 0.0 if abs(self.yaw) > PROFILE else float(np.arctan2(across[1], across[0]))
        start = rotation_of(self.yaw, 0.0, roll)
        return solve_pose(self.head, self.landmarks, 1 / self.spreads**2, start, known)


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
        return Alignment(
            matrix=matrix,
            five=landmarks[list(self.template.five)],
            yaw=yaw,
            spread=unsure,
            landmarks=landmarks,
            spreads=spread,
            head=self.template.head,
            size=(image.shape[0], image.shape[1]),
        )

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
