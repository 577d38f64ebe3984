"""How far a face detector's five points lie from the true ones: measured on renders, lent to others."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.runtime.detector import FaceDetector
from lineament.runtime.face_crops import FIVE_POINTS, similarity
from lineament.synth.landmarks import FIVE_POINTS as FIVE_NAMES
from lineament.synth.landmarks import LANDMARKS
from lineament.training.head_pictures import MISSED, HeadPictures
from lineament.types import Float64

FIVE: Final = [list(LANDMARKS).index(name) for name in FIVE_NAMES]
MEASURED: Final = 1500
NEAR: Final = 12
"""Detections at the nearest yaws that lend their errors."""


@dataclass(frozen=True, slots=True, eq=False)
class DetectorErrors:
    """errors: (M, 5, 2), pixels of the crop that the true five points ask for. yaws: (M,) radians."""

    yaws: Float64
    errors: Float64

    @classmethod
    def measured(cls, pictures: HeadPictures, count: int = MEASURED) -> "DetectorErrors":
        """On `count` pictures, evenly over all of them; faces that are not found count for nothing.

        Raises ValueError where no face is found at all.
        """
        detector = FaceDetector.load(threads=1)
        yaws, errors = [], []
        for index in np.unique(np.linspace(0, len(pictures) - 1, count).astype(int)):
            found = detected(detector, pictures, index)
            if found is not None:
                true = pictures.landmarks[index, FIVE].astype(np.float64)
                errors.append((found - true) @ similarity(true, FIVE_POINTS)[:, :2].T)
                yaws.append(float(pictures.angles[index, 0]))
        if not errors:
            raise ValueError("the detector finds no face in these pictures")
        return cls(np.array(yaws), np.array(errors))

    def draw(self, five: Float64, yaw: float, rng: np.random.Generator) -> Float64:
        """Five points (5, 2) as the detector might find them on a face whose true ones are `five` (5, 2)."""
        near = np.argsort(np.abs(self.yaws - yaw))[:NEAR]
        matrix = similarity(five, FIVE_POINTS)
        return np.asarray(five + self.errors[rng.choice(near)] @ np.linalg.inv(matrix[:, :2]).T)


def detected(detector: FaceDetector, pictures: HeadPictures, index: int) -> Float64 | None:
    """The detector's five points (5, 2) on a picture; None where it finds nothing, or something else."""
    truth = pictures.landmarks[index]
    found = next(iter(detector.detect(np.array(pictures.images[index]))), None)
    if found is None:
        return None
    five = found.landmarks.astype(np.float64)
    off = np.abs(five.mean(axis=0) - truth[FIVE].mean(axis=0)).max()
    return None if off > MISSED * np.ptp(truth, axis=0).max() else five
