"""Clothing Co-Parsing (Yang, Luo & Lin, CVPR 2014): street photographs with pixel labels; label 0 is
background.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from lineament.evaluation.datasets.folder import required
from lineament.types import Bool


def read(root: Path) -> Iterator[tuple[Path, Bool]]:
    """Each photograph with its person mask (H, W)."""
    required(root, "photos", "masks")
    for photograph in sorted((root / "photos").glob("*.jpg")):
        with Image.open(root / "masks" / f"{photograph.stem}.png") as labels:
            yield photograph, np.asarray(labels) > 0
