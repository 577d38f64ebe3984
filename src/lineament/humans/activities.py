"""Poses of activities: sitting, bending, kneeling, lying, gymnastics, throwing, swinging, kicking, jumping."""

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

    share: among its kind. pitch: of the whole body, forwards; roll: to the trailing side. bend, lean, twist: of
    the spine forwards, to the trailing side, and towards it. look: of the head forwards. arms: of the leading
    and the trailing side, of `lineament.humans.arms.REACHES`; drawn like a standing person's when empty.
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


_STRAIGHT = Leg((0, 4), (4, 4), (4, 4), (5, 5), (45, 10))
_CHAIR = Leg((84, 7), (9, 8), (84, 14), (4, 8))
_SQUAT = Leg((112, 10), (18, 9), (128, 10), (15, 8), (-22, 5))
_SIT_ARMS = (("lap", "knee", "lap", "tray", "talk", "phone", "chin", "crossed_front", "mouth"),
             ("lap", "knee", "lap", "tray", "talk", "hang", "hold_arm", "crossed_back", "ear"))  # fmt: skip
_UP = (("overhead", "up"), ("overhead", "up"))
_RUN = (("run_back",), ("run_front",))
_WIDE = (("out", "up", "back", "wave"), ("out", "up", "forwards", "back"))
_KICK_ARMS = (("guard", "back", "low_forwards"), ("guard", "out", "forwards"))

