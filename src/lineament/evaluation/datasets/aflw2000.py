"""AFLW2000-3D (Zhu et al., CVPR 2016): faces with pose and 68 points, `image?????.jpg` beside its `.mat`."""

from pathlib import Path
from typing import Final

import numpy as np
from scipy.io import loadmat

from lineament.errors import BadInputError
from lineament.evaluation.datasets.dataset import About, DataSet, Record
from lineament.evaluation.datasets.folder import held, pictures

ABOUT: Final = About(
    "aflw2000",
    "2,000 faces with yaw, pitch, roll and 68 points in 3D",
    "research; nobody's name is known, and nobody's is to be looked up",
    "http://www.cbsr.ia.ac.cn/users/xiangyuzhu/projects/3DDFA/main.htm",
    "Zhu et al., Face Alignment Across Large Poses: A 3D Solution, CVPR 2016",
)


def open(folder: Path) -> DataSet:
    """Each face, nobody named; "yaw" is positive when the person's left cheek is towards the camera."""
    records = []
    paths = [path for path in pictures(folder) if path.suffix == ".jpg"]
    for path, kept in zip(paths, held(folder, (f"{path.stem}.mat" for path in paths)), strict=True):
        try:
            content = loadmat(kept, variable_names=("Pose_Para", "pt3d_68"))
            pitch, yaw, roll = np.degrees(np.asarray(content["Pose_Para"], dtype=np.float64)[0, :3])
            points = np.asarray(content["pt3d_68"], dtype=np.float64)[:2]
        except (ValueError, KeyError, IndexError) as error:
            raise BadInputError(f"{kept} does not hold a pose and 68 points ({error})") from error
        box = (*points.min(axis=1).tolist(), *points.max(axis=1).tolist())
        angles = {"yaw": float(yaw), "pitch": float(pitch), "roll": float(roll)}
        records.append(Record(path.stem, path, "", angles, (box[0], box[1], box[2], box[3])))
    return ABOUT.data_set(folder, records)
