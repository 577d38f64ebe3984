"""Hands: gestures with every finger its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.humans.procedural import Poser
from lineament.types import Float64


@dataclass(frozen=True, slots=True)
class Gesture:
    """Curl in radians a joint of thumb to little finger, how far they fan out, and how much both vary."""

    curls: tuple[float, float, float, float, float]
    fan: float = 0.0
    vary: float = 0.1


GESTURES: Final[Mapping[str, Gesture]] = {
    "relaxed": Gesture((0.25, 0.28, 0.36, 0.42, 0.46), 0.02, 0.12),
    "flat": Gesture((0.05, 0.04, 0.03, 0.04, 0.05), 0.02, 0.05),
    "spread": Gesture((-0.05, 0.03, 0.02, 0.03, 0.05), 0.22, 0.07),
    "cupped": Gesture((0.3, 0.55, 0.6, 0.62, 0.65), 0.06, 0.15),
    "grip": Gesture((0.65, 1.0, 1.05, 1.08, 1.1), 0.0, 0.12),
    "fist": Gesture((0.8, 1.38, 1.42, 1.42, 1.4), 0.0, 0.06),
    "pointing": Gesture((0.7, 0.03, 1.25, 1.3, 1.3), 0.0, 0.08),
    "pinch": Gesture((0.5, 0.7, 0.45, 0.4, 0.4), 0.05, 0.15),
}
GESTURE_SHARES: Final[Mapping[str, float]] = {
    "relaxed": 0.44, "flat": 0.09, "spread": 0.09, "cupped": 0.12, "grip": 0.10,
    "fist": 0.07, "pointing": 0.05, "pinch": 0.04,
}  # fmt: skip
"""Shares of the gestures of hands that hold or touch nothing."""


def set_hand(poser: Poser, pose: Float64, side: str, gesture: str, rng: np.random.Generator) -> None:
    """Give rotations (163, 3, 3) a hand in place; half of the variation is common to all fingers."""
    chosen = GESTURES[gesture]
    common = rng.normal(0.0, chosen.vary)
    curls = np.array(chosen.curls)[:, None] * (1.0 + common) + rng.normal(0.0, 0.6 * chosen.vary, (5, 1))
    curls = curls * rng.normal(1.0, 0.06, (5, 3))
    curls[0, 0] *= 0.6
    fan = chosen.fan + rng.normal(0.0, 0.03)
    poser.fingers(pose, side, np.clip(curls, -0.15, 1.5), max(fan, -0.02))


def draw_hands(poser: Poser, pose: Float64, rng: np.random.Generator) -> None:
    """Both hands by `GESTURE_SHARES`, half of the time alike."""
    names, shares = list(GESTURE_SHARES), list(GESTURE_SHARES.values())
    first, second = (str(name) for name in rng.choice(names, 2, p=shares))
    set_hand(poser, pose, "L", first, rng)
    set_hand(poser, pose, "R", first if rng.random() < 0.5 else second, rng)
