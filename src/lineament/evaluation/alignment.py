"""Face alignment judged on photographs that carry points: how far they scatter in aligned crops (CFP), and
errors of pose and landmarks (AFLW2000-3D).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from scipy.io import loadmat

from lineament.errors import BadInputError
from lineament.evaluation.datasets import aflw2000, cfp
from lineament.evaluation.datasets.folder import either, required
from lineament.evaluation.metrics import Figure, mean, proportion
from lineament.runtime.aligner import Aligner
from lineament.runtime.face_crops import CROP_SIZE, apply
from lineament.runtime.head_pose import angles_of
from lineament.runtime.photograph import load_photograph
from lineament.types import Float64

FIDUCIALS: Final = 30
INNER: Final = slice(9, FIDUCIALS)
"""Brow, eye, nose and mouth; the first nine follow the jaw."""
NOSE: Final = slice(18, 24)
IBUG: Final = 68

Seen = Callable[[Path], None]


def fiducial_spread(folder: Path, aligner: Aligner, seen: Seen = lambda path: None) -> dict[str, Figure]:
    """How far CFP's expert points scatter in aligned crops, pixels of a crop of 112: the smaller the better.

    For each point the standard distance from its mean place over all photographs of a view, then the mean
    over the points. All profiles are turned to one side. What remains at best is how people differ.
    """
    pictures = {path for pair in cfp.read(folder, "FP") + cfp.read(folder, "FF") for path in pair[:2]}
    images, points = either(folder, "images", "Data/Images"), either(folder, "fiducials", "Data/Fiducials")
    figures: dict[str, Figure] = {}
    for view in cfp.YAW:
        places, wanted = [], sorted(path for path in pictures if path.parent.name == view)
        for path in wanted:
            seen(path)
            face = aligner.best(load_photograph(path))
            if face is not None:
                marks = _fiducials(points / path.relative_to(images).with_suffix(".txt"))
                places.append(_one_sided(apply(face.matrix, marks), view))
        if not places:
            raise BadInputError(f"no face was found in the {view} pictures of {folder}")
        figures[f"{view} aligned"] = proportion(len(places), len(wanted))
        crops = np.stack(places)
        figures[f"{view} spread"] = scattered(crops)
        figures[f"{view} spread without the jaw"] = scattered(crops[:, INNER])
    return figures


def scattered(places: Float64, *, rounds: int = 200) -> Figure:
    """Standard distance of points (N, P, 2) from their own means, averaged over the points.

    The interval resamples photographs.
    """
    rng = np.random.default_rng(0)
    drawn = [_scatter(places[rng.integers(len(places), size=len(places))]) for _ in range(rounds)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(_scatter(places), float(low), float(high), len(places))


def _scatter(places: Float64) -> float:
    return float(np.sqrt(places.var(axis=0).sum(axis=-1)).mean())


def _fiducials(path: Path) -> Float64:
    try:
        marks = np.loadtxt(path, delimiter=",", ndmin=2)
    except (OSError, ValueError) as error:
        raise BadInputError(f"{path} does not hold {FIDUCIALS} points x,y ({error})") from error
    if marks.shape != (FIDUCIALS, 2):
        raise BadInputError(f"{path} holds {len(marks)} points, expected {FIDUCIALS}")
    return marks


def _one_sided(places: Float64, view: str) -> Float64:
    """Profiles with the nose to the left, whichever way they look."""
    if view == "profile" and places[NOSE, 0].mean() > places[:, 0].mean():
        return places * (-1.0, 1.0) + (CROP_SIZE, 0.0)
    return places


def pose_and_landmarks(folder: Path, aligner: Aligner, seen: Seen = lambda path: None) -> dict[str, Figure]:
    """Mean absolute errors of yaw, pitch and roll in degrees, and of the 68 points in per cent of the face's
    size (square root of the area of their box), on AFLW2000-3D. Of several faces the one that lies on the
    points is judged.
    """
    records = aflw2000.open(folder).records
    rows: list[tuple[float, ...]] = []
    for path in (one.path for one in records if one.path is not None):
        seen(path)
        angles, points = _truth(path.with_suffix(".mat"))
        size = float(np.sqrt(np.prod(np.ptp(points, axis=0))))
        found = [face.alignment for face in aligner.faces(load_photograph(path))]
        errors = [float(np.linalg.norm(one.landmarks[:IBUG] - points, axis=1).mean()) for one in found]
        if not errors or min(errors) > size / 2:
            continue
        best = found[int(np.argmin(errors))]
        turns = np.degrees([best.yaw, best.pitch, best.roll]) - angles
        rows.append((*np.abs((turns + 180) % 360 - 180), 100 * min(errors) / size))
    if not rows:
        raise BadInputError(f"no face was found in {folder}")
    figures = {"aligned": proportion(len(rows), len(records))}
    names = ("yaw error", "pitch error", "roll error", "landmark error per cent of the face")
    for name, values in zip(names, np.array(rows).T, strict=True):
        figures[name] = mean(values)
    return figures


def _truth(path: Path) -> tuple[Float64, Float64]:
    """Yaw, pitch, roll (3,) in degrees as `runtime.head_pose` has them, and 68 points (68, 2)."""
    required(path.parent, path.name)
    content = loadmat(path, variable_names=("Pose_Para", "pt3d_68"))
    rotation = _head_to_camera(np.asarray(content["Pose_Para"], dtype=np.float64)[0, :3])
    points = np.asarray(content["pt3d_68"], dtype=np.float64)[:2].T
    return np.degrees(angles_of(rotation)), points


def _head_to_camera(angles: Float64) -> Float64:
    """Our rotation (3, 3) from the data set's pitch, yaw and roll, radians.

    Its head looks to +z with y up, is turned by the roll first and by the pitch last, and is seen by a camera
    whose y is up as well.
    """
    (cx, cy, cz), (sx, sy, sz) = np.cos(angles), np.sin(angles)
    pitch = np.array([[1, 0, 0], [0, cx, sx], [0, -sx, cx]])
    yaw = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    roll = np.array([[cz, sz, 0], [-sz, cz, 0], [0, 0, 1]])
    ours = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
    return np.asarray(np.diag([1.0, -1.0, -1.0]) @ pitch @ yaw @ roll @ ours)
