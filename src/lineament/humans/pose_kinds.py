"""What kind of pose a captured frame is, by measured rules on its joints' places and the root's speed.

Applied in this order, the first that holds; angles in degrees, heights and lengths in parts of the leg's:
- acrobatic: trunk more than 70 from upright; or both feet more than 0.25 above the clip's floor with the
  trunk upright; or a thigh lifted above 80 while the other stays below 40; or a knee above 130.
- sitting: both thighs lifted above 50, both knees bent 40 to 125, hips below 0.8, trunk within 45 of upright,
  root slower than 0.3 m/s.
- bending: trunk more than 28 from upright, or both knees bent above 60 with the hips below 0.85.
- walking: root at 0.5 to 5 m/s along the ground, trunk within 28 of upright.
- standing: trunk within 14, knees and thighs within 32, root slower than 0.3 m/s.
- moving: everything else.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.ndimage import uniform_filter1d

from lineament.humans.main_joints import JOINTS, MainSkeleton
from lineament.types import Bool, Float64, Int32

MeasuredKind = Literal["standing", "walking", "sitting", "bending", "moving", "acrobatic"]
KINDS: Final[tuple[MeasuredKind, ...]] = (
    "standing", "walking", "sitting", "bending", "moving", "acrobatic",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class PoseMeasures:
    """Of N poses: trunk (N,) angle from upright; thighs, knees (N, 2) lift and bend, degrees; hips (N,)
    height of the hip joints above the lower foot; feet (N,) of the lower foot above the floor; speed (N,)
    m/s.
    """

    trunk: Float64
    thighs: Float64
    knees: Float64
    hips: Float64
    feet: Float64
    speed: Float64

    def kinds(self) -> dict[MeasuredKind, Bool]:
        """Which poses (N,) are of each kind; every pose is of exactly one."""
        low, high = self.thighs.min(axis=1), self.thighs.max(axis=1)
        knee, bent = self.knees.min(axis=1), self.knees.max(axis=1)
        kick = (high > 80) & (low < 40)
        rules: dict[MeasuredKind, Bool] = {
            "acrobatic": (self.trunk > 70) | ((self.feet > 0.25) & (self.trunk < 28)) | kick | (bent > 130),
            "sitting": (low > 50)
            & (knee > 40)
            & (bent < 125)
            & (self.hips < 0.8)
            & (self.trunk < 45)
            & (self.speed < 0.3),
            "bending": (self.trunk > 28) | ((knee > 60) & (self.hips < 0.85)),
            "walking": (self.speed > 0.5) & (self.speed < 5.0),
            "standing": (self.trunk < 14) & (bent < 32) & (high < 32) & (self.speed < 0.3),
        }
        rest = np.ones(len(self.trunk), dtype=bool)
        found: dict[MeasuredKind, Bool] = {}
        for kind, holds in rules.items():
            found[kind] = holds & rest
            rest &= ~holds
        return {kind: found.get(kind, rest) for kind in KINDS}


def measure(
    skeleton: MainSkeleton,
    main: Float64,
    height: Float64 | None = None,
    clip: Int32 | None = None,
    speed: Float64 | None = None,
) -> PoseMeasures:
    """Measures of main poses (N, 19, 3, 3).

    height (N,): of the root in metres, where it is known, in clips numbered by `clip` (N,), each with its own
    floor at the height that its lower foot keeps for a tenth of the time; else every pose stands on it.
    """
    places = skeleton.places(main)
    index = {name: number for number, name in enumerate(JOINTS)}
    hip, knee, foot = (
        places[:, [index[f"{name}.L"], index[f"{name}.R"]]] for name in ("upperleg", "lowerleg", "foot")
    )
    leg = float(np.linalg.norm(skeleton.heads[index["upperleg.L"]] - skeleton.heads[index["foot.L"]]))
    thigh, shin = knee - hip, foot - knee
    trunk = places[:, index["neck"]] - hip.mean(axis=1)
    lowest = foot[..., 2].min(axis=1)
    feet = np.zeros(len(main))
    if height is not None and clip is not None:
        feet = lowest + height
        for one in np.unique(clip):
            feet[clip == one] -= np.quantile(feet[clip == one], 0.1)
    return PoseMeasures(
        trunk=_angle(trunk, np.array([0.0, 0.0, 1.0])),
        thighs=_angle(thigh, -trunk[:, None]),
        knees=_angle(thigh, shin),
        hips=(hip[..., 2].mean(axis=1) - lowest) / leg,
        feet=feet / leg,
        speed=np.zeros(len(main)) if speed is None else speed,
    )


def speeds(places: Float64, clip: Int32, rate: float = 15.0) -> Float64:
    """Horizontal speeds (N,) m/s of places (N, 3) metres z up, `rate` frames a second, smoothed over 5."""
    found = np.zeros(len(places))
    for one in np.unique(clip):
        mine = np.flatnonzero(clip == one)
        if len(mine) > 2:
            steps = np.gradient(places[mine, :2], axis=0)
            found[mine] = uniform_filter1d(np.linalg.norm(steps, axis=1) * rate, 5)
    return found


def _angle(one: Float64, other: Float64) -> Float64:
    """Angles in degrees between vectors (..., 3)."""
    across = np.linalg.norm(np.cross(one, other), axis=-1)
    return np.degrees(np.arctan2(across, (one * other).sum(axis=-1)))
