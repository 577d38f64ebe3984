"""Clothing Co-Parsing (Yang, Luo & Lin, CVPR 2014): street photographs with pixel labels; label 0 is
background.

As published (`annotations/pixel-level/*.mat`) or with the labels as pictures (`masks/*.png`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from scipy.io import loadmat

from lineament.evaluation.datasets.dataset import About, DataSet, Record
from lineament.evaluation.datasets.folder import held, pictures, required
from lineament.types import Bool

ABOUT: Final = About(
    "ccp",
    "1,004 street photographs with labels of 59 kinds of clothes, hair and skin",
    "research; nobody's name is known, and nobody's is to be looked up",
    "https://github.com/bearpaw/clothing-co-parsing",
    "Yang, Luo & Lin, Clothing Co-Parsing by Joint Image Segmentation and Labeling, CVPR 2014",
)


def open(folder: Path) -> DataSet:
    """Each photograph that has labels, nobody named; the covariate "mask" is the labels' place."""
    return ABOUT.data_set(
        folder,
        (
            Record(path.stem, path, "", {"mask": labels.relative_to(folder).as_posix()})
            for path, labels in _labelled(folder)
        ),
    )


def read(root: Path) -> Iterator[tuple[Path, Bool]]:
    """Each photograph with its person mask (H, W)."""
    for photograph, labels in _labelled(root):
        if labels.suffix == ".mat":
            yield photograph, np.asarray(loadmat(labels)["groundtruth"]) > 0
            continue
        with Image.open(labels) as picture:
            yield photograph, np.asarray(picture) > 0


def _labelled(root: Path) -> list[tuple[Path, Path]]:
    published = root / "annotations" / "pixel-level"
    if (root / "photos").is_dir() and published.is_dir():
        found = sorted(published.glob("*.mat"))
        return list(zip(held(root, (f"photos/{path.stem}.jpg" for path in found)), found, strict=True))
    required(root, "photos", "masks")
    photographs = [path for path in pictures(root / "photos") if path.suffix == ".jpg"]
    masks = held(root, (f"masks/{path.stem}.png" for path in photographs))
    return list(zip(photographs, masks, strict=True))
