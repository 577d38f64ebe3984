"""PRCC (Yang, Wu & Zheng, TPAMI 2019): 221 people in 3 cameras; camera C sees them in other clothes.

Pictures are `rgb/train/<person>/<camera>_*.jpg`, `rgb/val/...` alike, and `rgb/test/<camera>/<person>/*.jpg`.
By the authors' protocol camera A is the gallery; B has the same clothes, C others.
"""

from pathlib import Path
from typing import Final

from lineament.errors import BadInputError
from lineament.evaluation.datasets.dataset import About, Covariate, DataSet, Record
from lineament.evaluation.datasets.folder import folders, name_of, pictures, required

ABOUT: Final = About(
    "prcc",
    "whole figures of 221 people in 3 cameras, with a change of clothes",
    "research, by agreement",
    "https://www.isee-ai.cn/~yangqize/clothing.html (agreement by mail)",
    "Yang, Wu & Zheng, Person Re-identification by Contour Sketch under Moderate Clothing Change, 2019",
)
CLOTHES: Final = {"A": "first", "B": "first", "C": "second"}


def open(folder: Path) -> DataSet:
    """The people; "role" is reference (A), probe (B and C) or training; "clothes" first or second."""
    required(folder, "rgb/train", "rgb/val", "rgb/test/A", "rgb/test/B", "rgb/test/C")
    rgb, records = folder / "rgb", []
    for camera in CLOTHES:
        role = "reference" if camera == "A" else "probe"
        for subject in folders(rgb / "test" / camera):
            for path in pictures(subject):
                records.append(_record(folder, path, subject.name, camera, role))
    for part in ("train", "val"):
        for subject in folders(rgb / part):
            for path in pictures(subject):
                records.append(_record(folder, path, subject.name, path.name[0], "training"))
    return ABOUT.data_set(folder, records)


def _record(folder: Path, path: Path, subject: str, camera: str, role: str) -> Record:
    if camera not in CLOTHES:
        raise BadInputError(f"{path} names no camera A, B or C; name the data set's own, unchanged folder")
    covariates: dict[str, Covariate] = {
        "role": role,
        "camera": camera,
        "clothes": f"{subject} {CLOTHES[camera]}",
    }
    return Record(name_of(folder, path), path, subject, covariates)
