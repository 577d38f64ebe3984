"""LTCC (Qian et al., ACCV 2020): 152 people over two months in 12 cameras, with changes of clothes.

Files are `<person>_<clothes>_c<camera>_<frame>.png` in `train`, `query` and `test`.
"""

import re
from pathlib import Path
from typing import Final

from lineament.evaluation.datasets.dataset import About, DataSet, Record
from lineament.evaluation.datasets.folder import matched, pictures, required

ABOUT: Final = About(
    "ltcc",
    "whole figures of 152 people in 12 cameras, with changes of clothes",
    "research, by agreement",
    "https://naiq.github.io/LTCC_Perosn_ReID.html (agreement by mail)",
    "Qian et al., Long-Term Cloth-Changing Person Re-identification, ACCV 2020",
)
ROLES: Final = {"query": "probe", "test": "reference", "train": "training"}
_NAME: Final = re.compile(r"(?P<who>\d+)_(?P<clothes>\d+)_c(?P<camera>\d+)_\d+")


def open(folder: Path) -> DataSet:
    """The people by "role", with "camera" and "clothes"."""
    required(folder, *ROLES)
    records = []
    for name, role in ROLES.items():
        for path, found in matched(_NAME, pictures(folder / name), "001_1_c11_015843"):
            who = found["who"]
            clothes = f"{who} {found['clothes']}"
            covariates = {"role": role, "camera": found["camera"], "clothes": clothes}
            records.append(Record(f"{name}/{path.stem}", path, who, covariates))
    return ABOUT.data_set(folder, records)
