"""The body's main joints: 19 of the rig's 163 bones' worth of turning, which hold all but hands and face.

A main pose is rotations (..., 19, 3, 3) of each joint relative to its parent, in world axes of the rest pose;
joint 0 is the root. Several bones of the rig share one joint: the spine bends in halves, the shoulder blade
takes part of the upper arm's turn, and twists are spread so that skin does not wring.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.spatial.transform import Rotation

from lineament.humans.rig import SIDES, Rig
from lineament.types import Float64, Int32

_TRUNK: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "root": ("", ("root",)),
    "spine_lower": ("root", ("spine05", "spine04")),
    "spine_upper": ("spine_lower", ("spine03", "spine02", "spine01")),
    "neck": ("spine_upper", ("neck01", "neck02")),
    "head": ("neck", ("neck03", "head")),
}
_LIMBS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "clavicle": ("spine_upper", ("clavicle",)),
    "upperarm": ("clavicle", ("shoulder01", "upperarm01", "upperarm02")),
    "lowerarm": ("upperarm", ("lowerarm01", "lowerarm02")),
    "hand": ("lowerarm", ("wrist",)),
    "upperleg": ("root", ("pelvis", "upperleg01", "upperleg02")),
    "lowerleg": ("upperleg", ("lowerleg01", "lowerleg02")),
    "foot": ("lowerleg", ("foot",)),
}
JOINTS: Final[tuple[str, ...]] = (*_TRUNK, *(f"{name}.{side}" for side in SIDES for name in _LIMBS))
"""Names of the main joints, in order."""
SHOULDER_SHARE: Final = 0.15
"""Part of the upper arm's turn that the shoulder blade takes."""


def _parents() -> Int32:
    above = []
    for joint in JOINTS:
        name, _, side = joint.partition(".")
        parent = (_LIMBS.get(name) or _TRUNK[name])[0]
        above.append(JOINTS.index(f"{parent}.{side}" if parent in _LIMBS else parent) if parent else -1)
    return np.array(above, dtype=np.int32)


PARENTS: Final[Int32] = _parents()
"""(19,) index of each joint's parent, -1 for the root."""
SWAPPED: Final[Int32] = np.array(
    [JOINTS.index(name.translate(str.maketrans("LR", "RL"))) for name in JOINTS], dtype=np.int32
)
"""(19,) the joint on the other side."""
REFLECT: Final[Float64] = np.diag([-1.0, 1.0, 1.0])


def mirrored_main(main: Float64) -> Float64:
    """Main poses (..., 19, 3, 3) as seen in a mirror."""
    return np.asarray(REFLECT @ main[..., SWAPPED, :, :] @ REFLECT)


def to_six(main: Float64) -> Float64:
    """The 18 joints below the root of (..., 19, 3, 3) as two columns each, (..., 108).

    Zhou et al. 2019, "On the continuity of rotation representations in neural networks".
    """
    return np.asarray(main[..., 1:, :, :2].swapaxes(-1, -2).reshape(*main.shape[:-3], 108))


def from_six(six: Float64) -> Float64:
    """Main poses (..., 19, 3, 3), the root at rest, of (..., 108) by Gram and Schmidt."""
    columns = six.reshape(*six.shape[:-1], 18, 2, 3)
    first = columns[..., 0, :]
    first = first / np.linalg.norm(first, axis=-1, keepdims=True)
    second = columns[..., 1, :] - (first * columns[..., 1, :]).sum(-1, keepdims=True) * first
    second = second / np.linalg.norm(second, axis=-1, keepdims=True)
    main = np.empty((*six.shape[:-1], 19, 3, 3))
    main[..., 0, :, :] = np.eye(3)
    main[..., 1:, :, :] = np.stack([first, second, np.cross(first, second)], axis=-1)
    return main


def split_twists(rotations: Float64, axes: Float64) -> tuple[Float64, Float64]:
    """Swings and twists as quaternions (N, 4), scalar last, of rotations (N, 3, 3) about unit axes (N, 3)."""
    quaternion = Rotation.from_matrix(rotations).as_quat(canonical=True)
    along = (quaternion[:, :3] * axes).sum(axis=1)
    twist = np.concatenate([along[:, None] * axes, quaternion[:, 3:]], axis=1)
    size = np.linalg.norm(twist, axis=1, keepdims=True)
    twist = np.where(size > 1e-9, twist / np.maximum(size, 1e-9), (0.0, 0.0, 0.0, 1.0))
    swing = Rotation.from_quat(quaternion) * Rotation.from_quat(twist).inv()
    return np.asarray(swing.as_quat(canonical=True)), twist


