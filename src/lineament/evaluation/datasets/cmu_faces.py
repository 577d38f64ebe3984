"""CMU face images (Mitchell 1997): 20 people looking four ways, with expressions and sunglasses.

Files are `<person>/<person>_<direction>_<expression>_<eyes>.png` or `.pgm`; the reduced copies that end in _2
and _4 are passed over.
"""

import re
from pathlib import Path
from typing import Final

from lineament.evaluation.datasets.dataset import About, DataSet, Record
from lineament.evaluation.datasets.folder import folders, matched, name_of, pictures

ABOUT: Final = About(
    "cmu-faces",
    "small grey faces of 20 people, four directions, four expressions, sunglasses",
    "CC BY 4.0; people are named by their logins: show none",
    "https://archive.ics.uci.edu/dataset/124/cmu+face+images",
    "Mitchell, Machine Learning, 1997",
)
_NAME: Final = re.compile(
    r"(?P<who>[^_]+)_(?P<direction>left|right|straight|up)_(?P<expression>[a-z]+)_"
    r"(?P<eyes>open|sunglasses)"
)
_REDUCED: Final = re.compile(r".*_[24]")


def open(folder: Path) -> DataSet:
    """The people; "direction" is where they look, "occluder" tells sunglasses."""
    records = []
    for subject in folders(folder):
        paths = [path for path in pictures(subject) if not _REDUCED.fullmatch(path.stem)]
        for path, found in matched(_NAME, paths, "an2i_left_angry_open"):
            covariates = {"direction": found["direction"], "expression": found["expression"]}
            eyes = "sunglasses" if found["eyes"] == "sunglasses" else "none"
            name = name_of(folder, path)
            records.append(Record(name, path, subject.name, {**covariates, "occluder": eyes}))
    return ABOUT.data_set(folder, records)
