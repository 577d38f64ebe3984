"""COCO people (Lin et al., ECCV 2014): boxes of people, in the form of `annotations/*.json`.

A picture that is listed and not held is a failure to acquire: its record has no path.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from lineament.errors import BadInputError
from lineament.evaluation.datasets.dataset import About, Covariate, DataSet, Record
from lineament.evaluation.datasets.folder import required

ABOUT: Final = About(
    "coco-person",
    "photographs with boxes, joints and masks of people",
    "annotations CC BY 4.0; pictures by the terms of those who put them on the web: publish none",
    "https://cocodataset.org",
    "Lin et al., Microsoft COCO: Common Objects in Context, ECCV 2014",
)
ANNOTATIONS: Final = "annotations/person_keypoints_val2017.json"
_PERSON: Final = 1


def open(folder: Path) -> DataSet:
    """Everybody in the validation pictures of 2017 who is no crowd, nobody named."""
    required(folder, ANNOTATIONS, "val2017")
    return ABOUT.data_set(folder, people(folder / ANNOTATIONS, folder / "val2017"))


def people(annotations: Path, photographs: Path) -> Iterator[Record]:
    """A record a person: "height" is the box's, pixels; "joints" the number of visible ones; "dense" tells
    whether correspondences with the surface are there. Raises BadInputError for another file.
    """
    try:
        content: dict[str, Any] = json.loads(annotations.read_text(encoding="utf-8"))
        files = {image["id"]: photographs / image["file_name"] for image in content["images"]}
        rows = [row for row in content["annotations"] if row.get("category_id", _PERSON) == _PERSON]
        rows = [row for row in rows if not row.get("iscrowd", 0) and min(row["bbox"][2:]) > 0]
        held = {path for path in files.values() if path.is_file()}
        if rows and not held:
            raise BadInputError(
                f"{photographs} holds no picture of {annotations.name}; complete the data set"
            )
        for row in rows:
            path = files[row["image_id"]]
            yield _person(row, path, path in held)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInputError(f"{annotations} is not in the form of COCO ({error})") from error


def _person(row: dict[str, Any], path: Path, held: bool) -> Record:
    x, y, width, height = (float(number) for number in row["bbox"])
    covariates: dict[str, Covariate] = {"height": height, "dense": "yes" if "dp_x" in row else "no"}
    if "num_keypoints" in row:
        covariates["joints"] = float(row["num_keypoints"])
    name = f"{path.stem}/{row['id']}"
    return Record(name, path if held else None, "", covariates, (x, y, x + width, y + height))
