"""Captured poses on MakeHuman's rig: CMU motion capture and MakeHuman's own pose files.

CMU Graphics Lab Motion Capture Database (free for all uses; created with funding from NSF EIA-0196217),
in the Daz-friendly BVH conversion of B. Hahne: y up, facing +z, a T-pose at zero. Turned to z up, facing
-y.
"""

import re
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from lineament.humans.main_joints import JOINTS, PARENTS, MainSkeleton
from lineament.humans.pose_kinds import MeasuredKind, measure, speeds
from lineament.humans.rig import SIDES, Rig, frame, halfway, turn
from lineament.humans.skinning import depth_levels
from lineament.types import Bool, Float32, Float64, Int32

_TO_OURS = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
_LATERAL = np.array([1.0, 0.0, 0.0])
_STRAIGHTER = np.radians(6.0)
"""The conversion bends knees some 12 degrees too far (standing actors never straighten theirs); half for
each bone.
"""


class Motion:
    """CMU frames: `count` of them, `pose(frame)` on our rig, and where the trunk is in each.

    tilt (count,): angle of the trunk from upright, radians. knees and hips (count,): the larger turn of
    the two sides, radians.
    """

    def __init__(self, path: Path, rig: Rig) -> None:
        with np.load(path, allow_pickle=False) as data:
            self._names = [str(name) for name in data["joint_names"]]
            self._parents = data["parents"].astype(np.int32)
            self._levels = depth_levels(self._parents)
            self._vectors: Float32 = data["rotvec"].astype(np.float32)
            offsets = data["offsets"][0].astype(np.float64) @ _TO_OURS.T
            self.clip: np.ndarray = data["clip_index"]
            self._root: Float32 = data["root_translation"].astype(np.float32)
        self._rig = rig
        self._offset = {name: offsets[index] for index, name in enumerate(self._names)}
        self._aligned = self._alignment()
        self._main = self._main_table()
        up = Rotation.from_rotvec(self._vectors[:, 0]).as_matrix()[:, 1, 1]
        self.tilt: Float64 = np.arccos(np.clip(up, -1, 1))
        knees = self._vectors[:, [self._names.index("lShin"), self._names.index("rShin")]]
        self.knees: Float64 = np.linalg.norm(knees, axis=2).max(axis=1)
        thighs = self._vectors[:, [self._names.index("lThigh"), self._names.index("rThigh")]]
        self.hips: Float64 = np.linalg.norm(thighs, axis=2).max(axis=1)
        self.usable: Bool = np.isfinite(self._vectors).all(axis=(1, 2))

    @property
    def count(self) -> int:
        """Number of frames."""
        return len(self._vectors)

    def pose(self, index: int) -> Float64:
        """Frame `index` as rotations (163, 3, 3) of our rig, the root's included."""
        local = Rotation.from_rotvec(self._vectors[index]).as_matrix()
        world = np.empty_like(local)
        for joints in depth_levels(self._parents):
            above = self._parents[joints]
            world[joints] = local[joints] if above[0] < 0 else world[above] @ local[joints]
        turned = _TO_OURS @ world @ _TO_OURS.T
        return self._to_rig({name: turned[i] for i, name in enumerate(self._names)})

    def main(self, frames: Int32) -> Float64:
        """Frames (N,) as main poses (N, 19, 3, 3) of our rig, the root's rotation included."""
        local = Rotation.from_rotvec(self._vectors[frames].reshape(-1, 3)).as_matrix()
        world = local.reshape(len(frames), -1, 3, 3)
        for joints in self._levels[1:]:
            world[:, joints] = world[:, self._parents[joints]] @ world[:, joints]
        index, aligned = self._main
        goal = _TO_OURS @ world[:, index] @ (_TO_OURS.T @ aligned)
        goal[:, 1:] = goal[:, PARENTS[1:]].swapaxes(-1, -2) @ goal[:, 1:]
        return goal

    def kinds(self) -> dict[MeasuredKind, Bool]:
        """Which frames (count,) are of each measured kind; those that are not usable are of none."""
        skeleton = MainSkeleton(self._rig)
        frames = np.flatnonzero(self.usable).astype(np.int32)
        # The capture's unit of length is unknown; its legs are taken to be as long as ours.
        legs = [np.linalg.norm(self._offset[f"l{name}"]) for name in ("Shin", "Foot")]
        scale = sum(np.linalg.norm(self._rig.limb(name, "L")) for name in ("upperleg", "lowerleg")) / sum(
            legs
        )
        places = scale * self._root[frames].astype(np.float64) @ _TO_OURS.T
        clip = self.clip[frames]
        measures = measure(skeleton, self.main(frames), places[:, 2], clip, speeds(places, clip))
        found = {}
        for kind, mine in measures.kinds().items():
            found[kind] = np.zeros(self.count, dtype=bool)
            found[kind][frames] = mine
        return found

    def _main_table(self) -> tuple[list[int], Float64]:
        """For each main joint the capture's joint and the rotation that takes our rest pose to its own."""
        theirs = {
            "root": "hip",
            "spine_lower": "abdomen",
            "spine_upper": "chest",
            "clavicle": "Collar",
            "upperarm": "Shldr",
            "lowerarm": "ForeArm",
            "hand": "Hand",
            "upperleg": "Thigh",
            "lowerleg": "Shin",
            "foot": "Foot",
        }
        index, aligned = [], []
        for joint in JOINTS:
            name, _, side = joint.partition(".")
            index.append(self._names.index(side.lower() + theirs.get(name, name)))
            aligned.append(self._aligned.get(joint, np.eye(3)))
        return index, np.stack(aligned)

    def _alignment(self) -> dict[str, Float64]:
        """Rotation from each limb's rest direction on our rig to its direction in the capture's T-pose."""
        aligned = {}
        for side, letter in (("L", "l"), ("R", "r")):
            offset = {name[1:]: vector for name, vector in self._offset.items() if name.startswith(letter)}
            hinge = self._rig.elbow(side)[0]
            theirs = np.cross(offset["ForeArm"], offset["Hand"])
            across = self._rig.between(f"finger2-1.{side}", f"finger5-1.{side}")
            pairs = {
                "upperarm": (offset["ForeArm"], theirs, hinge),
                "lowerarm": (offset["Hand"], theirs, hinge),
                "hand": (offset["Mid1"], offset["Pinky1"] - offset["Index1"], across),
                "upperleg": (offset["Shin"], _LATERAL, _LATERAL),
                "lowerleg": (offset["Foot"], _LATERAL, _LATERAL),
            }
            for limb, (direction, second, ours) in pairs.items():
                aligned[f"{limb}.{side}"] = (
                    frame(direction, second) @ frame(self._rig.limb(limb, side), ours).T
                )
            aligned[f"upperleg.{side}"] @= turn(_LATERAL, _STRAIGHTER)
            aligned[f"lowerleg.{side}"] @= turn(_LATERAL, -_STRAIGHTER)
        return aligned

    def _to_rig(self, world: dict[str, Float64]) -> Float64:
        rig, goal = self._rig, {}
        goal["root"] = world["hip"]
        goal["spine05"] = _mix(world["hip"], world["abdomen"], 0.5)
        goal["spine04"] = world["abdomen"]
        goal["spine03"] = _mix(world["abdomen"], world["chest"], 0.5)
        goal["spine02"] = goal["spine01"] = world["chest"]
        goal["neck01"] = _mix(world["chest"], world["neck"], 0.5)
        goal["neck02"] = world["neck"]
        goal["neck03"] = _mix(world["neck"], world["head"], 0.5)
        goal["head"] = world["head"]
        for side, letter in (("L", "l"), ("R", "r")):
            upper = world[letter + "Shldr"] @ self._aligned[f"upperarm.{side}"]
            goal[f"clavicle.{side}"] = world[letter + "Collar"]
            goal[f"shoulder01.{side}"] = _mix(world[letter + "Collar"], upper, 0.15)
            goal[f"upperarm01.{side}"] = upper
            goal[f"lowerarm01.{side}"] = world[letter + "ForeArm"] @ self._aligned[f"lowerarm.{side}"]
            goal[f"wrist.{side}"] = world[letter + "Hand"] @ self._aligned[f"hand.{side}"]
            goal[f"upperleg01.{side}"] = world[letter + "Thigh"] @ self._aligned[f"upperleg.{side}"]
            goal[f"lowerleg01.{side}"] = world[letter + "Shin"] @ self._aligned[f"lowerleg.{side}"]
            goal[f"foot.{side}"] = world[letter + "Foot"]
        rotations = local_rotations(rig, goal)
        for side in SIDES:
            for limb in ("upperarm", "lowerarm", "upperleg"):
                rig.share_twist(rotations, limb, side)
        return rotations


