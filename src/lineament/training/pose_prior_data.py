"""What the pose prior learns from: captured poses of the main joints within their limits, mirrored too."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lineament.assets import find_folder
from lineament.errors import BadInputError
from lineament.humans.body import BodyModel
from lineament.humans.joint_limits import JointLimits
from lineament.humans.main_joints import MainSkeleton, mirrored_main
from lineament.humans.motion import Motion, read_makehuman_pose
from lineament.humans.pose_kinds import MeasuredKind, measure
from lineament.humans.rig import Rig
from lineament.types import Float64

HELD_OUT = 28
"""Clips of motion capture that are kept for judging, of 142."""
FILE_COPIES = 8
"""Times that each of MakeHuman's few pose files counts among the training poses."""


@dataclass(frozen=True, slots=True, eq=False)
class PoseData:
    """Main poses for training (N, 19, 3, 3) with mirror images, of clips held out (M, 19, 3, 3), and the
    training poses' kinds: kind -> poses (K, 19, 3, 3) with the root's rotation.
    """

    training: Float64
    held_out: Float64
    kinds: dict[MeasuredKind, Float64]
    limits: JointLimits
    skeleton: MainSkeleton


def pose_data(seed: int) -> PoseData:
    """All that the assets hold; clips are held out by `seed`. Raises BadInputError without motion capture."""
    folder = find_folder("cmu-mocap")
    if folder is None:
        raise BadInputError("training poses needs motion capture; place the asset cmu-mocap (assets list)")
    rig = Rig(BodyModel.load())
    limits, skeleton = JointLimits(rig), MainSkeleton(rig)
    motion = Motion(folder / "cmu_motion_15fps.npz", rig)
    frames = np.flatnonzero(motion.usable)
    main = np.stack([limits.clipped(one) for one in motion.main(frames.astype(np.int32))])
    clips = motion.clip[frames]
    chosen = np.random.default_rng(seed).permutation(np.unique(clips))[:HELD_OUT]
    held = np.isin(clips, chosen)
    files = _file_poses(rig, skeleton, limits)
    kinds = {}
    for kind, mine in motion.kinds().items():
        kinds[kind] = main[mine[frames] & ~held]
    if len(files):
        for kind, mine in measure(skeleton, files).kinds().items():
            kinds[kind] = np.concatenate([kinds[kind], files[mine]])
    used = np.concatenate([main[~held], *[files] * FILE_COPIES])
    return PoseData(np.concatenate([used, mirrored_main(used)]), main[held], kinds, limits, skeleton)


def _file_poses(rig: Rig, skeleton: MainSkeleton, limits: JointLimits) -> Float64:
    folder = find_folder("makehuman-cc0")
    paths: list[Path] = [] if folder is None else sorted((folder / "poses").glob("*.bvh"))
    poses = [limits.clipped(skeleton.reduce(read_makehuman_pose(path, rig))) for path in paths]
    return np.stack(poses) if poses else np.empty((0, 19, 3, 3))
