"""Leeds Sports Poses (Johnson & Everingham, BMVC 2010): sports photographs with 14 joints.

As published (`joints.mat`) or with the joints of some of the photographs (`joints.npz`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from scipy.io import loadmat

from lineament.anatomy import PART_INDEX
from lineament.evaluation.datasets.dataset import About, DataSet, Record
from lineament.evaluation.datasets.folder import either, held, required
from lineament.types import Float64

ABOUT: Final = About(
    "lsp",
    "2,000 sports photographs with 14 joints",
    "research; nobody's name is known, and nobody's is to be looked up",
    "http://sam.johnson.io/research/lsp.html (Johnson & Everingham)",
    "Johnson & Everingham, Clustered Pose and Nonlinear Appearance Models, BMVC 2010",
)
ORDER: Final = (
    "r_ankle", "r_knee", "r_hip", "l_hip", "l_knee", "l_ankle", "r_wrist", "r_elbow", "r_shoulder",
    "l_shoulder", "l_elbow", "l_wrist", "neck", "head_top",
)  # fmt: skip
"""The joints of `joints.mat`."""

_PARTS: Final[dict[str, tuple[str, str]]] = {
    "ankle": ("calf", "foot"),
    "knee": ("thigh", "calf"),
    "hip": ("torso", "thigh"),
    "wrist": ("forearm", "hand"),
    "elbow": ("upper_arm", "forearm"),
    "shoulder": ("torso", "upper_arm"),
}


def parts_of(joint: str) -> frozenset[int]:
    """The parts that meet at a joint such as "r_knee"; the neck's are head and torso, the head top's the
    head.
    """
    if joint == "neck":
        return frozenset((PART_INDEX["head"], PART_INDEX["torso"]))
    if joint == "head_top":
        return frozenset((PART_INDEX["head"],))
    side, _, name = joint.partition("_")
    word = {"l": "left", "r": "right"}[side]
    return frozenset(PART_INDEX[part if part == "torso" else f"{word}_{part}"] for part in _PARTS[name])


def open(folder: Path) -> DataSet:
    """Each photograph, nobody named."""
    names, *_ = _joints(folder)
    paths = held(folder, (f"images/{name}" for name in names))
    return ABOUT.data_set(folder, (Record(path.stem, path, "") for path in paths))


def read(root: Path) -> Iterator[tuple[Path, tuple[str, ...], Float64]]:
    """Each photograph with its joints' names and places (14, 2) in pixels."""
    names, joints, order = _joints(root)
    for name, places in zip(names, joints, strict=True):
        yield root / "images" / name, order, np.asarray(places[:, :2], dtype=np.float64)


def _joints(root: Path) -> tuple[list[str], Float64, tuple[str, ...]]:
    """Names of photographs, joints (n, 14, 2 or 3) and the joints' names."""
    required(root, "images")
    kept = either(root, "joints.npz", "joints.mat")
    if kept.suffix == ".mat":
        joints = np.asarray(loadmat(kept)["joints"], dtype=np.float64).transpose(2, 1, 0)
        return [f"im{number:04d}.jpg" for number in range(1, len(joints) + 1)], joints, ORDER
    with np.load(kept, allow_pickle=False) as held_arrays:
        names, joints = [str(name) for name in held_arrays["names"]], np.asarray(held_arrays["joints"])
        return names, joints, tuple(str(name) for name in held_arrays["order"])
