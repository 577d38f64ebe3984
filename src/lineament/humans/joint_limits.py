"""How far the main joints turn.

Ranges follow the normal values of the American Academy of Orthopaedic Surgeons (Joint Motion: Method of
Measuring and Recording, 1965) as tabled by Norkin and White (Measurement of Joint Motion), read on the rig:
the trunk's and the neck's are shared by two joints each, pronation by forearm and hand. Hips, ankles and the
spine's extension are wider, since gymnasts and dancers are people too. Captured forearms and hands carry
some of each other's turn, hence their margins.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.spatial.transform import Rotation

from lineament.humans.main_joints import JOINTS, REFLECT, split_twists
from lineament.humans.rig import Rig, frame, shortest_turn
from lineament.types import Float64

Range = tuple[float, float]

LIMITS: Final[dict[str, tuple[Range, Range, Range]]] = {
    "spine_lower": ((-30, 55), (-25, 25), (-25, 25)),
    "spine_upper": ((-30, 45), (-25, 25), (-30, 30)),
    "neck": ((-35, 35), (-25, 25), (-40, 40)),
    "head": ((-45, 35), (-25, 25), (-45, 45)),
    "clavicle": ((-15, 40), (-30, 30), (-45, 45)),
    "upperarm": ((-180, 180), (-180, 180), (-110, 110)),
    "lowerarm": ((-5, 150), (-20, 20), (-100, 100)),
    "hand": ((-75, 85), (-45, 45), (-60, 60)),
    "upperleg": ((-45, 135), (-35, 80), (-50, 50)),
    "lowerleg": ((-8, 150), (-12, 12), (-40, 40)),
    "foot": ((-35, 65), (-40, 40), (-40, 40)),
}
"""Least and most in degrees: bend, side and twist of the left side's joints; the right mirrors it.

