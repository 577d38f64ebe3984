"""Activities of every day: sitting on chairs and floors, bending, crouching, kneeling."""

from collections.abc import Mapping
from typing import Final

from lineament.humans.activities import Activity, Leg

_CHAIR = Leg((84, 7), (9, 8), (84, 14), (4, 8))
_SQUAT = Leg((112, 10), (18, 9), (128, 10), (15, 8), (-22, 5))
_SIT_ARMS = (
    ("lap", "knee", "lap", "tray", "talk", "phone", "chin", "crossed_front", "mouth"),
    ("lap", "knee", "lap", "tray", "talk", "hang", "hold_arm", "crossed_back", "ear"),
)

SITTING: Final[Mapping[str, Activity]] = {
    "chair": Activity(0.34, _CHAIR, pitch=(-4, 6), bend=(6, 10), arms=_SIT_ARMS),
    "desk": Activity(0.12, _CHAIR, pitch=(2, 4), bend=(8, 7), arms=(("tray", "phone", "box"),) * 2),
    "leaning_forwards": Activity(
        0.10,
        Leg((100, 8), (14, 6), (82, 12)),
        pitch=(16, 7),
        bend=(16, 8),
        arms=(("knee", "lap", "chin"), ("knee", "lap")),
    ),
    "leaning_back": Activity(
        0.08,
        Leg((72, 8), (10, 8), (62, 20)),
        pitch=(-20, 7),
        bend=(6, 8),
        arms=(("lap", "nape", "prop", "crossed_front"), ("lap", "nape", "prop", "crossed_back")),
    ),
    "legs_crossed": Activity(
        0.12,
        Leg((96, 6), (-15, 4), (78, 12), (0, 8)),
        Leg((82, 5), (2, 4), (84, 8)),
        pitch=(-5, 5),
        arms=_SIT_ARMS,
    ),
    "ankle_on_knee": Activity(
        0.04,
        Leg((82, 6), (36, 6), (100, 8), (45, 8)),
        Leg((82, 6), (8, 5), (86, 8)),
        pitch=(-8, 5),
        arms=_SIT_ARMS,
    ),
    "one_leg_out": Activity(0.05, Leg((78, 8), (10, 7), (20, 14)), _CHAIR, pitch=(-8, 7), arms=_SIT_ARMS),
    "floor_cross_legged": Activity(
        0.06,
        Leg((96, 8), (42, 6), (124, 7), (38, 7), (20, 10)),
        pitch=(-2, 6),
        bend=(14, 8),
        arms=(("knee", "lap", "shin"), ("knee", "lap", "phone")),
    ),
    "floor_legs_out": Activity(
        0.04,
        Leg((82, 8), (10, 9), (10, 9), (8, 6), (25, 10)),
        pitch=(-8, 9),
        bend=(6, 10),
        arms=(("prop", "lap", "knee"), ("prop", "lap", "shin")),
    ),
    "floor_knees_up": Activity(
        0.05,
        Leg((118, 8), (8, 7), (112, 10), (2, 5), (15, 10)),
        pitch=(-6, 8),
        bend=(14, 8),
        arms=(("shin", "knee", "prop"), ("shin", "knee", "prop")),
    ),
}
BENDING: Final[Mapping[str, Activity]] = {
    "bow": Activity(0.12, Leg((42, 12), (4, 4), (8, 7)), pitch=(40, 12), bend=(18, 8)),
    "hands_on_knees": Activity(
        0.09,
        Leg((62, 8), (10, 4), (34, 10)),
        pitch=(36, 8),
        bend=(20, 7),
        look=(-22, 9),
        arms=(("knee",), ("knee",)),
    ),
    "pick_up": Activity(
        0.13,
        Leg((90, 14), (6, 5), (24, 16)),
        pitch=(76, 12),
        bend=(28, 9),
        twist=(4, 10),
        arms=(("forwards", "low_forwards"), ("hang", "forwards", "knee")),
    ),
    "toe_touch": Activity(
        0.05, Leg((100, 10), (3, 3), (5, 5)), pitch=(92, 10), bend=(36, 8), arms=(("up", "forwards"),) * 2
    ),
    "reach_low": Activity(
        0.10,
        Leg((72, 12), (8, 6), (62, 14), (6, 6), (-10, 6)),
        pitch=(38, 10),
        bend=(22, 8),
        arms=(("low_forwards", "forwards"), ("knee", "low_forwards", "box")),
    ),
    "squat": Activity(
        0.12,
        _SQUAT,
        pitch=(24, 8),
        bend=(12, 8),
        arms=(("forwards", "knee", "box", "talk"), ("forwards", "knee", "box", "chin")),
    ),
    "half_squat": Activity(0.08, Leg((66, 10), (14, 8), (76, 12), (10, 7), (-14, 5)), pitch=(22, 8)),
    "kneel_one": Activity(
        0.12,
        Leg((92, 8), (8, 6), (94, 9), (5, 5)),
        Leg((0, 7), (4, 4), (96, 9), (0, 4), (40, 9)),
        pitch=(6, 7),
        arms=(("knee", "low_forwards", "phone"), ("hang", "hip", "low_forwards")),
    ),
    "kneel_both": Activity(0.07, Leg((4, 8), (9, 6), (92, 8), (0, 4), (50, 8)), pitch=(2, 6)),
    "kneel_low": Activity(
        0.05,
        Leg((62, 12), (10, 6), (136, 8), (0, 4), (55, 8)),
        pitch=(14, 10),
        bend=(10, 8),
        arms=(("knee", "lap", "low_forwards"), ("knee", "lap", "tray")),
    ),
    "side_bend": Activity(
        0.04, Leg(out=(12, 6)), roll=(8, 4), lean=(34, 10), arms=(("up", "overhead"), ("hang", "hip"))
    ),
    "twist_back": Activity(
        0.03, Leg(out=(8, 5)), twist=(44, 9), arms=(("follow", "forwards"), ("back", "hip"))
    ),
}
