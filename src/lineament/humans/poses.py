"""Where poses come from: captured, from MakeHuman's files and made here; one library, four kinds.

Shares (where the assets are there; their shares fall to the made poses otherwise): standing:  45 % made,
40 % captured frames that stand, 15 % MakeHuman's standing files. moving:    65 % captured frames, 15 % a
made walk, 15 % made standing with busy arms, 5 % MakeHuman's other files. acrobatic: 35 % made, 40 %
captured frames with bent hips or trunk, 25 % MakeHuman's fights, flights, gymnastics; half of all with
the whole body at a random attitude. any:       40 % standing, 40 % moving, 20 % acrobatic. Every pose
gets noise in its joints, hands of its own, and is brought back within joint limits. The heading is taken
away (people face -y; cameras go round them); `attitude` keeps or drops what is left of the root's
rotation.
"""

from functools import lru_cache
from typing import Literal

import numpy as np
from scipy.spatial.transform import Rotation

from lineament.assets import find_folder
from lineament.humans.body import BodyModel
from lineament.humans.motion import Motion, read_makehuman_pose
from lineament.humans.procedural import Poser, gymnastics, sample_hands, stand, walk
from lineament.humans.rig import SIDES, Rig, turn
from lineament.types import Float64

PoseKind = Literal["standing", "moving", "acrobatic", "any"]

_NOISE: dict[str, float] = {
    "spine": 2.0,
    "neck": 3.0,
    "head": 4.0,
    "clavicle": 2.0,
    "upperarm01": 6.0,
    "lowerarm01": 6.0,
    "wrist": 8.0,
    "upperleg01": 3.5,
    "lowerleg01": 3.5,
    "foot": 4.0,
}
"""Standard deviation in degrees of the rotation added to each bone whose name starts so."""


class PoseLibrary:
    """Draws poses; make one by `PoseLibrary.load()` and keep it."""

    def __init__(self, model: BodyModel) -> None:
        self.rig = Rig(model)
        self._poser = Poser(self.rig)
        self._noise = np.zeros(len(model.bone_names))
        for index, name in enumerate(model.bone_names):
            spread = next((value for prefix, value in _NOISE.items() if name.startswith(prefix)), 0.0)
            self._noise[index] = np.radians(spread)
        self._motion = self._captured()
        self._files = self._from_files()
        self._frames = self._sorted_frames()

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> "PoseLibrary":
        """The shared library, with motion capture and MakeHuman's files where those assets are there."""
        return cls(BodyModel.load())

    @property
    def sources(self) -> tuple[str, ...]:
        """Which sources this library draws from."""
        captured = ("cmu-mocap",) if self._motion is not None else ()
        return (*captured, *(("makehuman-cc0",) if self._files else ()), "made")

    def sample(self, rng: np.random.Generator, kind: PoseKind = "any") -> Float64:
        """Rotations (163, 3, 3) relative to parents in world axes of the rest pose; see the module for the
        shares.
        """
        if kind == "any":
            kind = ("standing", "moving", "acrobatic")[rng.choice(3, p=(0.4, 0.4, 0.2))]
        pose, attitude_known = self._draw(rng, kind)
        pose = self.rig.limited(self._with_noise(pose, rng))
        pose[0] = without_heading(pose[0])
        if kind == "acrobatic" and not attitude_known and rng.random() < 0.6:
            pose[0] = _random_attitude(rng) @ pose[0]
        return pose

    def _draw(self, rng: np.random.Generator, kind: PoseKind) -> tuple[Float64, bool]:
        shares = {"standing": (0.40, 0.15), "moving": (0.65, 0.05), "acrobatic": (0.40, 0.25)}[kind]
        draw = rng.random()
        if draw < shares[0] and self._motion is not None:
            pose = self._motion.pose(int(rng.choice(self._frames[kind])))
            if rng.random() < 0.5:
                pose = mirrored(self.rig, pose)
            sample_hands(self._poser, pose, rng)
            return pose, False
        if shares[0] <= draw < sum(shares) and self._files.get(kind):
            pose = self._files[kind][rng.integers(len(self._files[kind]))]
            return (mirrored(self.rig, pose) if rng.random() < 0.5 else pose.copy()), True
        if kind == "acrobatic":
            return gymnastics(self._poser, rng), False
        if kind == "moving" and rng.random() < 0.5:
            return walk(self._poser, rng), False
        return stand(self._poser, rng), False

    def _with_noise(self, pose: Float64, rng: np.random.Generator) -> Float64:
        vectors = rng.standard_normal((len(pose), 3)) * self._noise[:, None]
        return np.asarray(pose @ Rotation.from_rotvec(vectors).as_matrix())

    def _captured(self) -> Motion | None:
        folder = find_folder("cmu-mocap")
        path = None if folder is None else folder / "cmu_motion_15fps.npz"
        return Motion(path, self.rig) if path is not None and path.exists() else None

    def _from_files(self) -> dict[str, list[Float64]]:
        folder = find_folder("makehuman-cc0")
        paths = [] if folder is None else sorted((folder / "poses").glob("*.bvh"))
        found: dict[str, list[Float64]] = {"standing": [], "moving": [], "acrobatic": []}
        for path in paths:
            pose = read_makehuman_pose(path, self.rig)
            kind = "standing" if path.stem.startswith("standing") else "acrobatic"
            found[kind].append(pose)
            if path.stem.startswith(("run", "fight01", "fight03", "standing06")):
                found["moving"].append(pose)
        return found if paths else {}

    def _sorted_frames(self) -> dict[str, np.ndarray]:
        motion = self._motion
        if motion is None:
            return {}
        degrees = np.degrees(np.stack([motion.tilt, motion.knees, motion.hips]))
        standing = (degrees[0] < 14) & (degrees[1] < 34) & (degrees[2] < 34)
        acrobatic = (degrees[0] > 32) | (degrees[2] > 75) | (degrees[1] > 100)
        kinds = {"standing": standing, "moving": ~acrobatic, "acrobatic": acrobatic}
        return {kind: np.flatnonzero(chosen & motion.usable) for kind, chosen in kinds.items()}


