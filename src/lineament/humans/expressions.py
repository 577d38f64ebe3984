"""Facial expressions: plausible combinations of the body model's 52 facial actions (ARKit's names).

What belongs together follows the facial action coding system (Ekman and Friesen 1978): smiles narrow the
eyes, surprise lifts brows, lids and jaw, pain and effort close the eyes under lowered brows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Expression:
    """Share among expressions, and ranges of the weights of its actions; "Left" and "Right" follow by name.

    An action without side that the model has only for both sides, such as "mouthSmile", is given to both.
    """

    share: float
    actions: Mapping[str, Range]


NEUTRAL_SHARE: Final = 0.30
"""Share of faces with nothing but the eyes' own movement."""
EXPRESSIONS: Final[Mapping[str, Expression]] = {
    "slight smile": Expression(
        0.20, {"mouthSmile": (0.15, 0.5), "cheekSquint": (0.0, 0.3), "mouthDimple": (0.0, 0.3)}
    ),
    "smile": Expression(
        0.16,
        {
            "mouthSmile": (0.5, 1.0),
            "cheekSquint": (0.3, 0.8),
            "eyeSquint": (0.1, 0.6),
            "mouthUpperUp": (0.0, 0.35),
            "jawOpen": (0.0, 0.08),
        },
    ),
    "laugh": Expression(
        0.07,
        {
            "mouthSmile": (0.6, 1.0),
            "cheekSquint": (0.5, 1.0),
            "eyeSquint": (0.3, 0.9),
            "jawOpen": (0.2, 0.6),
            "mouthUpperUp": (0.1, 0.5),
            "browInnerUp": (0.0, 0.3),
        },
    ),
    "talking": Expression(
        0.18,
        {
            "jawOpen": (0.03, 0.35),
            "mouthFunnel": (0.0, 0.4),
            "mouthPucker": (0.0, 0.3),
            "mouthLowerDown": (0.0, 0.5),
            "mouthStretch": (0.0, 0.3),
            "mouthSmile": (0.0, 0.3),
            "browOuterUp": (0.0, 0.4),
        },
    ),
    "open mouth": Expression(0.06, {"jawOpen": (0.2, 0.8), "mouthStretch": (0.0, 0.2)}),
    "frown": Expression(
        0.08,
        {
            "browDown": (0.3, 1.0),
            "mouthFrown": (0.2, 0.8),
            "mouthPress": (0.0, 0.4),
            "mouthShrugLower": (0.0, 0.5),
        },
    ),
    "sad": Expression(
        0.05,
        {
            "browInnerUp": (0.4, 1.0),
            "mouthFrown": (0.4, 1.0),
            "mouthShrugLower": (0.0, 0.6),
            "eyeSquint": (0.0, 0.4),
        },
    ),
    "surprise": Expression(
        0.05,
        {"browInnerUp": (0.4, 1.0), "browOuterUp": (0.4, 1.0), "eyeWide": (0.4, 1.0), "jawOpen": (0.1, 0.6)},
    ),
    "anger": Expression(
        0.04,
        {
            "browDown": (0.6, 1.0),
            "noseSneer": (0.2, 0.8),
            "eyeSquint": (0.2, 0.6),
            "mouthUpperUp": (0.0, 0.5),
            "mouthPress": (0.0, 0.7),
            "jawForward": (0.0, 0.4),
        },
    ),
    "disgust": Expression(
        0.02,
        {
            "noseSneer": (0.5, 1.0),
            "mouthUpperUp": (0.2, 0.7),
            "browDown": (0.2, 0.7),
            "eyeSquint": (0.2, 0.6),
        },
    ),
    "effort": Expression(
        0.04,
        {
            "eyeSquint": (0.5, 1.0),
            "browDown": (0.5, 1.0),
            "mouthStretch": (0.3, 0.9),
            "jawOpen": (0.0, 0.2),
            "noseSneer": (0.1, 0.5),
            "cheekSquint": (0.3, 0.8),
        },
    ),
    "pucker": Expression(0.03, {"mouthPucker": (0.3, 1.0), "cheekPuff": (0.0, 0.3)}),
    "tight lips": Expression(
        0.02, {"mouthRollLower": (0.2, 0.8), "mouthRollUpper": (0.1, 0.7), "mouthPress": (0.1, 0.6)}
    ),
}
CLOSED_SHARE: Final = 0.05
"""Share of faces with both eyes shut, blinking or asleep; one in fifty of the others winks or half blinks."""
_SIDED: Final = (
    "browDown", "browOuterUp", "cheekSquint", "eyeBlink", "eyeSquint", "eyeWide", "mouthDimple", "mouthFrown",
    "mouthLowerDown", "mouthPress", "mouthSmile", "mouthStretch", "mouthUpperUp", "noseSneer",
)  # fmt: skip


def sample_expression(rng: np.random.Generator) -> dict[str, float]:
    """Weights 0..1 of facial actions by name; actions that rest are left out.

    Both sides of an action differ a little, seldom much. Eyes look about a little in every face.
    """
    weights: dict[str, float] = {}
    if rng.random() >= NEUTRAL_SHARE:
        shares = np.array([one.share for one in EXPRESSIONS.values()])
        chosen = list(EXPRESSIONS.values())[int(rng.choice(len(shares), p=shares / shares.sum()))]
        for name, (low, high) in chosen.actions.items():
            _add(weights, name, float(rng.uniform(low, high)), rng)
    _look(weights, rng)
    draw = rng.random()
    if draw < CLOSED_SHARE:
        _shut(weights, float(rng.uniform(0.85, 1.0)), ("Left", "Right"))
    elif draw < CLOSED_SHARE + 0.02:
        sides = ("Left", "Right") if rng.random() < 0.5 else (str(rng.choice(("Left", "Right"))),)
        _shut(weights, float(rng.uniform(0.3, 0.9)), sides)
    return {name: round(min(value, 1.0), 4) for name, value in weights.items() if value > 0.01}


def _add(weights: dict[str, float], name: str, value: float, rng: np.random.Generator) -> None:
    if name not in _SIDED:
        weights[name] = value
        return
    uneven = rng.normal(0.0, 0.25 if rng.random() < 0.1 else 0.06)
    weights[f"{name}Left"] = float(np.clip(value * (1.0 + uneven), 0.0, 1.0))
    weights[f"{name}Right"] = float(np.clip(value * (1.0 - uneven), 0.0, 1.0))


def _look(weights: dict[str, float], rng: np.random.Generator) -> None:
    """Both eyes turn together: sideways by "out" of one and "in" of the other."""
    across, up = rng.normal(0.0, 0.25, 2)
    outer, inner = ("Left", "Right") if across > 0 else ("Right", "Left")
    weights[f"eyeLookOut{outer}"] = weights[f"eyeLookIn{inner}"] = min(abs(float(across)), 0.8)
    for side in ("Left", "Right"):
        weights[f"eyeLook{'Up' if up > 0 else 'Down'}{side}"] = min(abs(float(up)), 0.7)


def _shut(weights: dict[str, float], value: float, sides: tuple[str, ...]) -> None:
    for side in sides:
        weights[f"eyeBlink{side}"] = value
        weights.pop(f"eyeWide{side}", None)
        # Squinting and shutting move the same lids; together they go through each other.
        weights[f"eyeSquint{side}"] = weights.get(f"eyeSquint{side}", 0.0) * (1.0 - value)
