"""BRIAR and folders of its kind: people from near and far, indoors, outdoors, from masts and drones.

The structure is read from the names along the path, as far as they are there: the subject (a letter and
five digits, such as G00042), `controlled` or `field`, the distance (`close_range`, `100m`, `1000m`, `uav`),
`face` or `wb` (whole body), and `set1` or `set2` (the clothes). Videos are not decoded here: a folder of
frames by the name of the video, in its place, is a track.
"""

import re
from pathlib import Path
from typing import Final

from lineament.errors import BadInputError
from lineament.evaluation.datasets.dataset import About, Covariate, DataSet, Record
from lineament.evaluation.datasets.folder import name_of, pictures

ABOUT: Final = About(
    "briar",
    "faces and whole figures to 1,000 m and from above, two sets of clothes",
    "by agreement with the programme; each subject's consent says whether they may be shown",
    "IARPA, through Oak Ridge National Laboratory (agreement): https://www.ornl.gov",
    "Cornett et al., Expanding Accurate Person Recognition to New Altitudes and Ranges, WACVW 2023",
)
_SUBJECT: Final = re.compile(r"[A-Z]\d{5}")
_DISTANCE: Final = re.compile(r"(?:^|[_-])(\d+)m(?:$|[_-])")
_CLOTHES: Final = re.compile(r"(?:^|[_-])(set\d)(?:$|[_-])")
_VIDEOS: Final = frozenset((".mp4", ".mov", ".avi", ".mkv"))
CLOSE: Final = 10.0
"""Nominal distance of `close_range`, metres."""


def open(folder: Path) -> DataSet:
    """The people; "distance" in metres, "setting", "view" (face or wb), "clothes", and "set" for tracks."""
    paths = pictures(folder, deep=True)
    if not paths and any(path.suffix.lower() in _VIDEOS for path in folder.rglob("*")):
        raise BadInputError(f"{folder} holds videos only; write their frames to folders of the videos' names")
    return ABOUT.data_set(folder, (_record(folder, path) for path in paths))


def _record(folder: Path, path: Path) -> Record:
    words = path.relative_to(folder).with_suffix("").parts
    subject = next((word for word in words if _SUBJECT.fullmatch(word)), "") or words[-1][:6]
    if not _SUBJECT.fullmatch(subject):
        raise BadInputError(f"{path} lies in no folder of a subject such as G00042; name the whole folder")
    covariates: dict[str, Covariate] = {}
    for word in words:
        if word in ("controlled", "field"):
            covariates["setting"] = word
        elif word in ("face", "wb"):
            covariates["view"] = word
        elif word == "uav":
            covariates["platform"] = word
        elif word == "close_range":
            covariates["distance"] = CLOSE
        if found := _DISTANCE.search(word):
            covariates["distance"] = float(found[1])
        if found := _CLOTHES.search(word):
            covariates["clothes"] = f"{subject} {found[1]}"
    track = path.parent.name
    if track.startswith(subject) and track != subject:
        covariates["set"] = name_of(folder, path.parent)
    return Record(name_of(folder, path), path, subject, covariates)
