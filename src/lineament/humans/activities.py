"""Activities: what root, trunk, legs and arms do, as ranges, and poses drawn from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.humans.arms import draw_arms, reach
from lineament.humans.procedural import Poser, X, Y, Z
from lineament.humans.rig import SIDES, turn
from lineament.types import Float64

Spread = tuple[float, float]
"""Mean and standard deviation, degrees."""
UPRIGHT: Final = 95.0
"""Degrees of pitch up to which people are on their feet, knees or seat."""
_NO: Final = (0.0, 3.0)


@dataclass(frozen=True, slots=True)
class Leg:
    """Lift of the thigh forwards, outwards, bend of the knee, turn of the toes outwards, sole down."""

    lift: Spread = (0.0, 5.0)
    out: Spread = (4.0, 3.0)
    knee: Spread = (6.0, 5.0)
    turned: Spread = (6.0, 5.0)
    sole: Spread = (0.0, 5.0)


@dataclass(frozen=True, slots=True)
class Activity:
    """What root, trunk, legs and arms do; the leading side is drawn by lot.

    share: among its kind. pitch: of the whole body, forwards; roll: to the trailing side. bend, lean, twist:
    of the spine forwards, to the trailing side, and towards it. look: of the head forwards. arms: of the
    leading and the trailing side, of `lineament.humans.arms.REACHES`; like a standing person's when empty.
    """

    share: float
    lead: Leg
    trail: Leg | None = None
    pitch: Spread = (0.0, 4.0)
    roll: Spread = _NO
    bend: Spread = (0.0, 6.0)
    lean: Spread = (0.0, 4.0)
    twist: Spread = (0.0, 7.0)
    look: Spread = (0.0, 9.0)
    arms: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


def perform(poser: Poser, rng: np.random.Generator, activities: Mapping[str, Activity]) -> Float64:
    """Rotations (163, 3, 3), the root's included, of one of the activities, drawn by their shares."""
    shares = np.array([one.share for one in activities.values()])
    return pose_of(
        poser, rng, list(activities.values())[int(rng.choice(len(shares), p=shares / shares.sum()))]
    )


def pose_of(poser: Poser, rng: np.random.Generator, activity: Activity) -> Float64:
    """Rotations (163, 3, 3) of an activity with its variation."""
    pose = poser.rig.rest()
    sides = SIDES if rng.random() < 0.5 else SIDES[::-1]
    sign = 1.0 if sides[0] == "L" else -1.0

    def draw(spread: Spread) -> float:
        return float(np.radians(rng.normal(*spread)))

    pitch = draw(activity.pitch)
    pose[0] = turn(Y, -sign * draw(activity.roll)) @ turn(X, pitch)
    # The leading side is the left one; leaning and turning away from it is to the right.
    bend = np.array([draw(activity.bend), -sign * draw(activity.lean), -sign * draw(activity.twist)])
    poser.trunk(pose, bend)
    poser.look(pose, np.array([draw(activity.look), draw((0, 6)), draw((0, 18))]))
    legs = (activity.lead, activity.trail or activity.lead)
    # Both legs alike: most of the variation is common to both.
    common = rng.standard_normal(5) if activity.trail is None else None
    for side, leg in zip(sides, legs, strict=True):
        own = rng.standard_normal(5)
        mixed = own if common is None else 0.85 * common + 0.53 * own
        spreads = np.array([leg.lift, leg.out, leg.knee, leg.turned, leg.sole])
        angles = np.radians(spreads[:, 0] + mixed * spreads[:, 1])
        if abs(activity.pitch[0]) < UPRIGHT:
            # Feet stay where they are when the trunk goes forwards or back.
            angles[0] += pitch - np.radians(activity.pitch[0])
        set_leg(poser, pose, side, angles)
    if not activity.arms[0]:
        draw_arms(poser, pose, rng)
        return pose
    number = int(rng.integers(len(activity.arms[0])))
    alike = activity.arms[0][number] == activity.arms[1][number % len(activity.arms[1])] or rng.random() < 0.5
    other = number if alike and number < len(activity.arms[1]) else int(rng.integers(len(activity.arms[1])))
    reach(poser, pose, sides[0], activity.arms[0][number], rng)
    reach(poser, pose, sides[1], activity.arms[1][other], rng)
    return pose


def set_leg(poser: Poser, pose: Float64, side: str, angles: Float64) -> None:
    """Set a leg in place by lift, outward lift, knee bend, outward turn and sole (5,), radians."""
    lift, out, knee, turned, sole = (float(angle) for angle in angles)
    sign, bone = 1.0 if side == "L" else -1.0, poser.rig.model.bone
    poser.leg(pose, side, lift, out, max(knee, 0.0), sole if abs(sole) > 1e-6 else 1e-6)
    thigh = bone(f"upperleg01.{side}")
    pose[thigh] = pose[thigh] @ turn(Z, sign * turned)