SITTING: Final[Mapping[str, Activity]] = {
    "chair": Activity(0.34, _CHAIR, pitch=(-4, 6), bend=(6, 10), arms=_SIT_ARMS),
    "desk": Activity(0.12, _CHAIR, pitch=(2, 4), bend=(8, 7), arms=(("tray", "phone", "box"),) * 2),
    "leaning_forwards": Activity(0.10, Leg((100, 8), (14, 6), (82, 12)), pitch=(16, 7), bend=(16, 8),
                                 arms=(("knee", "lap", "chin"), ("knee", "lap"))),
    "leaning_back": Activity(0.08, Leg((72, 8), (10, 8), (62, 20)), pitch=(-20, 7), bend=(6, 8),
                             arms=(("lap", "nape", "prop", "crossed_front"), ("lap", "nape", "prop", "crossed_back"))),
    "legs_crossed": Activity(0.12, Leg((96, 6), (-15, 4), (78, 12), (0, 8)), Leg((82, 5), (2, 4), (84, 8)),
                             pitch=(-5, 5), arms=_SIT_ARMS),
    "ankle_on_knee": Activity(0.04, Leg((82, 6), (36, 6), (100, 8), (45, 8)), Leg((82, 6), (8, 5), (86, 8)),
                              pitch=(-8, 5), arms=_SIT_ARMS),
    "one_leg_out": Activity(0.05, Leg((78, 8), (10, 7), (20, 14)), _CHAIR, pitch=(-8, 7), arms=_SIT_ARMS),
    "floor_cross_legged": Activity(0.06, Leg((96, 8), (42, 6), (124, 7), (38, 7), (20, 10)), pitch=(-2, 6),
                                   bend=(14, 8), arms=(("knee", "lap", "shin"), ("knee", "lap", "phone"))),
    "floor_legs_out": Activity(0.04, Leg((82, 8), (10, 9), (10, 9), (8, 6), (25, 10)), pitch=(-8, 9),
                               bend=(6, 10), arms=(("prop", "lap", "knee"), ("prop", "lap", "shin"))),
    "floor_knees_up": Activity(0.05, Leg((118, 8), (8, 7), (112, 10), (2, 5), (15, 10)), pitch=(-6, 8),
                               bend=(14, 8), arms=(("shin", "knee", "prop"), ("shin", "knee", "prop"))),
}  # fmt: skip
BENDING: Final[Mapping[str, Activity]] = {
    "bow": Activity(0.12, Leg((42, 12), (4, 4), (8, 7)), pitch=(40, 12), bend=(18, 8)),
    "hands_on_knees": Activity(0.09, Leg((62, 8), (10, 4), (34, 10)), pitch=(36, 8), bend=(20, 7), look=(-22, 9),
                               arms=(("knee",), ("knee",))),
    "pick_up": Activity(0.13, Leg((90, 14), (6, 5), (24, 16)), pitch=(76, 12), bend=(28, 9), twist=(4, 10),
                        arms=(("forwards", "low_forwards"), ("hang", "forwards", "knee"))),
    "toe_touch": Activity(0.05, Leg((100, 10), (3, 3), (5, 5)), pitch=(92, 10), bend=(36, 8),
                          arms=(("up", "forwards"),) * 2),
    "reach_low": Activity(0.10, Leg((72, 12), (8, 6), (62, 14), (6, 6), (-10, 6)), pitch=(38, 10), bend=(22, 8),
                          arms=(("low_forwards", "forwards"), ("knee", "low_forwards", "box"))),
    "squat": Activity(0.12, _SQUAT, pitch=(24, 8), bend=(12, 8),
                      arms=(("forwards", "knee", "box", "talk"), ("forwards", "knee", "box", "chin"))),
    "half_squat": Activity(0.08, Leg((66, 10), (14, 8), (76, 12), (10, 7), (-14, 5)), pitch=(22, 8)),
    "kneel_one": Activity(0.12, Leg((92, 8), (8, 6), (94, 9), (5, 5)), Leg((0, 7), (4, 4), (96, 9), (0, 4), (40, 9)),
                          pitch=(6, 7), arms=(("knee", "low_forwards", "phone"), ("hang", "hip", "low_forwards"))),
    "kneel_both": Activity(0.07, Leg((4, 8), (9, 6), (92, 8), (0, 4), (50, 8)), pitch=(2, 6)),
    "kneel_low": Activity(0.05, Leg((62, 12), (10, 6), (136, 8), (0, 4), (55, 8)), pitch=(14, 10), bend=(10, 8),
                          arms=(("knee", "lap", "low_forwards"), ("knee", "lap", "tray"))),
    "side_bend": Activity(0.04, Leg(out=(12, 6)), roll=(8, 4), lean=(34, 10), arms=(("up", "overhead"), ("hang", "hip"))),
    "twist_back": Activity(0.03, Leg(out=(8, 5)), twist=(44, 9), arms=(("follow", "forwards"), ("back", "hip"))),
}  # fmt: skip
ACROBATIC: Final[Mapping[str, Activity]] = {
    "handstand": Activity(0.07, _STRAIGHT, pitch=(180, 12), roll=(0, 8), look=(-30, 10), arms=(("overhead",),) * 2),
    "handstand_split": Activity(0.04, Leg((62, 18), (5, 5), (12, 10), (4, 4), (45, 9)),
                                Leg((-24, 10), (4, 4), (16, 14), (4, 4), (45, 9)), pitch=(180, 18), look=(-30, 10),
                                arms=(("overhead",),) * 2),
    "headstand": Activity(0.02, Leg((40, 40), (6, 5), (60, 40)), pitch=(180, 8), look=(10, 6), arms=(("floor",),) * 2),
    "cartwheel": Activity(0.06, Leg((5, 12), (52, 9), (6, 6), (12, 8), (45, 9)), roll=(140, 45),
                          lean=(6, 8), arms=(("up",), ("up",))),
    "split_leap": Activity(0.05, Leg((86, 10), (4, 5), (8, 8), (4, 5), (45, 9)),
                           Leg((-32, 7), (4, 5), (22, 16), (5, 5), (45, 9)), pitch=(4, 8), arms=_WIDE),
    "floor_split": Activity(0.02, Leg((88, 6), (2, 3), (2, 3), (0, 5), (45, 9)),
                            Leg((-36, 4), (2, 3), (6, 6), (0, 5), (45, 9)), pitch=(14, 8), arms=_WIDE),
    "straddle": Activity(0.03, Leg((50, 22), (54, 9), (4, 4), (14, 8), (45, 9)), pitch=(20, 30), bend=(8, 9), arms=_WIDE),
    "tuck": Activity(0.05, Leg((125, 7), (6, 5), (126, 10), (0, 4), (35, 10)), pitch=(90, 110), bend=(36, 8),
                     look=(22, 8), arms=(("shin",), ("shin",))),
    "pike": Activity(0.04, Leg((106, 12), (3, 3), (3, 4), (2, 3), (48, 8)), pitch=(110, 60), bend=(26, 9),
                     arms=(("shin", "forwards", "out"), ("shin", "forwards", "out"))),
    "dive": Activity(0.06, Leg((10, 14), (2, 2), (4, 4), (2, 3), (50, 7)), pitch=(140, 32), roll=(0, 10),
                     look=(-8, 12), arms=(("overhead",), ("overhead",))),
    "swim": Activity(0.02, Leg((6, 12), (5, 4), (14, 12), (4, 4), (45, 9)), pitch=(88, 10), roll=(0, 18),
                     look=(-20, 14), arms=(("overhead", "up"), ("back", "low_forwards"))),
    "bridge": Activity(0.02, Leg((-12, 9), (10, 5), (78, 12)), pitch=(-118, 10), bend=(-48, 8), look=(-25, 8),
                       arms=(("overhead",), ("overhead",))),
    "arabesque": Activity(0.04, Leg((-34, 8), (5, 5), (6, 6), (10, 7), (45, 9)), Leg((38, 10), (2, 3), (5, 5)),
                          pitch=(38, 14), bend=(-14, 8), arms=_WIDE),
    "hang": Activity(0.02, Leg((12, 24), (6, 6), (20, 22), (4, 4), (40, 12)), pitch=(0, 8), look=(-18, 12),
                     arms=(("bar", "up"), ("bar", "up"))),
    "throw_cocked": Activity(0.05, Leg((-16, 8), (10, 5), (16, 10), (28, 10)), Leg((36, 16), (12, 6), (24, 14)),
                             pitch=(-8, 8), lean=(-8, 6), twist=(-24, 10), arms=(("cocked",), ("forwards", "point", "out"))),
    "throw_release": Activity(0.04, Leg((-22, 9), (10, 6), (30, 14), (10, 8), (35, 10)), Leg((44, 10), (8, 5), (34, 12)),
                              pitch=(20, 10), bend=(14, 8), twist=(26, 9), arms=(("follow", "forwards"), ("back", "hip", "run_back"))),
    "bat_ready": Activity(0.04, Leg((28, 8), (16, 6), (36, 10), (14, 6)), pitch=(12, 6), bend=(8, 6), twist=(-14, 8),
                          arms=(("bat_near",), ("bat_far",))),
    "bat_swing": Activity(0.04, Leg((6, 12), (22, 7), (30, 12), (6, 8), (25, 12)), Leg((34, 10), (22, 7), (14, 9)),
                          pitch=(4, 8), lean=(8, 8), twist=(10, 28), arms=(("swing_near",), ("swing_far",))),
    "golf": Activity(0.02, Leg((34, 6), (12, 4), (22, 6)), pitch=(28, 6), bend=(14, 6), twist=(0, 26), look=(14, 6),
                     arms=(("club_near",), ("club_far",))),
    "serve": Activity(0.04, Leg((-6, 10), (9, 5), (24, 14), (6, 6), (30, 12)), Leg((10, 10), (8, 5), (30, 14)),
                      pitch=(-10, 8), bend=(-14, 7), lean=(14, 7), look=(-28, 9), arms=(("smash", "cocked"), ("up", "point"))),
    "racket": Activity(0.04, Leg((34, 16), (20, 8), (42, 14)), Leg((22, 18), (18, 8), (30, 16)), pitch=(12, 9),
                       twist=(0, 24), arms=(("follow", "back", "out", "cocked"), ("out", "guard", "low_forwards"))),
    "kick_front": Activity(0.05, Leg((82, 22), (8, 7), (18, 18), (4, 6), (25, 14)), Leg((-6, 8), (5, 4), (14, 10)),
                           pitch=(-10, 10), bend=(12, 9), arms=_KICK_ARMS),
    "kick_side": Activity(0.04, Leg((28, 18), (68, 10), (10, 10), (-10, 10), (-10, 10)), Leg((4, 8), (12, 6), (12, 9)),
                          roll=(26, 10), lean=(12, 8), arms=_KICK_ARMS),
    "football": Activity(0.04, Leg((-32, 9), (10, 6), (74, 18), (10, 8), (35, 10)), Leg((18, 9), (4, 4), (28, 10)),
                         pitch=(4, 10), twist=(-14, 9), arms=(("out", "back"), ("forwards", "out", "up"))),
    "star_jump": Activity(0.03, Leg((4, 9), (34, 8), (8, 8), (12, 7), (40, 10)), arms=(("up", "out"), ("up", "out"))),
    "jump_knees": Activity(0.03, Leg((40, 30), (8, 8), (84, 26), (4, 6), (35, 12)), Leg((24, 30), (8, 8), (80, 30), (4, 6), (35, 12)),
                           pitch=(2, 12), arms=_WIDE),
    "spike": Activity(0.03, Leg((-14, 12), (8, 6), (58, 24), (4, 5), (40, 10)), pitch=(-6, 10), bend=(-14, 9),
                      look=(-18, 9), arms=(("smash", "cocked"), ("up", "forwards", "point"))),
    "save": Activity(0.03, Leg((20, 22), (18, 9), (26, 20), (6, 6), (40, 10)), roll=(64, 18), lean=(14, 8),
                     arms=(("overhead", "up"), ("overhead", "up", "forwards"))),
    "sprint": Activity(0.04, Leg((78, 14), (3, 3), (96, 16), (2, 4), (10, 10)), Leg((-20, 8), (2, 3), (18, 16), (2, 4), (35, 10)),
                       pitch=(16, 8), arms=_RUN),
    "hurdle": Activity(0.02, Leg((98, 9), (4, 4), (14, 10), (2, 4), (5, 9)), Leg((20, 12), (62, 9), (96, 12), (-20, 9), (10, 10)),
                       pitch=(28, 9), bend=(14, 7), arms=(("run_back",), ("forwards",))),
    "lunge": Activity(0.04, Leg((88, 12), (6, 5), (84, 14)), Leg((-24, 10), (5, 4), (16, 14), (6, 6), (30, 12)), pitch=(10, 9),
                      arms=(("forwards", "out", "hip", "point", "up"), ("back", "out", "hip", "up"))),
    "overhead_lift": Activity(0.02, Leg((60, 45), (18, 7), (70, 45), (18, 7), (-12, 8)), pitch=(10, 8), arms=(("bar",), ("bar",))),
    "rack_lift": Activity(0.01, Leg((60, 40), (16, 7), (66, 40), (14, 7), (-12, 8)), pitch=(8, 8), arms=(("rack",), ("rack",))),
    "boxing": Activity(0.02, Leg((28, 9), (9, 6), (30, 10)), Leg((-8, 9), (9, 6), (26, 10)), pitch=(8, 6), twist=(-14, 10),
                       bend=(8, 6), arms=(("guard", "forwards"), ("guard", "forwards"))),
    "push_up": Activity(0.02, Leg((2, 7), (5, 4), (3, 3), (2, 3), (-10, 8)), pitch=(82, 8), look=(-20, 10), arms=(("floor", "forwards"),) * 2),
    "all_fours": Activity(0.03, Leg((84, 14), (7, 5), (90, 12), (0, 4), (45, 10)), pitch=(82, 10), look=(-24, 14),
                          arms=(("forwards",), ("forwards", "forwards", "out"))),
    "down_dog": Activity(0.01, Leg((88, 9), (6, 4), (6, 6), (2, 4), (-18, 6)), pitch=(128, 8), arms=(("up", "overhead"),) * 2),
    "lie_back": Activity(0.04, Leg((14, 18), (9, 7), (22, 26), (12, 8), (30, 10)), pitch=(-90, 5), roll=(0, 6)),
    "lie_front": Activity(0.02, Leg((0, 7), (10, 7), (14, 20), (4, 8), (50, 8)), pitch=(90, 5), look=(-12, 14),
                          arms=(("floor", "up", "hang", "chin"), ("floor", "up", "hang", "chin"))),
    "lie_side": Activity(0.02, Leg((48, 24), (4, 6), (60, 26)), Leg((30, 20), (2, 4), (46, 26)), roll=(88, 7), bend=(10, 9),
                         arms=(("tray", "hip", "forwards"), ("overhead", "forwards", "ear"))),
}  # fmt: skip


def perform(poser: Poser, rng: np.random.Generator, activities: Mapping[str, Activity]) -> Float64:
    """Rotations (163, 3, 3), the root's included, of one of the activities, drawn by their shares."""
    shares = np.array([one.share for one in activities.values()])
    return pose_of(poser, rng, list(activities.values())[int(rng.choice(len(shares), p=shares / shares.sum()))])


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
