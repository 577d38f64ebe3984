"""FaceScape (Yang et al., CVPR 2020): models of one topology, and pictures from about 60 sides.

Models: `<person>/models_reg/<expression>.obj`. Views: `<person>/<expression>/<view>.jpg` with `params.json`;
the yaw of a view needs `Rt_scale_dict.json` of the authors' toolkit in the folder, which lays each take onto
its model.
"""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from lineament.errors import BadInputError
from lineament.evaluation.datasets.dataset import About, Covariate, DataSet, Record
from lineament.evaluation.datasets.folder import folders, pictures

MODELS: Final = About(
    "facescape-models",
    "3D faces of 847 people with 20 expressions, one topology",
    "non-commercial research, by licence key; only people of the publishable list may be shown",
    "https://facescape.nju.edu.cn (licence key by application)",
    "Yang et al., FaceScape: a Large-Scale High Quality 3D Face Dataset, CVPR 2020",
)
VIEWS: Final = About(
    "facescape-views",
    "faces of 359 people with 20 expressions from about 60 sides",
    MODELS.terms,
    MODELS.source,
    MODELS.citation,
)
ALIGNMENT: Final = "Rt_scale_dict.json"


def open_models(folder: Path) -> DataSet:
    """The models; the path of a record is a mesh."""
    records = []
    for subject in _people(folder):
        for path in sorted((subject / "models_reg").glob("*.obj")):
            name = f"{subject.name}/{path.stem}"
            records.append(Record(name, path, subject.name, {"expression": _expression(path.stem)}))
    return MODELS.data_set(folder, records)


def open_views(folder: Path) -> DataSet:
    """The pictures; "valid" tells whether the camera is reliable, "yaw" and "pitch" of the view in degrees
    where the take's place is known, yaw positive for the person's left side.
    """
    aligned = _read(folder / ALIGNMENT) if (folder / ALIGNMENT).is_file() else {}
    records = []
    for subject in _people(folder):
        for take in folders(subject):
            if not (take / "params.json").is_file():
                continue
            cameras = _read(take / "params.json")
            place = aligned.get(subject.name, {}).get(take.name.split("_")[0])
            for path in pictures(take):
                covariates: dict[str, Covariate] = {"expression": _expression(take.name)}
                covariates |= _view(cameras, path.stem, place, take)
                name = f"{subject.name}/{take.name}/{path.stem}"
                records.append(Record(name, path, subject.name, covariates))
    return VIEWS.data_set(folder, records)


def _people(folder: Path) -> list[Path]:
    return sorted((path for path in folders(folder) if path.name.isdigit()), key=lambda path: int(path.name))


def _expression(name: str) -> str:
    """ "4_anger" -> "anger"."""
    return name.partition("_")[2].replace("_", " ") or name


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return content
    except ValueError as error:
        raise BadInputError(f"{path} is no JSON ({error}); fetch it again") from error


def _view(cameras: dict[str, Any], view: str, place: Any, take: Path) -> dict[str, Covariate]:
    """place: scale and rigid motion (3 or 4, 4) from the take's frame to the model's, whose face looks along
    z with x to its left and y up.
    """
    try:
        told: dict[str, Covariate] = {"valid": "yes" if cameras[f"{view}_valid"] else "no"}
        if place is None:
            return told
        pose, motion = np.asarray(cameras[f"{view}_Rt"]), np.asarray(place[1])
        centre = -pose[:, :3].T @ pose[:, 3]
        x, y, z = float(place[0]) * motion[:3, :3] @ centre + motion[:3, 3]
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise BadInputError(f"{take} does not describe view {view} as published ({error})") from error
    yaw, pitch = np.degrees(np.arctan2(x, z)), np.degrees(np.arctan2(y, np.hypot(x, z)))
    return {**told, "yaw": float(yaw), "pitch": float(pitch)}
