"""Crops of head renders as the aligner leaves them: after refinement, with its own errors."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.runtime.face_alignment import AlignmentTemplate, FaceAligner
from lineament.runtime.face_crops import CROP_SIZE, invert, similarity, warp
from lineament.training.head_pictures import HeadPictures
from lineament.types import Float32, Float64, UInt8

DETECTOR: Final = 0.05
"""Spread of a detector's five points about the true ones, in sizes of the face."""
NEAREST: Final = 24
"""Measured errors, of the most similar yaw, among which one is drawn for a crop."""


@dataclass(frozen=True, slots=True, eq=False)
class Misplacements:
    """What an aligner gets wrong, measured. moves: (M, 2, 3) true crop to its crop. yaws: (M,) true. told:
    (M,) the yaw that it says; radians.
    """

    moves: Float64
    yaws: Float32
    told: Float32

    def draw(self, yaw: float, rng: np.random.Generator) -> tuple[Float64, float]:
        """An error made at about the size of `yaw`: a move (2, 3), and the yaw that the aligner would say."""
        near = np.argsort(np.abs(np.abs(self.yaws) - abs(yaw)), kind="stable")[:NEAREST]
        one = int(rng.choice(near))
        move, wrong = self.moves[one], float(self.told[one] - self.yaws[one])
        if (self.yaws[one] < 0) == (yaw < 0):
            return move, yaw + wrong
        return _mirrored(move), yaw - wrong


def measure(
    pictures: HeadPictures, chosen: np.ndarray, aligner: FaceAligner, rng: np.random.Generator
) -> Misplacements:
    """The aligner's errors on `chosen` pictures, begun where a detector would have pointed."""
    moves, yaws, told = [], [], []
    for index in chosen:
        matrix, yaw = aligned(pictures, int(index), aligner, rng)
        exact = true_matrix(pictures, int(index), aligner.template)
        moves.append(_after(matrix, invert(exact)))
        yaws.append(pictures.angles[index, 0])
        told.append(yaw)
    return Misplacements(np.array(moves), np.array(yaws, np.float32), np.array(told, np.float32))


def aligned(
    pictures: HeadPictures, index: int, aligner: FaceAligner, rng: np.random.Generator
) -> tuple[Float64, float]:
    """The matrix (2, 3) from picture to crop and the yaw that the aligner finds."""
    template = aligner.template
    five = pictures.landmarks[index, list(template.five)].astype(np.float64)
    size = float(np.ptp(pictures.landmarks[index, : len(template.head)], axis=0).max())
    image = np.array(pictures.images[index])
    alignment = aligner.align(image, five + rng.normal(0, DETECTOR * size, five.shape))
    return alignment.matrix, alignment.yaw


def true_matrix(pictures: HeadPictures, index: int, template: AlignmentTemplate) -> Float64:
    """The crop (2, 3) that the exact landmarks and yaw ask for."""
    places = template.at(float(pictures.angles[index, 0]))
    return similarity(pictures.landmarks[index, : len(places)].astype(np.float64), places, template.weights)


def misplaced_crop(
    pictures: HeadPictures,
    index: int,
    template: AlignmentTemplate,
    errors: Misplacements,
    rng: np.random.Generator,
) -> tuple[UInt8, float]:
    """A crop (112, 112, 3) as the aligner might have left it, and the yaw that it would tell."""
    move, yaw = errors.draw(float(pictures.angles[index, 0]), rng)
    matrix = _after(move, true_matrix(pictures, index, template))
    return warp(np.array(pictures.images[index]), matrix), yaw


def _after(second: Float64, first: Float64) -> Float64:
    """The affine transform (2, 3) of `first`, then `second`."""
    linear = second[:, :2] @ first[:, :2]
    return np.column_stack([linear, second[:, :2] @ first[:, 2] + second[:, 2]])


def _mirrored(move: Float64) -> Float64:
    """The same error on the mirrored crop."""
    mirror = np.array([[-1.0, 0.0, CROP_SIZE], [0.0, 1.0, 0.0]])
    return _after(mirror, _after(move, mirror))
