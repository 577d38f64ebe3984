"""IJB-C (Maze et al., ICB 2018): templates of pictures and video frames of 3,531 people.

As published: `protocols/*.csv` beside `images/{img,frames}/...`. A record is one sighting in one template;
"set" is the template, and a listed pair of templates is a pair of their first records.
"""

import csv
from pathlib import Path
from typing import Final

import numpy as np

from lineament.errors import BadInputError
from lineament.evaluation.datasets.dataset import About, Covariate, DataSet, Pairs, Record
from lineament.evaluation.datasets.folder import either, required
from lineament.types import Int32

ABOUT: Final = About(
    "ijb-c",
    "templates of pictures and frames of 3,531 people",
    "by agreement with NIST; pictures under Creative Commons licences, each with its own attribution",
    "https://www.nist.gov/programs-projects/face-challenges (application)",
    "Maze et al., IARPA Janus Benchmark - C: Face Dataset and Protocol, ICB 2018",
)
LISTS: Final = {
    "ijbc_1N_gallery_G1.csv": "reference",
    "ijbc_1N_gallery_G2.csv": "reference",
    "ijbc_1N_probe_mixed.csv": "probe",
}
MATCHES: Final = "ijbc_11_G1_G2_matches.csv"
_NUMBERS: Final = {"YAW": "yaw", "ROLL": "roll"}
_WORDS: Final = {"GENDER": "sex", "AGE": "age group", "SKINTONE": "skin tone", "INDOOR_OUTDOOR": "setting"}
_OCCLUDED: Final = tuple(f"OCC{place}" for place in range(1, 19))


def open(folder: Path) -> DataSet:
    """The templates of both galleries ("gallery" G1, G2) and the mixed probes, with the 1:1 pairs.

    "occlusion" is the share of the 18 regions of the face that are marked as covered. A listed picture that
    is not held is a failure to acquire.
    """
    required(folder, "protocols", *(f"protocols/{name}" for name in (*LISTS, MATCHES)))
    images = either(folder, "images")
    records: list[Record] = []
    first: dict[int, int] = {}
    for name, role in LISTS.items():
        told = {"role": role} | ({"gallery": name[-6:-4]} if role == "reference" else {})
        for row in _rows(folder / "protocols" / name):
            first.setdefault(int(row["TEMPLATE_ID"]), len(records))
            records.append(_record(row, images, len(records), told))
    return ABOUT.data_set(folder, records, _pairs(folder / "protocols" / MATCHES, first, records))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        needed = ("TEMPLATE_ID", "SUBJECT_ID", "FILENAME", "SIGHTING_ID", "FACE_X", "FACE_Y")
        if any(name not in (reader.fieldnames or ()) for name in needed):
            raise BadInputError(f"{path} lacks one of the columns {', '.join(needed)}")
        return list(reader)


def _record(row: dict[str, str], images: Path, number: int, told: dict[str, str]) -> Record:
    covariates: dict[str, Covariate] = {**told, "set": row["TEMPLATE_ID"], "media": row["SIGHTING_ID"]}
    covariates |= {ours: row[theirs] for theirs, ours in _WORDS.items() if row.get(theirs)}
    covariates |= {ours: float(row[theirs]) for theirs, ours in _NUMBERS.items() if row.get(theirs)}
    marked = [row[name] for name in _OCCLUDED if row.get(name)]
    if marked:
        covariates["occlusion"] = float(np.mean([float(one) > 0 for one in marked]))
    box = None
    if all(row.get(f"FACE_{name}") for name in ("X", "Y", "WIDTH", "HEIGHT")):
        x, y, width, height = (float(row[f"FACE_{name}"]) for name in ("X", "Y", "WIDTH", "HEIGHT"))
        if min(width, height) > 0:
            box = (x, y, x + width, y + height)
    path = images / row["FILENAME"]
    name = f"{row['TEMPLATE_ID']}/{row['SIGHTING_ID']}/{number}"
    return Record(name, path if path.is_file() else None, row["SUBJECT_ID"], covariates, box)


def _pairs(path: Path, first: dict[int, int], records: list[Record]) -> Pairs:
    """The listed pairs of templates; 16 million of them in a quarter of a minute."""
    listed = np.loadtxt(path, dtype=np.int64, delimiter=",", ndmin=2)
    known = np.array(sorted(first), dtype=np.int64)
    strangers = np.setdiff1d(listed, known)
    if len(strangers):
        raise BadInputError(
            f"{path} names {len(strangers)} templates that no list has; complete the data set"
        )
    places: Int32 = np.array([first[int(one)] for one in known], dtype=np.int32)
    one, other = (places[np.searchsorted(known, listed[:, side])] for side in (0, 1))
    _, who = np.unique([record.subject for record in records], return_inverse=True)
    return Pairs(one, other, who[one] == who[other])
