"""MakeHuman's default rig as poses need it: directions, hinges and limits of the canonical body's bones.

Rotations here are matrices of a bone relative to its parent, in world axes of the rest pose.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial.transform import Rotation

from lineament.humans.body import BodyModel
from lineament.types import Float64

SIDES = ("L", "R")

_DEGREES = np.pi / 180
_LIMITS: dict[str, float] = {
    "spine": 40,
    "neck": 35,
    "head": 45,
    "clavicle": 35,
    "shoulder": 35,
    "upperarm01": 165,
    "lowerarm01": 150,
    "wrist": 75,
    "upperleg01": 140,
    "lowerleg01": 150,
    "foot": 55,
}


def turn(axis: Float64, angle: float) -> Float64:
    """Rotation matrix (3, 3) by `angle` radians about `axis` (3,), by Rodrigues' formula."""
    # Plain numbers: libraries take ten times as long over a single rotation.
    x, y, z = (float(value) for value in axis)
    size = math.sqrt(x * x + y * y + z * z)
    x, y, z = x / size, y / size, z / size
    s, c = math.sin(angle), math.cos(angle)
    d = 1.0 - c
    return np.array(
        [
            [c + d * x * x, d * x * y - s * z, d * x * z + s * y],
            [d * x * y + s * z, c + d * y * y, d * y * z - s * x],
            [d * x * z - s * y, d * y * z + s * x, c + d * z * z],
        ]
    )


def cross(one: Float64, other: Float64) -> Float64:
    """Cross product of two vectors (3,), some ten times as fast as NumPy's."""
    a, b, c = one.tolist()
    x, y, z = other.tolist()
    return np.array([b * z - c * y, c * x - a * z, a * y - b * x])


def shortest_turn(start: Float64, end: Float64) -> Float64:
    """The smallest rotation (3, 3) taking direction `start` to `end`."""
    a, b = start / np.linalg.norm(start), end / np.linalg.norm(end)
    axis, cosine = cross(a, b), float(a @ b)
    sine = math.sqrt(float(axis @ axis))
    if sine < 1e-8:
        return np.eye(3) if cosine > 0 else turn(cross(a, np.eye(3)[np.abs(a).argmin()]), math.pi)
    return turn(axis, math.atan2(sine, cosine))


def frame(direction: Float64, side: Float64) -> Float64:
    """Orthonormal columns (3, 3): `direction`, `side` made perpendicular to it, and their cross product."""
    first = direction / np.linalg.norm(direction)
    second = side - (side @ first) * first
    second = second / np.linalg.norm(second)
    return np.stack([first, second, cross(first, second)], axis=1)


def split_twist(rotation: Float64, axis: Float64) -> tuple[Float64, Float64]:
    """Swing and twist (3, 3) with rotation = swing @ twist and twist about `axis`."""
    unit = axis / np.linalg.norm(axis)
    quaternion = Rotation.from_matrix(rotation).as_quat()
    along = float(quaternion[:3] @ unit)
    if np.hypot(along, quaternion[3]) < 1e-9:
        return rotation, np.eye(3)
    twist = Rotation.from_quat([*(along * unit), quaternion[3]]).as_matrix()
    return rotation @ twist.T, twist


def halfway(rotation: Float64, share: float) -> Float64:
    """The part `share` (0..1) of a rotation (3, 3) about its own axis."""
    return Rotation.from_rotvec(share * Rotation.from_matrix(rotation).as_rotvec()).as_matrix()


@dataclass(frozen=True)
class Rig:
    """Directions of the canonical body's limbs; make one by `Rig(BodyModel.load())`."""

    model: BodyModel

    @cached_property
    def heads(self) -> Float64:
        """Bone heads (163, 3) of the canonical body."""
        return self.model.build(self.model.average()).bone_heads.astype(np.float64)

    def rest(self) -> Float64:
        """Identity rotations (163, 3, 3)."""
        return np.tile(np.eye(3), (len(self.model.bone_names), 1, 1))

    def between(self, start: str, end: str) -> Float64:
        """Vector (3,) from the head of bone `start` to that of `end`, rest pose."""
        return self.heads[self.model.bone(end)] - self.heads[self.model.bone(start)]

    def limb(self, name: str, side: str) -> Float64:
        """Direction (3,) of "upperarm", "lowerarm", "upperleg", "lowerleg" or "hand"."""
        ends = {
            "upperarm": ("upperarm01", "lowerarm01"),
            "lowerarm": ("lowerarm01", "wrist"),
            "upperleg": ("upperleg01", "lowerleg01"),
            "lowerleg": ("lowerleg01", "foot"),
            "hand": ("wrist", "finger3-1"),
        }
        start, end = ends[name]
        return self.between(f"{start}.{side}", f"{end}.{side}")

    def elbow(self, side: str) -> tuple[Float64, float]:
        """Axis (3,) about which the elbow bends further, and how far it is bent in the rest pose, radians."""
        upper, lower = self.limb("upperarm", side), self.limb("lowerarm", side)
        axis = np.cross(upper, lower)
        return axis, float(np.arctan2(np.linalg.norm(axis), upper @ lower))

    def palm(self, side: str) -> Float64:
        """Direction (3,) that the palm faces."""
        across = self.between(f"finger2-1.{side}", f"finger5-1.{side}")
        normal = np.cross(self.limb("hand", side), across)
        inwards = -1.0 if side == "L" else 1.0
        return normal * np.sign(normal[0] * inwards)

    def share_twist(self, rotations: Float64, bone: str, side: str) -> None:
        """Spread the twist of `bone` ("upperarm", ...) in place over its two rig bones, so that skin does
        not wring.
        """
        first, second = (self.model.bone(f"{bone}0{part}.{side}") for part in (1, 2))
        swing, twist = split_twist(rotations[first], self.limb(bone, side))
        half = halfway(twist, 0.5)
        rotations[first], rotations[second] = swing @ half, half

    def limited(self, rotations: Float64) -> Float64:
        """Rotations (163, 3, 3) with every joint brought back within its reach; knees and elbows keep their
        hinge.
        """
        result = np.array(rotations)
        vectors = Rotation.from_matrix(result).as_rotvec()
        angles = np.linalg.norm(vectors, axis=1)
        for index, name in enumerate(self.model.bone_names):
            limit = next((most for prefix, most in _LIMITS.items() if name.startswith(prefix)), None)
            if limit is not None and angles[index] > limit * _DEGREES:
                short = vectors[index] * (limit * _DEGREES / angles[index])
                result[index] = Rotation.from_rotvec(short).as_matrix()
        for side in SIDES:
            axis, bent = self.elbow(side)
            self._hinge(result, f"lowerarm01.{side}", axis, -bent, 150 * _DEGREES - bent)
            self._hinge(
                result, f"lowerleg01.{side}", np.array([1.0, 0.0, 0.0]), -8 * _DEGREES, 150 * _DEGREES
            )
        return result

    def _hinge(self, rotations: Float64, bone: str, axis: Float64, least: float, most: float) -> None:
        index = self.model.bone(bone)
        swing, twist = split_twist(rotations[index], axis)
        angle = float(Rotation.from_matrix(twist).as_rotvec() @ (axis / np.linalg.norm(axis)))
        if not least <= angle <= most:
            rotations[index] = swing @ turn(axis, float(np.clip(angle, least, most)))
