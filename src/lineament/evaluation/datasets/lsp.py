"""Leeds Sports Poses (Johnson & Everingham, BMVC 2010): sports photographs with 14 joints."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from lineament.anatomy import PART_INDEX
from lineament.evaluation.datasets.folder import required
from lineament.types import Float64

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


def read(root: Path) -> Iterator[tuple[Path, tuple[str, ...], Float64]]:
    """Each photograph with its joints' names and places (14, 2) in pixels."""
    required(root, "images", "joints.npz")
    with np.load(root / "joints.npz", allow_pickle=False) as held:
        names, joints, order = held["names"], held["joints"], tuple(map(str, held["order"]))
    for name, places in zip(names, joints, strict=True):
        yield root / "images" / str(name), order, np.asarray(places[:, :2], dtype=np.float64)
