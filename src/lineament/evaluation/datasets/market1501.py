"""Market-1501 (Zheng et al., ICCV 2015): whole figures of 1,501 people in 6 cameras.

Files are `<person>_c<camera>s<sequence>_<frame>_<box>.jpg` in `bounding_box_train`, `bounding_box_test` and
`query`. By the authors' protocol person -1 (badly drawn boxes) is left out and person 0000 is a distractor.
"""

import re
from pathlib import Path
from typing import Final

from lineament.evaluation.datasets.dataset import About, DataSet, Record
from lineament.evaluation.datasets.folder import matched, pictures, required

ABOUT: Final = About(
    "market-1501",
    "whole figures of 1,501 people in 6 cameras, same clothes",
    "research; filmed without consent of those shown, and withdrawn by its authors in part: publish none",
    "https://zheng-lab.cecs.anu.edu.au/Project/project_reid.html (the authors' page)",
    "Zheng et al., Scalable Person Re-identification: A Benchmark, ICCV 2015",
)
ROLES: Final = {"query": "probe", "bounding_box_test": "reference", "bounding_box_train": "training"}
_NAME: Final = re.compile(r"(?P<who>-1|\d{4})_c(?P<camera>\d)s(?P<sequence>\d)_\d+_\d+")
_JUNK: Final = "-1"
_DISTRACTOR: Final = "0000"


def open(folder: Path) -> DataSet:
    """The people by "role"; each distractor is a subject of its own."""
    required(folder, *ROLES)
    records = []
    for name, role in ROLES.items():
        for path, found in matched(_NAME, pictures(folder / name), "0002_c1s1_000451_03"):
            if found["who"] == _JUNK:
                continue
            distracts = found["who"] == _DISTRACTOR
            subject = f"distractor {path.stem}" if distracts else found["who"]
            covariates = {"role": role, "camera": found["camera"], "session": found["sequence"]}
            records.append(Record(f"{name}/{path.stem}", path, subject, covariates))
    return ABOUT.data_set(folder, records)
