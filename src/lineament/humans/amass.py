"""A user's own AMASS files on our rig: the body joints of SMPL-H or SMPL-X poses.

Frame of AMASS (Mahmood et al. 2019): world z up; SMPL's own axes x to the left, y up, z forwards; the rest
pose is a T-pose. Hands, face and shape are not read, and no file of SMPL's is needed.
"""

from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from scipy.spatial.transform import Rotation

from lineament.errors import BadInputError
from lineament.humans.main_joints import JOINTS, PARENTS
from lineament.humans.rig import SIDES, Rig, frame
from lineament.types import Float64

RATE: Final = 4.0
"""Frames a second that are kept; neighbouring ones are alike."""
MOST: Final = 20_000
"""Frames that are kept of a folder."""

_TO_OURS: Final = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
# SMPL's joints in their order; the parents follow Loper et al. 2015.
_SMPL: Final = (
    "pelvis", "hip.L", "hip.R", "spine1", "knee.L", "knee.R", "spine2", "ankle.L", "ankle.R", "spine3",
    "toes.L", "toes.R", "neck", "collar.L", "collar.R", "head", "shoulder.L", "shoulder.R", "elbow.L",
    "elbow.R", "wrist.L", "wrist.R",
)  # fmt: skip
_SMPL_PARENTS: Final = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)
_OURS: Final = {
    "root": "pelvis",
    "spine_lower": "spine1",
    "spine_upper": "spine3",
    "clavicle": "collar",
    "upperarm": "shoulder",
    "lowerarm": "elbow",
    "hand": "wrist",
    "upperleg": "hip",
    "lowerleg": "knee",
    "foot": "ankle",
}


def amass_to_main(poses: Float64, rig: Rig) -> Float64:
    """Main poses (N, 19, 3, 3), the root's rotation included, of axis-angle poses (N, 66 or more)."""
    count = len(_SMPL)
    vectors = np.asarray(poses, dtype=np.float64)[:, : 3 * count].reshape(-1, 3)
    local = Rotation.from_rotvec(vectors).as_matrix().reshape(-1, count, 3, 3)
    world = np.empty_like(local)
    for joint, parent in enumerate(_SMPL_PARENTS):
        world[:, joint] = local[:, joint] if parent < 0 else world[:, parent] @ local[:, joint]
    index, aligned = [], []
    for joint in JOINTS:
        name, _, side = joint.partition(".")
        index.append(_SMPL.index(_OURS.get(name, name) + (f".{side}" if side else "")))
        aligned.append(_alignment(rig, name, side))
    # The world is z up already; what turns is first taken from our axes to SMPL's.
    goal = world[:, index] @ (_TO_OURS.T @ np.stack(aligned))
    goal[:, 1:] = goal[:, PARENTS[1:]].swapaxes(-1, -2) @ goal[:, 1:]
    return goal


def _alignment(rig: Rig, name: str, side: str) -> Float64:
    """Rotation from a limb's direction on our rig to that of a T-pose with palms down."""
    if name not in ("upperarm", "lowerarm", "hand", "upperleg", "lowerleg"):
        return np.eye(3)
    if name in ("upperleg", "lowerleg"):
        lateral = np.array([1.0, 0.0, 0.0])
        return frame(np.array([0.0, 0.0, -1.0]), lateral) @ frame(rig.limb(name, side), lateral).T
    outwards = np.array([1.0 if side == SIDES[0] else -1.0, 0.0, 0.0])
    forwards = np.array([0.0, -1.0, 0.0])
    if name == "hand":
        return frame(outwards, np.array([0.0, 0.0, -1.0])) @ frame(rig.limb(name, side), rig.palm(side)).T
    return frame(outwards, np.cross(outwards, forwards)) @ frame(rig.limb(name, side), rig.elbow(side)[0]).T


def read_amass(path: Path, rig: Rig, rate: float = RATE) -> Float64:
    """Main poses (N, 19, 3, 3) of an AMASS file, `rate` a second.

    Raises BadInputError for a file that is not an .npz archive with `poses` (frames, 66 or more) of finite
    numbers and a positive `mocap_framerate` or `mocap_frame_rate`.
    """
    try:
        with np.load(path, allow_pickle=False) as data:
            poses = np.asarray(data["poses"], dtype=np.float64)
            name = "mocap_framerate" if "mocap_framerate" in data else "mocap_frame_rate"
            captured = float(data[name])
    except KeyError as error:
        raise BadInputError(f"{path.name} is no AMASS file: it has no {error}") from error
    except (OSError, ValueError, TypeError, EOFError, BadZipFile) as error:
        raise BadInputError(f"{path.name} cannot be read as an AMASS file (.npz): {error}") from error
    if poses.ndim != 2 or poses.shape[1] < 66 or not len(poses) or not np.isfinite(poses).all():
        raise BadInputError(f"{path.name}: `poses` must be (frames, 66 or more) finite numbers")
    if not captured > 0:
        raise BadInputError(f"{path.name}: the frame rate must be positive, not {captured:g}")
    return amass_to_main(poses[:: max(1, round(captured / rate))], rig)


def read_amass_folder(folder: Path, rig: Rig) -> Float64:
    """Main poses (N, 19, 3, 3) of every AMASS file below a folder, at most MOST, evenly chosen.

    Raises BadInputError when there is none; shape.npz files, which hold no motion, are passed over.
    """
    paths = sorted(path for path in folder.rglob("*.npz") if path.name != "shape.npz")
    if not paths:
        raise BadInputError(f"{folder} holds no AMASS file (.npz)")
    main = np.concatenate([read_amass(path, rig) for path in paths])
    return main[np.linspace(0, len(main) - 1, MOST).astype(int)] if len(main) > MOST else main
