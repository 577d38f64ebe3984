"""Which way a person stands in the photograph: the network knows upright people best, so crops are turned to
them.
"""

from typing import Final

import numpy as np

from lineament.anatomy import BACKGROUND
from lineament.types import Float32

QUARTERS: Final = (0.0, np.pi / 2, np.pi, -np.pi / 2)
LEAST_LEAN: Final = np.radians(12.0)
"""Smaller leanings are within what the network was trained on."""
LEAST_GAIN: Final = 0.02
"""A turned look must be this much more confident than the upright one: most photographs are held upright."""
LEAST_CELLS: Final = 30


def confidence(classes: Float32) -> float:
    """Mean probability of the best part over the cells of a person; classes: (h, w, 15)."""
    person = classes[..., BACKGROUND] < 0.5
    if person.sum() < LEAST_CELLS:
        return 0.0
    return float(classes[person][:, 1:].max(axis=1).mean())


def leaning(classes: Float32, canonical: Float32) -> float:
    """Radians, clockwise, by which the person's own upward direction is turned from the crop's.

    The direction in the crop that the template's z axis maps to, by least squares over the person's cells;
    classes: (h, w, 15), canonical: (h, w, 3) metres. 0 where hardly anything is seen.
    """
    rows, columns = np.nonzero(classes[..., BACKGROUND] < 0.5)
    if len(rows) < LEAST_CELLS:
        return 0.0
    places = canonical[rows, columns].astype(np.float64)
    design = np.column_stack([places[:, 0], places[:, 2], np.ones(len(rows))])
    solved = np.linalg.lstsq(design, np.column_stack([columns, rows]).astype(np.float64), rcond=None)[0]
    across, down = solved[1]
    return float(np.arctan2(across, -down))


def best_turn(confidences: list[float]) -> int:
    """Which of the looks, the upright one first, to believe."""
    best = int(np.argmax(confidences))
    return best if confidences[best] >= confidences[0] + LEAST_GAIN else 0
