"""Octopus (Alldieck et al., CVPR 2019): one person turning, with segmentations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from lineament.evaluation.datasets.dataset import About, DataSet, Record
from lineament.evaluation.datasets.folder import held, pictures, required
from lineament.types import Bool

ABOUT: Final = About(
    "octopus",
    "one person from 8 sides, whole figure, with masks",
    "non-commercial research",
    "https://graphics.tu-bs.de/people-snapshot (application; a sample lies with the authors' code)",
    "Alldieck et al., Learning to Reconstruct People in Clothing from a Single RGB Camera, CVPR 2019",
)


def open(folder: Path) -> DataSet:
    """The frames of one turn; "orientation" in degrees follows from their order, front first."""
    frames, masks = _frames(folder)
    return ABOUT.data_set(
        folder,
        (
            Record(frame.stem, frame, "person", {"orientation": 360.0 * k / len(frames), "mask": mask})
            for k, (frame, mask) in enumerate(zip(frames, masks, strict=True))
        ),
    )


def read(root: Path) -> Iterator[tuple[Path, Bool]]:
    """Each frame with its person mask (H, W)."""
    for frame, mask in zip(*_frames(root), strict=True):
        with Image.open(root / mask) as labels:
            yield frame, np.asarray(labels.convert("RGB")).max(axis=2) > 0


def _frames(root: Path) -> tuple[list[Path], list[str]]:
    required(root, "frames", "segmentations")
    frames = [path for path in pictures(root / "frames") if path.suffix == ".png"]
    masks = [f"segmentations/{frame.name}" for frame in frames]
    held(root, masks)
    return frames, masks