def without_heading(rotation: Float64) -> Float64:
    """The root's rotation (3, 3) turned about the vertical so that the person faces -y, tilt kept."""
    forward = -rotation[:, 1]
    if np.hypot(forward[0], forward[1]) < 1e-3:
        return rotation
    return turn(np.array([0.0, 0.0, 1.0]), -np.arctan2(forward[0], -forward[1])) @ rotation


def upright(pose: Float64) -> Float64:
    """The pose (163, 3, 3) with the root's rotation taken away."""
    return np.concatenate([np.eye(3)[None], pose[1:]])


def mirrored(rig: Rig, pose: Float64) -> Float64:
    """The pose (163, 3, 3) of a person seen in a mirror: sides swapped, rotations reflected in x."""
    names = rig.model.bone_names
    swap = {side: other for side, other in zip(SIDES, reversed(SIDES), strict=True)}
    order = [
        names.index(name[:-1] + swap[name[-1]]) if name[-2:] in (".L", ".R") else index
        for index, name in enumerate(names)
    ]
    reflect = np.diag([-1.0, 1.0, 1.0])
    return np.asarray(reflect @ pose[order] @ reflect)


def _random_attitude(rng: np.random.Generator) -> Float64:
    """Any attitude (a third), lying (a third), or a strong roll or pitch."""
    draw = rng.random()
    if draw < 1 / 3:
        return Rotation.random(rng=rng).as_matrix()
    if draw < 2 / 3:
        lying = turn(
            np.array([1.0, 0.0, 0.0]), float(rng.choice((-1, 1))) * (np.pi / 2 + rng.normal(0, 0.15))
        )
        return turn(np.array([0.0, 0.0, 1.0]), float(rng.uniform(-np.pi, np.pi))) @ lying
    vector = rng.normal(0.0, 1.0, 3) * (1.0, 1.0, 0.3)
    return Rotation.from_rotvec(vector).as_matrix()
