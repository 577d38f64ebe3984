"""DensePose-COCO (Güler, Neverova & Kokkinos, CVPR 2018): people with pixels matched to a body's surface."""

from pathlib import Path
from typing import Final

from lineament.evaluation.datasets.coco import people
from lineament.evaluation.datasets.dataset import About, DataSet
from lineament.evaluation.datasets.folder import either, required

ABOUT: Final = About(
    "densepose-coco",
    "photographs of people with 14 parts and points of the body's surface",
    "annotations CC BY-NC 2.0; pictures by the terms of those who put them on the web: publish none",
    "http://densepose.org (annotations) and https://cocodataset.org (pictures, val2014)",
    "Güler, Neverova & Kokkinos, DensePose: Dense Human Pose Estimation In The Wild, CVPR 2018",
)
NAME: Final = "densepose_coco_2014_minival.json"


def open(folder: Path) -> DataSet:
    """Everybody of the small validation part who has correspondences, nobody named."""
    required(folder, "val2014")
    kept = either(folder, f"annotations/{NAME}", f"annotations/DensePose_COCO/{NAME}", NAME)
    found = people(kept, folder / "val2014")
    return ABOUT.data_set(folder, (person for person in found if person.covariates["dense"] == "yes"))
