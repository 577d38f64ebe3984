"""CMU Multi-PIE (Gross et al. 2010): 337 people, 15 cameras, 19 lights, expressions, 4 sessions.

Files are `data/session<n>/multiview/<person>/<recording>/<camera>/<person>_<session>_<recording>_<camera>_
<light>.png`, or such names in any folders below the one that is named.
"""

import re
from pathlib import Path
from typing import Final

from lineament.evaluation.datasets.dataset import About, Covariate, DataSet, Record
from lineament.evaluation.datasets.folder import name_of, pictures

ABOUT: Final = About(
    "multi-pie",
    "faces of 337 people in 15 cameras, 19 lights, 4 sessions",
    "research, by a licence that is bought; some of the people may be shown, see the licence",
    "http://www.cs.cmu.edu/afs/cs/project/PIE/MultiPie/Multi-Pie/Home.html (licence)",
    "Gross et al., Multi-PIE, Image and Vision Computing, 2010",
)
YAW: Final = {
    "110": 90.0, "120": 75.0, "090": 60.0, "080": 45.0, "130": 30.0, "140": 15.0, "051": 0.0, "050": -15.0,
    "041": -30.0, "190": -45.0, "200": -60.0, "010": -75.0, "240": -90.0, "081": 45.0, "191": -45.0,
}  # fmt: skip
"""Nominal, degrees, positive for the person's left side; 081 and 191 look from above."""
EXPRESSIONS: Final = {
    "0101": "neutral", "0102": "smile", "0201": "neutral", "0202": "surprise", "0203": "squint",
    "0301": "neutral", "0302": "smile", "0303": "disgust", "0401": "neutral", "0402": "scream",
    "0403": "neutral",
}  # fmt: skip
"""By session and recording."""
_NAME: Final = re.compile(
    r"(?P<who>\d{3})_(?P<session>\d{2})_(?P<recording>\d{2})_(?P<camera>\d{3})_(?P<light>\d{2})"
)


def open(folder: Path) -> DataSet:
    """The people with session, expression, camera, light and yaw; pictures of other names are passed over
    (high resolution stills and calibration).
    """
    records = []
    for path in pictures(folder, deep=True):
        found = _NAME.fullmatch(path.stem)
        if found is None or found["camera"] not in YAW:
            continue
        covariates: dict[str, Covariate] = {
            "session": found["session"],
            "camera": found["camera"],
            "light": found["light"],
            "expression": EXPRESSIONS.get(found["session"] + found["recording"], "unknown"),
            "yaw": YAW[found["camera"]],
        }
        records.append(Record(name_of(folder, path), path, found["who"], covariates))
    return ABOUT.data_set(folder, records)
