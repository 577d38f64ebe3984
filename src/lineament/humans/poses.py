"""Where poses come from: captured, MakeHuman's files, the learned prior, and made here; one library.

Variety "wide": six kinds, in all by `POSE_SHARES`, each from its sources by `SOURCE_SHARES` (the shares of
sources that are absent fall to the others). Captured frames are of a kind by the rules of
`lineament.humans.pose_kinds`. Every pose is brought within the joint limits, its limbs out of each other
(`lineament.humans.self_contact`), or it is drawn again.

Variety "captured", as before there was a prior, for three kinds (where the assets are there; their shares
fall to the made poses otherwise): standing: 45 % made, 40 % captured frames that stand, 15 % MakeHuman's
standing files. moving: 65 % captured frames, 15 % a made walk, 15 % made standing with busy arms, 5 %
MakeHuman's other files. acrobatic: 35 % made, 40 % captured frames with bent hips or trunk, 25 % MakeHuman's
fights, flights, gymnastics; half of all with the whole body at a random attitude. any: 40 % standing, 40 %
moving, 20 % acrobatic.

Every pose gets noise in its joints and hands of its own. The heading is taken away (people face -y; cameras
go round them); `upright` drops what is left of the root's rotation.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
from scipy.spatial.transform import Rotation

from lineament.assets import find_folder
from lineament.errors import BadInputError
from lineament.humans.activities import perform
from lineament.humans.amass import read_amass_folder
from lineament.humans.arms import draw_arms
from lineament.humans.body import BodyModel
from lineament.humans.everyday import BENDING, SITTING
from lineament.humans.hands import draw_hands
from lineament.humans.joint_limits import JointLimits
from lineament.humans.main_joints import JOINTS, MainSkeleton, mirrored_main
from lineament.humans.motion import Motion, read_makehuman_pose
from lineament.humans.pose_kinds import KINDS, MeasuredKind, measure
from lineament.humans.pose_prior import PosePrior
from lineament.humans.procedural import Poser, gymnastics, sample_hands, stand, walk
from lineament.humans.rig import SIDES, Rig, turn
from lineament.humans.self_contact import ALLOWED, SelfContact
from lineament.humans.sports import ACROBATIC
from lineament.types import Float64, Int32

PoseKind = Literal["standing", "walking", "sitting", "bending", "moving", "acrobatic", "any"]
PoseVariety = Literal["wide", "captured"]
PoseSource = Literal["captured", "files", "prior", "made", "amass"]

POSE_SHARES: Final[Mapping[PoseKind, float]] = {
    "standing": 0.32,
    "walking": 0.14,
    "sitting": 0.12,
    "bending": 0.10,
    "moving": 0.16,
    "acrobatic": 0.16,
}
"""Shares of the kinds when any will do; pass others to `PoseLibrary.sample`."""
SOURCE_SHARES: Final[Mapping[MeasuredKind, Mapping[PoseSource, float]]] = {
    "standing": {"captured": 0.25, "files": 0.05, "prior": 0.15, "made": 0.55, "amass": 0.25},
    "walking": {"captured": 0.50, "files": 0.02, "prior": 0.28, "made": 0.20, "amass": 0.50},
    "sitting": {"captured": 0.15, "files": 0.05, "prior": 0.15, "made": 0.65, "amass": 0.15},
    "bending": {"captured": 0.30, "files": 0.00, "prior": 0.20, "made": 0.50, "amass": 0.30},
    "moving": {"captured": 0.50, "files": 0.05, "prior": 0.30, "made": 0.15, "amass": 0.50},
    "acrobatic": {"captured": 0.20, "files": 0.10, "prior": 0.15, "made": 0.55, "amass": 0.20},
}
"""Shares of the sources of each kind; "amass" counts only where the user's own files were given."""
SOURCES: Final[tuple[PoseSource, ...]] = get_args(PoseSource)
OWN_ARMS: Final = {"standing": 0.3, "walking": 0.2, "sitting": 0.2}
"""How often a captured or sampled pose gets arms of `lineament.humans.arms.PAIRS` instead of its own."""
ATTITUDES: Final = {"captured": 0.2, "prior": 0.3, "amass": 0.2}
"""How often an acrobatic pose is turned to a random attitude, by its source."""
TRIES: Final = 12
"""Draws until a pose is within limits and not inside itself."""

