"""PKU-Reid (Ma et al., Neurocomputing 2016): people from 8 sides in 2 cameras, whole figure, 48x128.

Files are `images/<person>/<camera>_<orientation>.png`; 7 is the front, 3 the back, 1 and 5 are the sides.
"""

import re
from pathlib import Path
from typing import Final

from lineament.evaluation.datasets.dataset import About, DataSet, Record
from lineament.evaluation.datasets.folder import folders, matched, pictures, required

ABOUT: Final = About(
    "pku-reid",
    "whole figures of 114 people from 8 sides in 2 cameras, same clothes",
    "CC BY-NC-SA 4.0",
    "https://github.com/charliememory/PKU-Reid-Dataset",
    "Ma et al., Orientation Driven Bag of Appearances for Person Re-identification, 2016",
)
_NAME: Final = re.compile(r"(?P<camera>\d+)_(?P<orientation>[1-8])")


def open(folder: Path) -> DataSet:
    """The people; "orientation" is the body's, degrees, 0 front, 180 back."""
    required(folder, "images")
    records = []
    for subject in folders(folder / "images"):
        for path, found in matched(_NAME, pictures(subject), "01_7"):
            orientation = (int(found["orientation"]) - 7) * 45.0 % 360.0
            covariates = {"camera": found["camera"], "orientation": orientation, "clothes": subject.name}
            records.append(Record(f"{subject.name}/{path.stem}", path, subject.name, covariates))
    return ABOUT.data_set(folder, records)
