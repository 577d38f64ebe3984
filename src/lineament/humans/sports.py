"""Activities of sports and stunts: upside down, in the air, throwing, swinging, kicking, lying."""

from collections.abc import Mapping
from typing import Final

from lineament.humans.activities import Activity, Leg

_STRAIGHT = Leg((0, 4), (4, 4), (4, 4), (5, 5), (45, 10))
_RUN = (("run_back",), ("run_front",))
_WIDE = (("out", "up", "back", "wave"), ("out", "up", "forwards", "back"))
_KICK_ARMS = (("guard", "back", "low_forwards"), ("guard", "out", "forwards"))

ACROBATIC: Final[Mapping[str, Activity]] = {
    "handstand": Activity(
        0.07, _STRAIGHT, pitch=(180, 12), roll=(0, 8), look=(-30, 10), arms=(("overhead",),) * 2
    ),
    "handstand_split": Activity(
        0.04,
        Leg((62, 18), (5, 5), (12, 10), (4, 4), (45, 9)),
        Leg((-24, 10), (4, 4), (16, 14), (4, 4), (45, 9)),
        pitch=(180, 18),
        look=(-30, 10),
        arms=(("overhead",),) * 2,
    ),
    "headstand": Activity(
        0.02, Leg((40, 40), (6, 5), (60, 40)), pitch=(180, 8), look=(10, 6), arms=(("floor",),) * 2
    ),
    "cartwheel": Activity(
        0.06,
        Leg((5, 12), (52, 9), (6, 6), (12, 8), (45, 9)),
        roll=(140, 45),
        lean=(6, 8),
        arms=(("up",), ("up",)),
    ),
    "split_leap": Activity(
        0.05,
        Leg((86, 10), (4, 5), (8, 8), (4, 5), (45, 9)),
        Leg((-32, 7), (4, 5), (22, 16), (5, 5), (45, 9)),
        pitch=(4, 8),
        arms=_WIDE,
    ),
    "floor_split": Activity(
        0.02,
        Leg((88, 6), (2, 3), (2, 3), (0, 5), (45, 9)),
        Leg((-36, 4), (2, 3), (6, 6), (0, 5), (45, 9)),
        pitch=(14, 8),
        arms=_WIDE,
    ),
    "straddle": Activity(
        0.03, Leg((50, 22), (54, 9), (4, 4), (14, 8), (45, 9)), pitch=(20, 30), bend=(8, 9), arms=_WIDE
    ),
    "tuck": Activity(
        0.05,
        Leg((125, 7), (6, 5), (126, 10), (0, 4), (35, 10)),
        pitch=(90, 110),
        bend=(36, 8),
        look=(22, 8),
        arms=(("shin",), ("shin",)),
    ),
    "pike": Activity(
        0.04,
        Leg((106, 12), (3, 3), (3, 4), (2, 3), (48, 8)),
        pitch=(110, 60),
        bend=(26, 9),
        arms=(("shin", "forwards", "out"), ("shin", "forwards", "out")),
    ),
    "dive": Activity(
        0.06,
        Leg((10, 14), (2, 2), (4, 4), (2, 3), (50, 7)),
        pitch=(140, 32),
        roll=(0, 10),
        look=(-8, 12),
        arms=(("overhead",), ("overhead",)),
    ),
    "swim": Activity(
        0.02,
        Leg((6, 12), (5, 4), (14, 12), (4, 4), (45, 9)),
        pitch=(88, 10),
        roll=(0, 18),
        look=(-20, 14),
        arms=(("overhead", "up"), ("back", "low_forwards")),
    ),
    "bridge": Activity(
        0.02,
        Leg((-12, 9), (10, 5), (78, 12)),
        pitch=(-118, 10),
        bend=(-48, 8),
        look=(-25, 8),
        arms=(("overhead",), ("overhead",)),
    ),
    "arabesque": Activity(
        0.04,
        Leg((-34, 8), (5, 5), (6, 6), (10, 7), (45, 9)),
        Leg((38, 10), (2, 3), (5, 5)),
        pitch=(38, 14),
        bend=(-14, 8),
        arms=_WIDE,
    ),
    "hang": Activity(
        0.02,
        Leg((12, 24), (6, 6), (20, 22), (4, 4), (40, 12)),
        pitch=(0, 8),
        look=(-18, 12),
        arms=(("bar", "up"), ("bar", "up")),
    ),
    "throw_cocked": Activity(
        0.05,
        Leg((-16, 8), (10, 5), (16, 10), (28, 10)),
        Leg((36, 16), (12, 6), (24, 14)),
        pitch=(-8, 8),
        lean=(-8, 6),
        twist=(-24, 10),
        arms=(("cocked",), ("forwards", "point", "out")),
    ),
    "throw_release": Activity(
        0.04,
        Leg((-22, 9), (10, 6), (30, 14), (10, 8), (35, 10)),
        Leg((44, 10), (8, 5), (34, 12)),
        pitch=(20, 10),
        bend=(14, 8),
        twist=(26, 9),
        arms=(("follow", "forwards"), ("back", "hip", "run_back")),
    ),
    "bat_ready": Activity(
        0.04,
        Leg((28, 8), (16, 6), (36, 10), (14, 6)),
        pitch=(12, 6),
        bend=(8, 6),
        twist=(-14, 8),
        arms=(("bat_near",), ("bat_far",)),
    ),
    "bat_swing": Activity(
        0.04,
        Leg((6, 12), (22, 7), (30, 12), (6, 8), (25, 12)),
        Leg((34, 10), (22, 7), (14, 9)),
        pitch=(4, 8),
        lean=(8, 8),
        twist=(10, 28),
        arms=(("swing_near",), ("swing_far",)),
    ),
    "golf": Activity(
        0.02,
        Leg((34, 6), (12, 4), (22, 6)),
        pitch=(28, 6),
        bend=(14, 6),
        twist=(0, 26),
        look=(14, 6),
        arms=(("club_near",), ("club_far",)),
    ),
    "serve": Activity(
        0.04,
        Leg((-6, 10), (9, 5), (24, 14), (6, 6), (30, 12)),
        Leg((10, 10), (8, 5), (30, 14)),
        pitch=(-10, 8),
        bend=(-14, 7),
        lean=(14, 7),
        look=(-28, 9),
        arms=(("smash", "cocked"), ("up", "point")),
    ),
    "racket": Activity(
        0.04,
        Leg((34, 16), (20, 8), (42, 14)),
        Leg((22, 18), (18, 8), (30, 16)),
        pitch=(12, 9),
        twist=(0, 24),
        arms=(("follow", "back", "out", "cocked"), ("out", "guard", "low_forwards")),
    ),
    "kick_front": Activity(
        0.05,
        Leg((82, 22), (8, 7), (18, 18), (4, 6), (25, 14)),
        Leg((-6, 8), (5, 4), (14, 10)),
        pitch=(-10, 10),
        bend=(12, 9),
        arms=_KICK_ARMS,
    ),
    "kick_side": Activity(
        0.04,
        Leg((28, 18), (68, 10), (10, 10), (-10, 10), (-10, 10)),
        Leg((4, 8), (12, 6), (12, 9)),
        roll=(26, 10),
        lean=(12, 8),
        arms=_KICK_ARMS,
    ),
    "football": Activity(
        0.04,
        Leg((-32, 9), (10, 6), (74, 18), (10, 8), (35, 10)),
        Leg((18, 9), (4, 4), (28, 10)),
        pitch=(4, 10),
        twist=(-14, 9),
        arms=(("out", "back"), ("forwards", "out", "up")),
    ),
    "star_jump": Activity(
        0.03, Leg((4, 9), (34, 8), (8, 8), (12, 7), (40, 10)), arms=(("up", "out"), ("up", "out"))
    ),
    "jump_knees": Activity(
        0.03,
        Leg((40, 30), (8, 8), (84, 26), (4, 6), (35, 12)),
        Leg((24, 30), (8, 8), (80, 30), (4, 6), (35, 12)),
        pitch=(2, 12),
        arms=_WIDE,
    ),
    "spike": Activity(
        0.03,
        Leg((-14, 12), (8, 6), (58, 24), (4, 5), (40, 10)),
        pitch=(-6, 10),
        bend=(-14, 9),
        look=(-18, 9),
        arms=(("smash", "cocked"), ("up", "forwards", "point")),
    ),
    "save": Activity(
        0.03,
        Leg((20, 22), (18, 9), (26, 20), (6, 6), (40, 10)),
        roll=(64, 18),
        lean=(14, 8),
        arms=(("overhead", "up"), ("overhead", "up", "forwards")),
    ),
    "sprint": Activity(
        0.04,
        Leg((78, 14), (3, 3), (96, 16), (2, 4), (10, 10)),
        Leg((-20, 8), (2, 3), (18, 16), (2, 4), (35, 10)),
        pitch=(16, 8),
        arms=_RUN,
    ),
    "hurdle": Activity(
        0.02,
        Leg((98, 9), (4, 4), (14, 10), (2, 4), (5, 9)),
        Leg((20, 12), (62, 9), (96, 12), (-20, 9), (10, 10)),
        pitch=(28, 9),
        bend=(14, 7),
        arms=(("run_back",), ("forwards",)),
    ),
    "lunge": Activity(
        0.04,
        Leg((88, 12), (6, 5), (84, 14)),
        Leg((-24, 10), (5, 4), (16, 14), (6, 6), (30, 12)),
        pitch=(10, 9),
        arms=(("forwards", "out", "hip", "point", "up"), ("back", "out", "hip", "up")),
    ),
    "overhead_lift": Activity(
        0.02, Leg((60, 45), (18, 7), (70, 45), (18, 7), (-12, 8)), pitch=(10, 8), arms=(("bar",), ("bar",))
    ),
    "rack_lift": Activity(
        0.01, Leg((60, 40), (16, 7), (66, 40), (14, 7), (-12, 8)), pitch=(8, 8), arms=(("rack",), ("rack",))
    ),
    "boxing": Activity(
        0.02,
        Leg((28, 9), (9, 6), (30, 10)),
        Leg((-8, 9), (9, 6), (26, 10)),
        pitch=(8, 6),
        twist=(-14, 10),
        bend=(8, 6),
        arms=(("guard", "forwards"), ("guard", "forwards")),
    ),
    "push_up": Activity(
        0.02,
        Leg((2, 7), (5, 4), (3, 3), (2, 3), (-10, 8)),
        pitch=(82, 8),
        look=(-20, 10),
        arms=(("floor", "forwards"),) * 2,
    ),
    "all_fours": Activity(
        0.03,
        Leg((84, 14), (7, 5), (90, 12), (0, 4), (45, 10)),
        pitch=(82, 10),
        look=(-24, 14),
        arms=(("forwards",), ("forwards", "forwards", "out")),
    ),
    "down_dog": Activity(
        0.01, Leg((88, 9), (6, 4), (6, 6), (2, 4), (-18, 6)), pitch=(128, 8), arms=(("up", "overhead"),) * 2
    ),
    "lie_back": Activity(
        0.04, Leg((14, 18), (9, 7), (22, 26), (12, 8), (30, 10)), pitch=(-90, 5), roll=(0, 6)
    ),
    "lie_front": Activity(
        0.02,
        Leg((0, 7), (10, 7), (14, 20), (4, 8), (50, 8)),
        pitch=(90, 5),
        look=(-12, 14),
        arms=(("floor", "up", "hang", "chin"), ("floor", "up", "hang", "chin")),
    ),
    "lie_side": Activity(
        0.02,
        Leg((48, 24), (4, 6), (60, 26)),
        Leg((30, 20), (2, 4), (46, 26)),
        roll=(88, 7),
        bend=(10, 9),
        arms=(("tray", "hip", "forwards"), ("overhead", "forwards", "ear")),
    ),
}
