"""Where hands are: arms that reach places on and round the body, by two-bone inverse kinematics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.humans.hands import GESTURE_SHARES, set_hand
from lineament.humans.procedural import Poser
from lineament.humans.rig import cross, frame, halfway, turn
from lineament.types import Float64

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Reach:
    """A place of the left wrist on the canonical body at rest, x outwards, y backwards, z up, metres.

    anchor: bone with which the place moves. elbow: where the elbow points. palm, fingers: directions of the
    palm and of the hand, in the anchor's axes. vary: standard deviation of the place. hands: gestures to
    choose from; any when empty.
    """

    wrist: Vector
    elbow: Vector = (0.5, 0.6, -0.6)
    palm: Vector | None = None
    fingers: Vector | None = None
    anchor: str = "spine01"
    vary: float = 0.025
    hands: tuple[str, ...] = ()


_WRIST: Final = 1.0
"""Most that a wrist bends, radians."""
_HOLD = ("grip", "cupped", "pinch")
_TOUCH = ("relaxed", "flat", "cupped")
REACHES: Final[Mapping[str, Reach]] = {
    "hang": Reach((0.275, -0.03, 0.86), (0.2, 1.0, 0.0), (-1, 0.2, 0), vary=0.035),
    "hip": Reach(
        (0.235, 0.02, 1.03), (0.9, 0.6, 0.1), (-1, 0, -0.2), (-0.3, -0.7, -0.4), "root", 0.02, _TOUCH
    ),
    "hip_back": Reach(
        (0.19, 0.185, 1.03), (0.9, 0.6, 0.1), (0, -1, 0), (-0.7, 0, -0.5), "root", 0.02, _TOUCH
    ),
    "pocket": Reach(
        (0.225, -0.04, 0.95), (0.4, 1.0, 0.0), (-1, 0, 0), (-0.05, -0.2, -1), "root", 0.015, ("flat",)
    ),
    "clasped": Reach(
        (0.05, -0.20, 0.93), (1.0, 0.4, 0.0), (-0.2, 1, 0), (-0.8, 0, -0.5), "root", 0.02, _TOUCH
    ),
    "behind": Reach((0.06, 0.19, 0.96), (1.0, 0.6, 0.0), (0, 1, 0), (-0.9, 0, -0.3), "root", 0.02, _TOUCH),
    "crossed_front": Reach(
        (-0.10, -0.23, 1.19), (0.8, 0.0, -1.0), (0, 1, 0), (-1, 0.3, 0.1), vary=0.015, hands=_TOUCH
    ),
    "crossed_back": Reach(
        (-0.06, -0.17, 1.17), (0.8, 0.0, -1.0), (0, 1, 0), (-1, 0.2, -0.1), vary=0.015, hands=_TOUCH
    ),
    "hold_arm": Reach((-0.05, -0.16, 1.05), (0.8, 0.2, -1.0), (0, 1, 0), (-1, 0.2, 0), hands=_HOLD),
    "chin": Reach(
        (0.07, -0.24, 1.37), (0.3, -0.3, -1.0), (-0.2, 1, 0), (-0.3, 0.3, 1), "head", 0.015, _TOUCH
    ),
    "mouth": Reach(
        (0.09, -0.24, 1.44), (0.5, -0.3, -1.0), (-0.3, 1, 0), (-0.7, 0.2, 0.7), "head", 0.02, _HOLD
    ),
    "ear": Reach((0.15, -0.10, 1.47), (0.7, -0.3, -1.0), (-1, 0.2, 0), (-0.2, 0.3, 1), "head", 0.015, _HOLD),
    "brow": Reach(
        (0.17, -0.17, 1.60), (1.0, -0.2, -0.5), (0, 0.5, -1), (-1, 0, 0.3), "head", 0.02, ("flat", "relaxed")
    ),
    "hair": Reach(
        (0.16, -0.05, 1.64), (1.0, -0.3, 0.0), (-1, 0, -0.2), (-0.6, 0.4, 0.4), "head", 0.025, _TOUCH
    ),
    "nape": Reach((0.14, 0.09, 1.57), (1.0, -0.2, 0.3), (-0.2, -1, 0), (-1, 0.3, 0), "head", 0.015, _TOUCH),
    "strap": Reach((0.13, -0.17, 1.22), (0.6, 0.3, -1.0), (0, 1, 0), (-0.1, 0.2, 1), hands=("fist", "grip")),
    "heart": Reach(
        (-0.02, -0.18, 1.24), (1.0, 0.0, -0.6), (0, 1, 0), (-1, 0.2, 0.2), hands=("flat", "relaxed")
    ),
    "box": Reach(
        (0.20, -0.36, 1.08),
        (0.7, 0.5, -0.7),
        (-1, 0, 0.2),
        (-0.1, -1, 0),
        vary=0.05,
        hands=("flat", "cupped"),
    ),
    "tray": Reach(
        (0.16, -0.38, 1.12), (0.5, 0.5, -0.8), (0, 0, 1), (0, -1, 0), vary=0.05, hands=("flat", "cupped")
    ),
    "phone": Reach(
        (0.08, -0.30, 1.22), (0.6, 0.3, -1.0), (-0.3, 0.7, 0.6), (-0.3, -0.5, 0.8), vary=0.04, hands=_HOLD
    ),
    "watch": Reach(
        (0.0, -0.25, 1.18), (1.0, 0.2, -0.6), (0, 0.4, -1), (-1, -0.2, 0.1), hands=("relaxed", "fist")
    ),
    "wave": Reach(
        (0.36, -0.12, 1.58), (0.8, 0.0, -1.0), (0, -1, 0), (0.1, 0, 1), vary=0.06, hands=("spread", "flat")
    ),
    "up": Reach((0.28, -0.06, 1.76), (1.0, 0.2, 0.0), (-0.3, -1, 0), (0, 0, 1), vary=0.06),
    "overhead": Reach(
        (0.10, -0.03, 1.80), (1.0, -0.2, 0.0), (-0.3, -1, 0), (0, 0, 1), vary=0.03, hands=("flat", "relaxed")
    ),
    "out": Reach((0.66, -0.03, 1.34), (0.0, 0.5, -1.0), (0, -0.3, -1), (1, 0, 0), vary=0.07),
    "forwards": Reach((0.17, -0.48, 1.32), (0.6, 0.2, -1.0), (-0.5, 0, -1), (0, -1, 0), vary=0.06),
    "point": Reach(
        (0.20, -0.46, 1.36), (0.5, 0.2, -1.0), (-0.8, 0, -0.5), (0.1, -1, 0.1), vary=0.1, hands=("pointing",)
    ),
    "talk": Reach((0.26, -0.30, 1.16), (0.5, 0.5, -1.0), (-0.6, 0, 0.6), (0.2, -1, 0.2), vary=0.07),
    "guard": Reach(
        (0.10, -0.26, 1.40), (0.6, 0.2, -1.0), (-0.8, 0.4, 0), (-0.2, -0.4, 1), vary=0.04, hands=("fist",)
    ),
    "run_front": Reach(
        (0.10, -0.30, 1.20), (0.4, 0.8, -0.8), (-1, 0, 0), None, vary=0.05, hands=("fist", "relaxed", "grip")
    ),
    "run_back": Reach(
        (0.26, 0.12, 1.02), (0.4, 1.0, 0.2), (-1, 0, 0), None, vary=0.05, hands=("fist", "relaxed", "grip")
    ),
    "back": Reach((0.34, 0.26, 1.05), (0.4, 1.0, 0.0), (-0.5, 0.5, 0), None, vary=0.06),
    "cocked": Reach((0.36, 0.10, 1.55), (1.0, 0.5, -0.2), (0, -1, 0.3), None, vary=0.06, hands=_HOLD),
    "smash": Reach((0.22, -0.12, 1.80), (1.0, 0.3, 0.2), (0, -1, 0), None, vary=0.06, hands=("grip", "flat")),
    "follow": Reach((-0.18, -0.30, 1.10), (0.6, -0.6, -0.2), (-0.3, 1, 0), None, vary=0.06, hands=_HOLD),
    "low_forwards": Reach((0.16, -0.36, 0.98), (0.6, 0.4, -0.4), (-1, 0, 0), None, vary=0.06),
    "bat_near": Reach((0.08, -0.20, 1.40), (0.9, -0.2, -0.5), None, None, vary=0.02, hands=("fist",)),
    "bat_far": Reach((-0.16, -0.24, 1.36), (0.4, -0.8, -0.4), None, None, vary=0.02, hands=("fist",)),
    "swing_near": Reach((0.02, -0.44, 1.12), (0.9, 0.2, -0.6), None, None, vary=0.03, hands=("fist",)),
    "swing_far": Reach((0.03, -0.44, 1.18), (0.9, 0.2, -0.6), None, None, vary=0.03, hands=("fist",)),
    "club_near": Reach((-0.01, -0.34, 0.98), (0.8, 0.3, -0.3), None, None, vary=0.02, hands=("fist",)),
    "club_far": Reach((0.05, -0.35, 0.94), (0.8, 0.3, -0.3), None, None, vary=0.02, hands=("fist",)),
    "bar": Reach((0.26, -0.02, 1.72), (1.0, 0.1, -0.4), (0, -1, 0.2), (0, 0, 1), vary=0.02, hands=("fist",)),
    "rack": Reach(
        (0.24, -0.16, 1.36), (0.6, -0.2, -1.0), (0, -1, 0.6), (0, 0, 1), vary=0.02, hands=("fist",)
    ),
    "knee": Reach((0.17, -0.20, 0.62), (0.8, 0.5, 0.2), (0, 1, -0.3), None, "upperleg01", 0.02, _TOUCH),
    "lap": Reach((0.08, -0.15, 0.72), (0.9, 0.5, 0.0), (0, 1, 0), None, "upperleg01", 0.03, _TOUCH),
    "shin": Reach((0.13, -0.16, 0.40), (0.9, 0.2, 0.2), (-0.6, 1, 0), None, "lowerleg01", 0.03, _HOLD),
    "prop": Reach((0.33, 0.30, 0.95), (0.6, 0.8, 0.2), (0, 0, -1), None, "root", 0.04, ("flat", "spread")),
    "floor": Reach(
        (0.20, -0.50, 1.34), (0.7, 0.4, -0.6), (0, -1, 0), (0, -0.4, 1), vary=0.03, hands=("flat", "spread")
    ),
}
PAIRS: Final[Mapping[tuple[str, str], float]] = {
    ("hang", "hang"): 0.30,
    ("hip", "hip"): 0.06,
    ("hip", "hang"): 0.05,
    ("hip_back", "hip_back"): 0.01,
    ("pocket", "pocket"): 0.05,
    ("pocket", "hang"): 0.05,
    ("pocket", "phone"): 0.02,
    ("pocket", "talk"): 0.01,
    ("clasped", "clasped"): 0.03,
    ("behind", "behind"): 0.03,
    ("crossed_front", "crossed_back"): 0.07,
    ("hold_arm", "hang"): 0.02,
    ("chin", "hold_arm"): 0.02,
    ("chin", "hang"): 0.01,
    ("mouth", "hang"): 0.02,
    ("ear", "hang"): 0.02,
    ("ear", "hip"): 0.01,
    ("brow", "hang"): 0.01,
    ("hair", "hang"): 0.01,
    ("hair", "hair"): 0.01,
    ("nape", "nape"): 0.01,
    ("strap", "strap"): 0.02,
    ("strap", "hang"): 0.01,
    ("heart", "hang"): 0.01,
    ("box", "box"): 0.02,
    ("tray", "tray"): 0.01,
    ("phone", "hang"): 0.02,
    ("phone", "phone"): 0.02,
    ("watch", "hang"): 0.01,
    ("wave", "hang"): 0.02,
    ("wave", "wave"): 0.005,
    ("up", "up"): 0.015,
    ("up", "hang"): 0.01,
    ("out", "out"): 0.01,
    ("forwards", "forwards"): 0.01,
    ("point", "hang"): 0.015,
    ("point", "hip"): 0.005,
    ("talk", "talk"): 0.02,
    ("talk", "hang"): 0.02,
}
"""What the two arms of somebody upright do, and how often; either side may be the first."""


def reach(poser: Poser, pose: Float64, side: str, name: str, rng: np.random.Generator) -> None:
    """Bring an arm of rotations (163, 3, 3) to one of `REACHES` in place, with variation and a gesture."""
    goal, rig = REACHES[name], poser.rig
    sign = np.array([1.0 if side == "L" else -1.0, 1.0, 1.0])
    anchor = f"{goal.anchor}.{side}" if "leg" in goal.anchor else goal.anchor
    turned, moved = _relative(poser, pose, anchor)
    place = np.array(goal.wrist) * sign + rng.normal(0.0, goal.vary, 3)
    target = turned @ place + moved
    shoulder = rig.heads[rig.model.bone(f"upperarm01.{side}")]
    upper, lower = rig.limb("upperarm", side), rig.limb("lowerarm", side)
    a, b = np.linalg.norm(upper), np.linalg.norm(lower)
    way = target - shoulder
    far = float(np.clip(np.linalg.norm(way), abs(a - b) + 0.03, 0.995 * (a + b)))
    along = way / np.linalg.norm(way)
    hint = np.array(goal.elbow) * sign + rng.normal(0.0, 0.12, 3)
    out = hint - (hint @ along) * along
    out /= max(float(np.linalg.norm(out)), 1e-6)
    cosine = (a * a + far * far - b * b) / (2 * a * far)
    elbow = a * (cosine * along + np.sqrt(max(1 - cosine * cosine, 0.0)) * out)
    bend = far * along - elbow
    hinge, bent = rig.elbow(side)
    raised = frame(elbow, cross(elbow, bend)) @ frame(upper, hinge).T
    clavicle = halfway(raised, 0.12)
    bone = rig.model.bone
    pose[bone(f"clavicle.{side}")] = clavicle
    pose[bone(f"upperarm01.{side}")] = clavicle.T @ raised
    flexed = float(np.arctan2(np.linalg.norm(cross(elbow, bend)), elbow @ bend))
    forearm = turn(hinge, flexed - bent)
    pose[bone(f"lowerarm01.{side}")] = forearm
    pose[bone(f"lowerarm02.{side}")] = pose[bone(f"wrist.{side}")] = np.eye(3)
    _turn_hand(poser, pose, side, raised @ forearm, turned, goal)
    gestures = goal.hands or tuple(GESTURE_SHARES)
    weights = None if goal.hands else list(GESTURE_SHARES.values())
    set_hand(poser, pose, side, str(rng.choice(gestures, p=weights)), rng)


def draw_arms(poser: Poser, pose: Float64, rng: np.random.Generator) -> None:
    """Both arms by `PAIRS`, in place."""
    pairs = list(PAIRS)
    weights = np.array(list(PAIRS.values()))
    first, second = pairs[int(rng.choice(len(pairs), p=weights / weights.sum()))]
    sides = ("L", "R") if rng.random() < 0.5 else ("R", "L")
    for side, name in zip(sides, (first, second), strict=True):
        reach(poser, pose, side, name, rng)


def _turn_hand(poser: Poser, pose: Float64, side: str, world: Float64, turned: Float64, goal: Reach) -> None:
    """Turn the forearm so that the palm faces its way and bend the wrist so that the fingers point theirs."""
    rig, bone = poser.rig, poser.rig.model.bone
    sign = np.array([1.0 if side == "L" else -1.0, 1.0, 1.0])
    lower = rig.limb("lowerarm", side)
    lower = lower / np.linalg.norm(lower)
    if goal.palm is not None:
        wanted = world.T @ turned @ (np.array(goal.palm) * sign)
        palm = rig.palm(side)
        one, other = (v - (v @ lower) * lower for v in (palm, wanted))
        angle = float(np.arctan2(cross(one, other) @ lower, one @ other))
        half = turn(lower, 0.5 * float(np.clip(angle, -1.7, 1.7)))
        pose[bone(f"lowerarm02.{side}")] = pose[bone(f"wrist.{side}")] = half
        world = world @ half @ half
    if goal.fingers is not None:
        wanted = world.T @ turned @ (np.array(goal.fingers) * sign)
        hand = rig.limb("hand", side)
        axis = cross(hand, wanted)
        size = float(np.linalg.norm(axis))
        if size > 1e-6:
            bent = turn(axis, min(float(np.arctan2(size, hand @ wanted)), _WRIST))
            pose[bone(f"wrist.{side}")] = pose[bone(f"wrist.{side}")] @ bent


def _relative(poser: Poser, pose: Float64, anchor: str) -> tuple[Float64, Float64]:
    """Rotation and shift that take rest points moving with bone `anchor` to the rest axes of the chest."""
    model, heads = poser.rig.model, poser.rig.heads

    def world(bone: int) -> tuple[Float64, Float64]:
        chain = []
        while bone >= 0:
            chain.append(bone)
            bone = int(model.bone_parents[bone])
        turned, place = np.eye(3), heads[chain[-1]]
        for number in reversed(chain):
            above = int(model.bone_parents[number])
            if above >= 0:
                place = place + turned @ (heads[number] - heads[above])
            turned = turned @ pose[number]
        return turned, place

    if anchor == "spine01":
        return np.eye(3), np.zeros(3)
    bone, chest = model.bone(anchor), model.bone("spine01")
    (turned, place), (chest_turned, chest_place) = world(bone), world(chest)
    rotation = chest_turned.T @ turned
    return rotation, chest_turned.T @ (place - turned @ heads[bone] - chest_place) + heads[chest]
