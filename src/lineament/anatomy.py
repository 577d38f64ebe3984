"""The 14 parts of a person: names, order, sides, neighbours and colours. Left is the person's own left."""

from typing import Final

import numpy as np

BACKGROUND: Final = 0
PART_NAMES: Final[tuple[str, ...]] = (
    "background",
    "head",
    "torso",
    "left_upper_arm",
    "right_upper_arm",
    "left_forearm",
    "right_forearm",
    "left_hand",
    "right_hand",
    "left_thigh",
    "right_thigh",
    "left_calf",
    "right_calf",
    "left_foot",
    "right_foot",
)
CLASS_COUNT: Final = len(PART_NAMES)
PART_COUNT: Final = CLASS_COUNT - 1
PART_INDEX: Final[dict[str, int]] = {name: index for index, name in enumerate(PART_NAMES)}
HEAD: Final = PART_INDEX["head"]
TORSO: Final = PART_INDEX["torso"]

PART_TITLES: Final[tuple[str, ...]] = tuple(name.replace("_", " ") for name in PART_NAMES)
"""Names as written in sentences."""


def _swap_side(name: str) -> str:
    side, _, rest = name.partition("_")
    return {"left": "right_", "right": "left_"}.get(side, side) + rest if rest else name


MIRROR: Final[tuple[int, ...]] = tuple(PART_INDEX[_swap_side(name)] for name in PART_NAMES)
"""For each class, the class that it becomes in a mirrored picture."""

ADJACENT: Final[frozenset[frozenset[int]]] = frozenset(
    frozenset((PART_INDEX[a], PART_INDEX[b]))
    for a, b in [
        ("head", "torso"),
        *(
            (f"{side}_{a}", f"{side}_{b}" if b != "torso" else b)
            for side in ("left", "right")
            for a, b in (
                ("upper_arm", "torso"),
                ("forearm", "upper_arm"),
                ("hand", "forearm"),
                ("thigh", "torso"),
                ("calf", "thigh"),
                ("foot", "calf"),
            )
        ),
    ]
)
"""Pairs of parts that meet at a joint."""

PART_COLOURS: Final = np.array(
    [
        (0, 0, 0),
        (230, 159, 0),
        (0, 114, 178),
        (86, 180, 233),
        (204, 121, 167),
        (0, 158, 115),
        (213, 94, 0),
        (128, 216, 190),
        (255, 160, 122),
        (72, 61, 139),
        (178, 34, 34),
        (123, 104, 238),
        (233, 150, 122),
        (173, 216, 230),
        (240, 228, 66),
    ],
    dtype=np.uint8,
)
"""One sRGB colour a class, distinguishable with the common colour-vision deficiencies; (15, 3) uint8."""
