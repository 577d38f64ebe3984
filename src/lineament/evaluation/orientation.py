"""The orientation of bodies judged on PKU-Reid, whose people are seen from eight known sides."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from lineament.dense.orientation import Orientation
from lineament.evaluation.datasets import pku_reid
from lineament.evaluation.metrics import Figure, TooFew, share
from lineament.runtime.photograph import load_photograph
from lineament.types import DenseRegistration, Float32, Float64, Int32, UInt8

LIMITS: Final = {"within_22.5_degrees": 22.5, "within_45_degrees": 45.0}
OPPOSITE: Final = 135.0


class ReadsOrientation(Protocol):
    """What is asked of a dense reader."""

    def find(self, image: UInt8) -> list[DenseRegistration]:
        """The people of a photograph, largest first."""

    def at(self, image: UInt8, box: Float32) -> DenseRegistration | None:
        """The person in a box."""

    def orientation(self, image: UInt8, body: DenseRegistration) -> Orientation | None:
        """Of one of them."""


def judge_orientation(
    folder: Path, reader: ReadsOrientation, progress: Callable[[Path], None] = lambda path: None
) -> dict[str, Figure | TooFew]:
    """Shares of the pictures by the error of the azimuth; intervals resample people.

    Where nobody is found the whole picture is taken as the person; where nobody is seen there either, the
    error counts as 180 degrees. `within_68` and `within_95` say how often the truth lies within the interval
    of that probability. Raises BadInputError when the folder does not hold the data set.
    """
    errors, masses, people, found = [], [], [], []
    for record in pku_reid.open(folder).records:
        if record.path is None:
            continue
        progress(record.path)
        image = load_photograph(record.path)
        bodies = reader.find(image)
        found.append(bool(bodies))
        body = bodies[0] if bodies else reader.at(image, _whole(image))
        seen = reader.orientation(image, body) if body is not None else None
        # the data set turns the person, Lineament moves the camera: the other way round
        truth = -np.radians(float(record.covariates["orientation"]))
        errors.append(180.0 if seen is None else np.degrees(_apart(seen.azimuth, truth)))
        masses.append(1.0 if seen is None else seen.nearer(truth))
        people.append(record.subject)
    _, person = np.unique(people, return_inverse=True)
    return _figures(np.array(errors), np.array(masses), np.array(found), person.astype(np.int32))


def _figures(
    errors: Float64, masses: Float64, found: np.ndarray, person: Int32
) -> dict[str, Figure | TooFew]:
    hits = {name: errors <= limit + 1e-9 for name, limit in LIMITS.items()}
    hits["beyond_135_degrees"] = errors > OPPOSITE
    hits |= {f"within_{level}": masses <= level / 100 for level in (68, 95)}
    hits["person_found"] = found
    return {name: share(hit, person, what="pictures") for name, hit in hits.items()}


def _whole(image: UInt8) -> Float32:
    return np.array([0, 0, image.shape[1], image.shape[0]], dtype=np.float32)


def _apart(first: float, second: float) -> float:
    """Radians between two angles, 0 to pi."""
    return abs(float((first - second + np.pi) % (2 * np.pi) - np.pi))
