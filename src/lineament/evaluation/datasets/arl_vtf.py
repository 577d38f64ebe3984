"""ARL-VTF (Poster et al., WACV 2021): faces of 395 people, visible and thermal at the same moment.

`metadata.csv` lists every picture: `subid`, `camera`, `condition` (baseline, expression, pose), `eyewear` and
`filepath`, which lies below the folder or below `cropped_images` or `images` within it.
"""

import csv
from pathlib import Path
from typing import Final

from lineament.errors import BadInputError
from lineament.evaluation.datasets.dataset import About, DataSet, Record
from lineament.evaluation.datasets.folder import held, required

ABOUT: Final = About(
    "arl-vtf",
    "faces of 395 people, visible and thermal, with expressions, poses and glasses",
    "by agreement with the laboratory; the agreement says who may be shown",
    "US Army Research Laboratory (DEVCOM), by mail to the authors of the paper",
    "Poster et al., A Large-Scale, Time-Synchronized Visible and Thermal Face Dataset, WACV 2021",
)
_COLUMNS: Final = ("subid", "camera", "condition", "eyewear", "filepath")
_PLACES: Final = ("cropped_images", "images", ".")


def open(folder: Path) -> DataSet:
    """The people with "camera", "modality" (visible or thermal), "condition" and "eyewear"."""
    required(folder, "metadata.csv")
    with (folder / "metadata.csv").open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise BadInputError(f"{folder / 'metadata.csv'} lacks the columns {', '.join(missing)}")
        rows = list(reader)
    if not rows:
        raise BadInputError(f"{folder / 'metadata.csv'} lists no picture; complete the data set")
    first = rows[0]["filepath"]
    root = next((folder / name for name in _PLACES if (folder / name / first).is_file()), folder)
    paths = held(root, (row["filepath"] for row in rows))
    return ABOUT.data_set(folder, (_record(row, path) for row, path in zip(rows, paths, strict=True)))


def _record(row: dict[str, str], path: Path) -> Record:
    name = Path(row["filepath"]).with_suffix("").as_posix()
    thermal = "FLIR" in row["camera"].upper()
    covariates = {"camera": row["camera"], "modality": "thermal" if thermal else "visible"}
    covariates |= {"condition": row["condition"], "eyewear": row["eyewear"] or "none"}
    return Record(name, path, row["subid"], {**covariates})