_OLD_KINDS: Final = ("standing", "moving", "acrobatic")
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
"""Standard deviation in degrees of the rotation added to each bone whose name starts so ("captured")."""
_MAIN_NOISE: Final[dict[str, float]] = {
    "spine_lower": 1.0,
    "spine_upper": 1.0,
    "neck": 1.5,
    "head": 2.0,
    "clavicle": 0.75,
    "upperarm": 2.0,
    "lowerarm": 2.0,
    "hand": 3.0,
    "upperleg": 1.25,
    "lowerleg": 1.25,
    "foot": 1.5,
}
"""Standard deviation in degrees of the rotation added to each main joint ("wide"): with twice as much,
captured poses fall from the prior's 10th percentile to its 2nd.
"""


class PoseLibrary:
    """Draws poses; make one by `PoseLibrary.load()` and keep it.

    amass: folder of a user's own AMASS files (.npz), a further source of captured poses. Raises BadInputError
    when it holds none.
    """

    def __init__(self, model: BodyModel, amass: Path | None = None) -> None:
        self.rig = Rig(model)
        self.skeleton = MainSkeleton(self.rig)
        self.limits = JointLimits(self.rig)
        self.contact = SelfContact(model, model.build(model.average()))
        self.prior = PosePrior.load()
        self._poser = Poser(self.rig)
        self._noise = np.zeros(len(model.bone_names))
        for index, name in enumerate(model.bone_names):
            spread = next((value for prefix, value in _NOISE.items() if name.startswith(prefix)), 0.0)
            self._noise[index] = np.radians(spread)
        self._main_noise = np.radians([_MAIN_NOISE.get(name.partition(".")[0], 0.0) for name in JOINTS])
        self._motion = self._captured()
        self._files = self._from_files()
        self._frames = self._sorted_frames()
        self._kinds = self._kinds_of_frames()
        self._amass = {} if amass is None else self._sorted(read_amass_folder(amass, self.rig))
        self._file_kinds = self._kinds_of_files()

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> "PoseLibrary":
        """The shared library, with motion capture and MakeHuman's files where those assets are there."""
        return cls(BodyModel.load())

    @property
    def sources(self) -> tuple[str, ...]:
        """Which sources this library draws from."""
        captured = ("cmu-mocap",) if self._motion is not None else ()
        files = ("makehuman-cc0",) if self._files else ()
        return (*captured, *files, *(("amass",) if self._amass else ()), "pose-prior", "made")

    def sample(
        self,
        rng: np.random.Generator,
        kind: PoseKind = "any",
        variety: PoseVariety = "wide",
        sources: Collection[PoseSource] = SOURCES,
        shares: Mapping[PoseKind, float] = POSE_SHARES,
        contact: SelfContact | None = None,
    ) -> Float64:
        """Rotations (163, 3, 3) relative to parents in world axes of the rest pose; see the module.

        With "wide" only: sources to draw from; shares of the kinds when `kind` is "any"; contact of the body
        that will take the pose, else of the average body (arms need more room round stout people).

        Raises BadInputError for a kind or source that does not exist, and for kinds that "captured" does not
        have.
        """
        if variety == "captured":
            return self._sample_captured(rng, kind)
        unknown = [one for one in sources if one not in SOURCES]
        if unknown or not sources:
            raise BadInputError(
                f"pose sources are {', '.join(SOURCES)}, not {unknown[0] if unknown else 'none'}"
            )
        if kind == "any":
            names, weights = zip(*shares.items(), strict=True)
            kind = names[int(rng.choice(len(names), p=weights))]
        if kind not in KINDS:
            raise BadInputError(f"a pose is any of {', '.join(KINDS)}, not {kind!r}")
        for _ in range(TRIES):
            main, base = self._draw_wide(rng, kind, sources)
            pose, fits = self._settled(main, base, contact or self.contact)
            if fits:
                break
        else:
            # Standing as in the rest pose is never inside itself.
            pose = self.rig.rest()
        pose[0] = without_heading(pose[0])
        return pose

    def mended(self, pose: Float64) -> tuple[Float64, bool]:
        """The pose (163, 3, 3) within the joint limits, limbs out of each other; and whether it is so."""
        return self._settled(self.skeleton.reduce(pose), pose, self.contact)

    def _settled(self, main: Float64, base: Float64, contact: SelfContact) -> tuple[Float64, bool]:
        pose = self.skeleton.expand(self.limits.clipped(main), base)
        free, depth = contact.resolved(pose)
        if free is pose:
            return pose, depth <= ALLOWED
        main = self.skeleton.reduce(free)
        clipped = self.limits.clipped(main)
        if np.abs(clipped - main).max() < 1e-9:
            return free, depth <= ALLOWED
        free = self.skeleton.expand(clipped, free)
        return free, contact.depth(free) <= ALLOWED

    def _draw_wide(
        self, rng: np.random.Generator, kind: MeasuredKind, sources: Collection[PoseSource]
    ) -> tuple[Float64, Float64]:
        """A main pose (19, 3, 3), and rotations (163, 3, 3) with its hands."""
        source = self._source(rng, kind, sources)
        if source == "made":
            pose = self._made(rng, kind)
            return self._shaken(self.skeleton.reduce(pose), rng), pose
        if source == "captured" and self._motion is not None:
            main = self._motion.main(rng.choice(self._kinds[kind], 1))[0]
        elif source == "amass":
            main = self._amass[kind][rng.integers(len(self._amass[kind]))]
        elif source == "files":
            main = self._file_kinds[kind][rng.integers(len(self._file_kinds[kind]))]
        else:
            main = self.prior.vary(rng, kind)
        if rng.random() < 0.5:
            main = mirrored_main(main)
        if source != "prior":
            main = self._shaken(main, rng)
        main[0] = without_heading(main[0])
        if kind == "acrobatic" and rng.random() < ATTITUDES.get(source, 0.0):
            main[0] = _random_attitude(rng) @ main[0]
        if rng.random() < OWN_ARMS.get(kind, 0.0):
            pose = self.skeleton.expand(main)
            draw_arms(self._poser, pose, rng)
            return self.skeleton.reduce(pose), pose
        pose = self.rig.rest()
        draw_hands(self._poser, pose, rng)
        return main, pose

    def _source(
        self, rng: np.random.Generator, kind: MeasuredKind, sources: Collection[PoseSource]
    ) -> PoseSource:
        held = {
            "captured": len(self._kinds.get(kind, ())),
            "files": len(self._file_kinds.get(kind, ())),
            "amass": len(self._amass.get(kind, ())),
            "prior": 1,
            "made": 1,
        }
        shares = {one: share for one, share in SOURCE_SHARES[kind].items() if one in sources and held[one]}
        if not sum(shares.values()):
            return "made" if "made" in sources or "prior" not in sources else "prior"
        weights = np.array(list(shares.values()))
        return list(shares)[int(rng.choice(len(weights), p=weights / weights.sum()))]

    def _made(self, rng: np.random.Generator, kind: MeasuredKind) -> Float64:
        if kind in ("sitting", "bending", "acrobatic"):
            return perform(self._poser, rng, {"sitting": SITTING, "bending": BENDING}.get(kind, ACROBATIC))
        pose = stand(self._poser, rng) if kind == "standing" or rng.random() < 0.2 else walk(self._poser, rng)
        if rng.random() < (0.85 if kind == "standing" else 0.35):
            draw_arms(self._poser, pose, rng)
        else:
            draw_hands(self._poser, pose, rng)
        return pose

    def _shaken(self, main: Float64, rng: np.random.Generator) -> Float64:
        vectors = rng.standard_normal((len(main), 3)) * self._main_noise[:, None]
        return np.asarray(main @ Rotation.from_rotvec(vectors).as_matrix())

    def _sample_captured(self, rng: np.random.Generator, kind: PoseKind) -> Float64:
        if kind == "any":
            kind = ("standing", "moving", "acrobatic")[rng.choice(3, p=(0.4, 0.4, 0.2))]
        if kind not in _OLD_KINDS:
            raise BadInputError(f"variety 'captured' has {', '.join(_OLD_KINDS)}, not {kind!r}")
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

    def _kinds_of_frames(self) -> dict[MeasuredKind, Int32]:
        if self._motion is None:
            return {}
        return {kind: np.flatnonzero(mine).astype(np.int32) for kind, mine in self._motion.kinds().items()}

    def _kinds_of_files(self) -> dict[MeasuredKind, Float64]:
        poses = {id(pose): pose for held in self._files.values() for pose in held}
        main = [self.skeleton.reduce(pose) for pose in poses.values()]
        return self._sorted(np.stack(main)) if main else {}

    def _sorted(self, main: Float64) -> dict[MeasuredKind, Float64]:
        return {kind: main[mine] for kind, mine in measure(self.skeleton, main).kinds().items()}


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
