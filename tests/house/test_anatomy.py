"""The 14 parts: names, mirror, neighbours, colours."""

import numpy as np

from lineament.anatomy import (
    ADJACENT,
    BACKGROUND,
    CLASS_COUNT,
    HEAD,
    MIRROR,
    PART_COLOURS,
    PART_COUNT,
    PART_INDEX,
    PART_NAMES,
    PART_TITLES,
    TORSO,
)
from lineament.evaluation.datasets.lsp import parts_of


def test_fourteen_parts_and_background() -> None:
    assert (CLASS_COUNT, PART_COUNT) == (15, 14)
    assert len(set(PART_NAMES)) == len(PART_TITLES) == CLASS_COUNT
    assert all(PART_NAMES[index] == name for name, index in PART_INDEX.items())


def test_mirroring_swaps_sides_and_twice_is_nothing() -> None:
    mirror = np.array(MIRROR)
    assert (mirror[mirror] == np.arange(CLASS_COUNT)).all()
    for index, name in enumerate(PART_NAMES):
        swapped = name.replace("left_", "right_") if "left_" in name else name.replace("right_", "left_")
        assert PART_NAMES[mirror[index]] == swapped
    assert {k for k in range(CLASS_COUNT) if mirror[k] == k} == {BACKGROUND, HEAD, TORSO}


def test_parts_hang_together_as_one_tree_that_is_its_own_mirror() -> None:
    assert len(ADJACENT) == PART_COUNT - 1
    assert frozenset(frozenset(MIRROR[k] for k in pair) for pair in ADJACENT) == ADJACENT
    reached = {TORSO}
    for _ in range(PART_COUNT):
        reached |= {k for pair in ADJACENT if pair & reached for k in pair}
    assert reached == set(range(1, CLASS_COUNT))


def test_joints_of_the_sports_data_lie_between_adjacent_parts() -> None:
    for joint in ("l_ankle", "r_ankle", "l_knee", "r_hip", "l_wrist", "r_elbow", "l_shoulder"):
        assert frozenset(parts_of(joint)) in ADJACENT


def test_colours_differ() -> None:
    assert PART_COLOURS.shape == (CLASS_COUNT, 3) and PART_COLOURS.dtype == np.uint8
    apart = np.abs(PART_COLOURS[:, None].astype(int) - PART_COLOURS[None]).sum(axis=-1)
    assert (apart[~np.eye(CLASS_COUNT, dtype=bool)] >= 20).all()