@dataclass(frozen=True)
class MainSkeleton:
    """Takes poses of a rig to main poses and back; make one by `MainSkeleton(rig)`."""

    rig: Rig

    @cached_property
    def heads(self) -> Float64:
        """Places (19, 3) of the joints in the rest pose of the canonical body, metres."""
        turning = {"upperarm": 1, "upperleg": 1}
        return self.rig.heads[
            [chain[turning.get(name[:-2], 0)] for name, chain in zip(JOINTS, self.chains, strict=True)]
        ]

    def places(self, main: Float64) -> Float64:
        """Joints' places (..., 19, 3) of main poses (..., 19, 3, 3), metres from the root's joint."""
        world, found = np.array(main), np.zeros((*main.shape[:-3], len(JOINTS), 3))
        for joint, parent in enumerate(PARENTS):
            if parent >= 0:
                world[..., joint, :, :] = world[..., parent, :, :] @ main[..., joint, :, :]
                offset = self.heads[joint] - self.heads[parent]
                found[..., joint, :] = found[..., parent, :] + world[..., parent, :, :] @ offset
        return found

    @cached_property
    def chains(self) -> tuple[tuple[int, ...], ...]:
        """Bones of each joint, from the trunk outwards."""
        bone, result = self.rig.model.bone, []
        for joint in JOINTS:
            name, _, side = joint.partition(".")
            ending = f".{side}" if side else ""
            bones = (_LIMBS.get(name) or _TRUNK[name])[1]
            result.append(tuple(bone(one + ending) for one in bones))
        return tuple(result)

    @cached_property
    def _filled(self) -> list[int]:
        """Bones of the chains that no joint gives a rotation of its own."""
        given = {*self._plain[1], *self._halved[1], *self._halved[2], *self._twisted[1], *self._twisted[2]}
        return [bone for chain in self.chains for bone in chain if bone not in given]

    @cached_property
    def _halved(self) -> tuple[list[int], list[int], list[int]]:
        joints = [JOINTS.index(name) for name in ("spine_lower", "spine_upper", "neck", "head")]
        return joints, [self.chains[j][0] for j in joints], [self.chains[j][1] for j in joints]

    @cached_property
    def _twisted(self) -> tuple[list[int], list[int], list[int], Float64]:
        names = [(limb, side) for limb in ("upperarm", "lowerarm", "upperleg") for side in SIDES]
        joints = [JOINTS.index(f"{limb}.{side}") for limb, side in names]
        axes = np.stack([self.rig.limb(limb, side) for limb, side in names])
        axes /= np.linalg.norm(axes, axis=1, keepdims=True)
        return joints, [self.chains[j][-2] for j in joints], [self.chains[j][-1] for j in joints], axes

    @cached_property
    def _plain(self) -> tuple[list[int], list[int]]:
        names = ["root", *(f"{n}.{side}" for side in SIDES for n in ("clavicle", "hand", "lowerleg", "foot"))]
        joints = [JOINTS.index(name) for name in names]
        return joints, [self.chains[j][0] for j in joints]

    def reduce(self, pose: Float64) -> Float64:
        """The main pose (19, 3, 3) of rotations (163, 3, 3); exact for every joint's whole turn."""
        main = np.empty((len(JOINTS), 3, 3))
        for joint, chain in enumerate(self.chains):
            turned = pose[chain[0]]
            for bone in chain[1:]:
                turned = turned @ pose[bone]
            main[joint] = turned
        return main

    def expand(self, main: Float64, base: Float64 | None = None) -> Float64:
        """Rotations (163, 3, 3) of a main pose (19, 3, 3); other bones as in `base`, or at rest."""
        pose = self.rig.rest() if base is None else np.array(base)
        pose[self._filled] = np.eye(3)
        joints, bones = self._plain
        pose[bones] = main[joints]
        joints, first, second = self._halved
        pose[first] = pose[second] = _part(main[joints], 0.5)
        joints, first, second, axes = self._twisted
        turned = main[joints]
        blades = _part(turned[:2], SHOULDER_SHARE)
        pose[[self.chains[joint][0] for joint in joints[:2]]] = blades
        turned = np.concatenate([blades.swapaxes(-1, -2) @ turned[:2], turned[2:]])
        _, twist = split_twists(turned, axes)
        half = _part(Rotation.from_quat(twist).as_matrix(), 0.5)
        pose[first], pose[second] = turned @ half.swapaxes(-1, -2), half
        return pose


def _part(rotations: Float64, share: float) -> Float64:
    return Rotation.from_rotvec(share * Rotation.from_matrix(rotations).as_rotvec()).as_matrix()
