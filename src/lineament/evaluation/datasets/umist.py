"""UMIST, now Sheffield faces (Graham & Allinson 1998): 20 people turning from profile to frontal.

Folders s01, s02, ... of pictures, or as published 1a, 1b, ... each with a folder `face`.
"""

from pathlib import Path
from typing import Final

from lineament.evaluation.datasets.dataset import About, DataSet, Record
from lineament.evaluation.datasets.folder import folders, name_of, pictures

ABOUT: Final = About(
    "umist",
    "grey faces of 20 people, from profile towards frontal",
    "research, with citation",
    "https://www.visioneng.org.uk/datasets (University of Sheffield)",
    "Graham & Allinson, Characterizing Virtual Eigensignatures for General Purpose Face Recognition, 1998",
)


def open(folder: Path) -> DataSet:
    """The people; "turn" is 0 for the first picture of a person (profile) and 1 for the last one."""
    records = []
    for subject in folders(folder):
        shots = pictures(subject, deep=True)
        for place, path in enumerate(shots):
            turn = place / max(len(shots) - 1, 1)
            records.append(Record(name_of(folder, path), path, subject.name, {"turn": turn}))
    return ABOUT.data_set(folder, records)
