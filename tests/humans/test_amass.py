"""AMASS files: a T-pose is a T-pose, joints bend the way they should, bad files get one line."""

from pathlib import Path

import numpy as np
import pytest

from lineament.errors import BadInputError
from lineament.humans.amass import amass_to_main, read_amass, read_amass_folder
from lineament.humans.body import BodyModel
from lineament.humans.main_joints import JOINTS, MainSkeleton
from lineament.humans.rig import Rig
from lineament.types import Float64

pytestmark = pytest.mark.train

UPRIGHT = (np.pi / 2, 0.0, 0.0)
"""The root's turn of somebody standing in AMASS's world, z up."""


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig(BodyModel.load())


def places(rig: Rig, poses: Float64) -> dict[str, Float64]:
    found = MainSkeleton(rig).places(amass_to_main(poses, rig))[0]
    return dict(zip(JOINTS, found, strict=True))


def test_zero_is_an_upright_t_pose_facing_us(rig: Rig) -> None:
    poses = np.zeros((1, 156))
    poses[0, :3] = UPRIGHT
    at = places(rig, poses)
    assert abs(at["hand.L"][2] - at["upperarm.L"][2]) < 0.02 and at["hand.L"][0] > at["upperarm.L"][0] + 0.4
    assert at["hand.R"][0] < at["upperarm.R"][0] - 0.4
    assert at["foot.L"][2] < at["upperleg.L"][2] - 0.75
    assert at["head"][2] > at["root"][2] + 0.5


def test_joints_bend_as_in_smpl(rig: Rig) -> None:
    poses = np.zeros((1, 66))
    poses[0, :3] = UPRIGHT
    poses[0, 3 * 4] = np.pi / 2  # the left knee, about x: the foot goes back
    poses[0, 3 * 18 + 1] = -np.pi / 2  # the left elbow, about y: the hand goes forwards
    at = places(rig, poses)
    assert at["foot.L"][1] > at["lowerleg.L"][1] + 0.35
    assert at["hand.L"][1] < at["lowerarm.L"][1] - 0.2
    lying = np.zeros((1, 66))
    assert places(rig, lying)["head"][1] > 0.5, "without the root's turn SMPL's y is along the ground"


def test_frames_are_thinned_to_four_a_second(rig: Rig, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", poses=np.zeros((120, 156)), mocap_framerate=120)
    np.savez(tmp_path / "b.npz", poses=np.zeros((60, 165)), mocap_frame_rate=30.0)
    (tmp_path / "who").mkdir()
    np.savez(tmp_path / "who" / "shape.npz", betas=np.zeros(10))
    assert len(read_amass(tmp_path / "a.npz", rig)) == 4
    assert len(read_amass_folder(tmp_path, rig)) == 4 + 8


@pytest.mark.parametrize(
    ("arrays", "wanted"),
    [
        ({"trans": np.zeros(3)}, "no AMASS file"),
        ({"poses": np.zeros((4, 156))}, "no AMASS file"),
        ({"poses": np.zeros((4, 60)), "mocap_framerate": 30}, "66 or more"),
        ({"poses": np.full((4, 66), np.nan), "mocap_framerate": 30}, "finite"),
        ({"poses": np.zeros((4, 66)), "mocap_framerate": 0}, "frame rate must be positive"),
        ({"poses": np.array([object()]), "mocap_framerate": 30}, "cannot be read"),
    ],
)
def test_bad_files_get_one_line(rig: Rig, tmp_path: Path, arrays: dict[str, object], wanted: str) -> None:
    np.savez(tmp_path / "bad.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match=wanted) as told:
        read_amass(tmp_path / "bad.npz", rig)
    assert "\n" not in str(told.value)


def test_other_files_and_empty_folders_get_one_line(rig: Rig, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no AMASS file"):
        read_amass_folder(tmp_path, rig)
    for content in (b"", b"not an archive", b"PK\x03\x04cut"):
        (tmp_path / "x.npz").write_bytes(content)
        with pytest.raises(BadInputError, match="cannot be read"):
            read_amass(tmp_path / "x.npz", rig)
