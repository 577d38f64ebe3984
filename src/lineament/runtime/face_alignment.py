"""The 2D-3D aligner: from a rough face crop to dense 3D landmarks, head pose, and a crop aligned for it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from lineament.errors import BadInputError
from lineament.runtime.face_crops import CROP_SIZE, FIVE_POINTS, apply, invert, similarity, warp
from lineament.runtime.head_pose import (
    HeadPose,
    angles_of,
    nearest_rotation,
    rolled,
    rotation_of,
    solve_pose,
    usual_intrinsics,
)
from lineament.runtime.session import open_session
from lineament.types import Float64, Int32, UInt8
from lineament.weights import folder as weights_folder

PASSES: Final = 3
VIEW_SIZE: Final = 128
"""Side of what the network sees, pixels."""
_SIDES: Final = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class AlignmentTemplate:
    """Where the landmarks of the average head lie in an aligned crop, at any yaw and pitch.

    head: (K, 3) metres, frame of `head_pose`. weights: (K,), how far each landmark counts. five: which
    landmarks are the five of `types.Face`. context: side of the network's view, in aligned crops.
    """

    head: Float64
    weights: Float64
    five: tuple[int, ...]
    context: float
    revision: str

    def __post_init__(self) -> None:
        if self.head.ndim != 2 or self.head.shape[1] != 3 or self.weights.shape != self.head.shape[:1]:
            raise ValueError("a template needs a head (K, 3) and weights (K,)")

    @classmethod
    def load(cls, folder: Path) -> "AlignmentTemplate":
        """Read config.json of the weights."""
        try:
            config = json.loads((folder / "config.json").read_text())
            head, weights = (np.asarray(config[key], dtype=np.float64) for key in ("head", "weights"))
            five = tuple(int(index) for index in config["five"])
            return cls(head, weights, five, float(config["context"]), str(config["revision"]))
        except (OSError, KeyError, TypeError, ValueError) as problem:
            raise BadInputError(
                f"{folder} is not a folder of face alignment weights; install again"
            ) from problem

    def at(self, yaw: float, pitch: float = 0.0) -> Float64:
        """Landmarks (K, 2), crop pixels: frontal and level, the five lie where recognisers expect them;
        turned, their mean stays there, and the scale stays the same.
        """
        five = list(self.five)
        frontal = similarity(_seen(self.head, 0.0, 0.0)[five], FIVE_POINTS)
        places = apply(frontal, _seen(self.head, yaw, pitch))
        return np.asarray(places - places[five].mean(axis=0) + FIVE_POINTS.mean(axis=0))


def _seen(head: Float64, yaw: float, pitch: float) -> Float64:
    """(K, 2) metres, right and down, from far away."""
    return np.asarray(head @ rotation_of(yaw, pitch)[:2].T)


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """matrix: (2, 3) photograph to aligned crop. five: (5, 2) photograph pixels. yaw: as in `Face`; pitch:
    positive when the camera looks down on the head; roll: turns the picture clockwise; radians.

    spread: median expected error of the landmarks that count, pixels of the aligned crop. landmarks: (K, 2)
    photograph pixels, hidden ones too. spreads: (K,) expected error, pixels of the aligned crop. visible:
    (K,) probability to be seen. head: (K, 3) metres, the average head's landmarks.
    """

    matrix: Float64
    five: Float64
    yaw: float
    pitch: float
    roll: float
    spread: float
    landmarks: Float64
    spreads: Float64
    visible: Float64
    head: Float64
    size: tuple[int, int]

    def pose(self, intrinsics: Float64 | None = None) -> HeadPose:
        """Rotation and translation of an average head; intrinsics: focal, cx, cy in photograph pixels.

        Without them a usual lens is assumed, and the distance is as wrong as that guess.
        """
        known = usual_intrinsics(*self.size) if intrinsics is None else intrinsics
        facing = rotation_of(self.yaw, self.pitch, self.roll)
        return solve_pose(self.head, self.landmarks, 1 / self.spreads**2, facing, known)


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """One pass: landmarks (K, 2) photograph pixels, spreads (K,) pixels of the aligned crop, visible (K,),
    rotation (3, 3) in the photograph.
    """

    landmarks: Float64
    spreads: Float64
    visible: Float64
    rotation: Float64


class FaceAligner:
    """The aligner, loaded once."""

    def __init__(self, session: onnxruntime.InferenceSession, template: AlignmentTemplate) -> None:
        self._session = session
        self._mirror = _mirror_order(template.head)
        self.template = template

    @classmethod
    def load(cls, threads: int | None = None, folder: Path | None = None) -> "FaceAligner":
        """Open the shipped weights, or another folder of the same form."""
        folder = folder or weights_folder("face_alignment")
        return cls(open_session(folder / "model.onnx", threads), AlignmentTemplate.load(folder))

    def align(self, image: UInt8, five: Float64) -> Alignment:
        """Align one face of `image` (H, W, 3), from five rough landmarks (5, 2) in photograph pixels."""
        matrix = similarity(five, FIVE_POINTS)
        template = self.template
        for _ in range(PASSES):
            look = self._look(image, matrix)
            yaw, pitch, roll = angles_of(look.rotation)
            matrix = similarity(look.landmarks, template.at(yaw), template.weights / look.spreads**2)
        return Alignment(
            matrix=matrix,
            five=look.landmarks[list(template.five)],
            yaw=yaw,
            pitch=pitch,
            roll=roll,
            spread=float(np.median(look.spreads[template.weights > 0])),
            landmarks=look.landmarks,
            spreads=look.spreads,
            visible=look.visible,
            head=template.head,
            size=(image.shape[0], image.shape[1]),
        )

    def _look(self, image: UInt8, matrix: Float64) -> _Look:
        """The view and its mirror image, their answers averaged."""
        view = view_of(matrix, self.template.context)
        crop = warp(image, view, VIEW_SIZE)
        both = np.stack([crop, crop[:, ::-1]]).transpose(0, 3, 1, 2)
        batch = np.ascontiguousarray(both, dtype=np.float32)
        found = self._session.run(["landmarks", "spread", "visible", "rotation"], {"view": batch})
        landmarks, spread, visible, rows = (one.astype(np.float64) for one in found)
        mirror = self._mirror
        places = np.stack([landmarks[0], landmarks[1, mirror] * (-1, 1) + (VIEW_SIZE, 0)])
        spreads = np.stack([spread[0], spread[1, mirror]])
        sure = 1 / spreads**2 / (1 / spreads**2).sum(axis=0)
        facing = nearest_rotation(rows[0] + _SIDES[:2, None] * rows[1] * _SIDES)
        return _Look(
            landmarks=apply(invert(view), (sure[..., None] * places).sum(axis=0)),
            spreads=spreads.mean(axis=0) * (self.template.context * CROP_SIZE / VIEW_SIZE),
            visible=(visible[0] + visible[1, mirror]) / 2,
            rotation=rolled(facing, -float(np.arctan2(view[1, 0], view[0, 0]))),
        )


def _mirror_order(head: Float64) -> Int32:
    """(K,) for each landmark of a symmetric head, the one that takes its place in a mirrored picture."""
    apart = np.linalg.norm((head * _SIDES)[:, None] - head[None], axis=2)
    return np.asarray(apart.argmin(axis=1), dtype=np.int32)


def view_of(matrix: Float64, context: float) -> Float64:
    """The transform (2, 3), photograph to view, of a view `context` times as wide as the crop of `matrix`,
    about the same centre.
    """
    scale = VIEW_SIZE / (CROP_SIZE * context)
    return np.column_stack([matrix[:, :2] * scale, (matrix[:, 2] - CROP_SIZE / 2) * scale + VIEW_SIZE / 2])