def _mix(start: Float64, end: Float64, share: float) -> Float64:
    return start @ halfway(start.T @ end, share)


def local_rotations(rig: Rig, goal: dict[str, Float64]) -> Float64:
    """Rotations (163, 3, 3) relative to parents of the wanted world rotations; other bones follow."""
    model = rig.model
    wanted = {model.bone(name): rotation for name, rotation in goal.items()}
    world = rig.rest()
    result = rig.rest()
    for bone, parent in enumerate(model.bone_parents):
        above = np.eye(3) if parent < 0 else world[parent]
        world[bone] = wanted.get(bone, above)
        result[bone] = above.T @ world[bone]
    return result


def read_makehuman_pose(path: Path, rig: Rig) -> Float64:
    """The first frame of a MakeHuman BVH (z up, its default rig's rest pose at zero) as rotations (163, 3,
    3).

    Raises ValueError when the file names none of the rig's bones or its channels and values disagree.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    head, _, motion = text.partition("MOTION")
    joints = re.findall(r"(?:ROOT|JOINT)\s+(\S+).*?CHANNELS\s+\d+\s+([A-Za-z ]+)", head, flags=re.DOTALL)
    values = [float(word) for word in motion.splitlines()[3].split()]
    if len(values) != sum(len(channels.split()) for _, channels in joints):
        raise ValueError(f"{path.name}: channels and values disagree")
    rotations = rig.rest()
    found, place = 0, 0
    for name, channels in joints:
        words = channels.split()
        angles = dict(zip(words, values[place : place + len(words)], strict=True))
        place += len(words)
        turns = [(word[0], angle) for word, angle in angles.items() if word.endswith("rotation")]
        if name in rig.model.bone_names:
            order = "".join(axis for axis, _ in turns)
            rotations[rig.model.bone(name)] = Rotation.from_euler(
                order, [angle for _, angle in turns], degrees=True
            ).as_matrix()
            found += 1
    if not found:
        raise ValueError(f"{path.name}: none of its joints is a bone of MakeHuman's default rig")
    return rotations
