"""All labelled places of a head: the named landmarks first, then dense ones spread evenly over its rest.

The head's frame, in metres: x to the person's left, y backwards (a face looks along -y), z up, which are the
axes of the rest pose; origin: the mean of all these places on the person's own head without expression. It
moves with the head's bone, so that a bent neck or an open mouth do not move it on the skull.
"""

from functools import cache
from typing import Final

import numpy as np

from lineament.humans.body import BodyModel
from lineament.synth.landmarks import LANDMARKS
from lineament.types import Float32, Float64, Int32

_MIDDLE: Final[tuple[int, ...]] = (
    858, 962, 5368, 791, 5554, 879, 991, 969, 853, 882, 955, 747,
)  # fmt: skip
"""On the middle plane."""
_RIGHT: Final[tuple[int, ...]] = (
    1486, 5283, 861, 810, 1009, 5387, 830, 755, 937, 5154, 977, 5375, 1027, 970, 272, 839, 1036, 5231,
    750, 1030, 5396, 5185, 5555, 878, 961, 773, 5377, 822, 1041, 968, 5150, 974, 848, 5290, 264, 5369,
    923, 5279, 954, 5381, 852, 270, 794, 5275, 985, 735, 972, 5175, 5677, 766, 713, 5384, 775, 161,
    5392, 242, 890, 5563, 826, 965, 5551, 5216, 835, 5245, 997, 1004, 945, 956, 1040, 3749, 1054, 980,
    885, 263, 5370, 5236, 5269, 958, 844,
)  # fmt: skip
"""On the right side: face, ear, neck and skull, each as far as can be from the others and the named ones."""
_LEFT: Final[tuple[int, ...]] = (
    8172, 11890, 7566, 7522, 7703, 11987, 7541, 7474, 7638, 11768, 7673, 11976, 7719, 7666, 7041, 7550,
    7728, 11840, 7469, 7722, 11995, 11797, 12152, 7583, 7659, 7492, 11978, 7533, 7733, 7665, 11764,
    7670, 7559, 11896, 7033, 11970, 7625, 11886, 7653, 11981, 7563, 7039, 7509, 11882, 7680, 7455, 7668,
    11787, 12274, 7485, 7436, 11984, 7494, 6939, 11991, 7013, 7592, 12160, 7537, 7662, 12149, 11826,
    7546, 11853, 7691, 7698, 7645, 7654, 7732, 10417, 7746, 7676, 7587, 7032, 11971, 11845, 11876, 7656,
    7555,
)  # fmt: skip
"""Their mirror images, in the same order."""

NAMED: Final = len(LANDMARKS)
VERTICES: Final[Int32] = np.array([*LANDMARKS.values(), *_MIDDLE, *_RIGHT, *_LEFT], dtype=np.int32)
"""(L,) vertices of Anny's mesh: `LANDMARKS` in their order, then the dense ones."""


def _mirror() -> Int32:
    jaw_brows_nose = [*range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1)]
    eyes = [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40]
    mouth = [*range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), 67, 66, 65]
    pupils_ears_middle = [69, 68, 73, 74, 75, 70, 71, 72, 76, 77]
    right = np.arange(len(_RIGHT)) + NAMED + len(_MIDDLE)
    dense = [*range(NAMED, NAMED + len(_MIDDLE)), *(right + len(_RIGHT)), *right]
    return np.array([*jaw_brows_nose, *eyes, *mouth, *pupils_ears_middle, *dense], dtype=np.int32)


MIRROR: Final[Int32] = _mirror()
"""(L,) for each place, the one that takes its place in a mirrored picture; an involution."""


def head_origin(rest: Float32) -> Float64:
    """Origin (3,) of the head's frame in the frame of rest vertices (19158, 3), metres."""
    return np.asarray(rest[VERTICES].mean(axis=0, dtype=np.float64))


@cache
def mean_places() -> Float64:
    """The places (L, 3) on the average head without expression, metres in the head's frame."""
    canonical = BodyModel.load().canonical
    return canonical[VERTICES].astype(np.float64) - head_origin(canonical)
