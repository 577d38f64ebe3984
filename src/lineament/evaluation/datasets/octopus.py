"""Octopus (Alldieck et al., CVPR 2019): one person turning, with segmentations."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from lineament.evaluation.datasets.folder import required
from lineament.types import Bool


def read(root: Path) -> Iterator[tuple[Path, Bool]]:
    """Each frame with its person mask (H, W)."""
    required(root, "frames", "segmentations")
    for frame in sorted((root / "frames").glob("*.png")):
        with Image.open(root / "segmentations" / frame.name) as labels:
            yield frame, np.asarray(labels.convert("RGB")).max(axis=2) > 0