Bend is forwards for trunk and head, flexion for hip, knee, elbow (0: straight) and wrist, upwards for the
clavicle, towards the sole for the foot. Side is to the left for trunk and head, forwards for the clavicle,
outwards for the hip. Twist is about the bone. The upper arm's direction has its own limit, `ARM_REACH`.
"""
ARM_CENTRE: Final = (0.66, -0.60, -0.45)
"""Middle of the directions that a left upper arm reaches, x outwards, y backwards, z up, in the clavicle's
axes."""
ARM_REACH: Final = 120.0
"""Degrees from that middle: 50 degrees of extension, overhead, and across the chest."""


@dataclass(frozen=True)
class JointLimits:
    """Brings main poses within `LIMITS`; make one by `JointLimits(rig)`."""

    rig: Rig

    @cached_property
    def _axes(self) -> Float64:
        """Unit axes (18, 3, 3) of bend, side and twist, as for the left side."""
        left = [self._axes_of(name.partition(".")[0]) for name in JOINTS[1:]]
        return np.stack(left)

    def _axes_of(self, name: str) -> Float64:
        x, y, z = np.eye(3)
        if name in ("spine_lower", "spine_upper", "neck", "head"):
            return np.stack([x, y, z])
        if name == "clavicle":
            return np.stack([-y, -z, x])
        if name == "foot":
            return np.stack([x, -z, -y])
        if name in ("upperleg", "lowerleg"):
            forwards = 1.0 if name == "lowerleg" else -1.0
            columns = frame(self.rig.limb(name, "L"), forwards * x)
            return np.stack([columns[:, 1], columns[:, 2] * forwards, columns[:, 0]])
        if name == "hand":
            limb = self.rig.limb("hand", "L")
            columns = frame(limb, np.cross(limb, self.rig.palm("L")))
        elif name == "lowerarm":
            columns = frame(self.rig.limb("lowerarm", "L"), self.rig.elbow("L")[0])
        else:
            columns = frame(self.rig.limb("upperarm", "L"), y)
        return np.stack([columns[:, 1], columns[:, 2], columns[:, 0]])

    @cached_property
    def _ranges(self) -> tuple[Float64, Float64]:
        """Least and most (18, 3) in radians from the rest pose."""
        table = np.radians([LIMITS[name.partition(".")[0]] for name in JOINTS[1:]])
        bent = self.rig.elbow("L")[1]
        for side in ("L", "R"):
            table[JOINTS.index(f"lowerarm.{side}") - 1, 0] -= bent
        return table[..., 0], table[..., 1]

    @cached_property
    def _right(self) -> list[int]:
        return [number for number, name in enumerate(JOINTS[1:]) if name.endswith(".R")]

    def clipped(self, main: Float64) -> Float64:
        """The main pose (19, 3, 3) with every joint brought to the nearest end of its range; idempotent."""
        joints = np.array(main[1:])
        joints[self._right] = REFLECT @ joints[self._right] @ REFLECT
        for side in ("L", "R"):
            arm = JOINTS.index(f"upperarm.{side}") - 1
            joints[arm] = self._within_reach(joints[arm])
        angles = self._angles(joints)
        low, high = self._ranges
        kept = np.clip(angles, low, high)
        changed = np.flatnonzero(np.abs(kept - angles).max(axis=1) > 1e-9)
        if len(changed):
            axes = self._axes[changed]
            swing = (kept[changed, :2, None] * axes[:, :2]).sum(axis=1)
            swung, twisted = Rotation.from_rotvec(swing), kept[changed, 2, None] * axes[:, 2]
            joints[changed] = (swung * Rotation.from_rotvec(twisted)).as_matrix()
        joints[self._right] = REFLECT @ joints[self._right] @ REFLECT
        return np.concatenate([main[:1], joints])

    def excess(self, main: Float64) -> float:
        """Degrees by which the worst joint of a main pose (19, 3, 3) is beyond its range; 0 within."""
        difference = main[1:].swapaxes(-1, -2) @ self.clipped(main)[1:]
        return float(np.degrees(np.linalg.norm(Rotation.from_matrix(difference).as_rotvec(), axis=1)).max())

    def sample(self, rng: np.random.Generator) -> Float64:
        """A main pose (19, 3, 3) with every joint anywhere in its range; nobody stands like that."""
        low, high = self._ranges
        angles = rng.uniform(low, high)
        swing = (angles[:, :2, None] * self._axes[:, :2]).sum(axis=1)
        turned = Rotation.from_rotvec(swing) * Rotation.from_rotvec(angles[:, 2, None] * self._axes[:, 2])
        joints = turned.as_matrix()
        joints[self._right] = REFLECT @ joints[self._right] @ REFLECT
        return self.clipped(np.concatenate([np.eye(3)[None], joints]))

    def _angles(self, joints: Float64) -> Float64:
        """Bend, side and twist (18, 3) in radians of left-sided rotations (18, 3, 3)."""
        axes = self._axes
        swing, twist = split_twists(joints, axes[:, 2])
        bends = (Rotation.from_quat(swing).as_rotvec()[:, None] * axes[:, :2]).sum(axis=-1)
        about = (twist[:, :3] * axes[:, 2]).sum(axis=1)
        turned = 2.0 * np.arctan2(about, twist[:, 3])
        turned = (turned + np.pi) % (2 * np.pi) - np.pi
        return np.concatenate([bends, turned[:, None]], axis=1)

    def _within_reach(self, arm: Float64) -> Float64:
        direction = arm @ self._axes[JOINTS.index("upperarm.L") - 1, 2]
        centre = np.array(ARM_CENTRE) / np.linalg.norm(ARM_CENTRE)
        most = np.radians(ARM_REACH)
        angle = np.arctan2(np.linalg.norm(np.cross(centre, direction)), centre @ direction)
        if angle <= most + 1e-9:
            return arm
        back = Rotation.from_matrix(shortest_turn(direction, centre)).as_rotvec()
        return Rotation.from_rotvec(back * (1.0 - most / angle)).as_matrix() @ arm
