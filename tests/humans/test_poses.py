"""Poses: proper rotations, within limits, facing -y, mirrored rightly, with and without the assets."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from lineament.humans.body import BodyModel
from lineament.humans.poses import PoseLibrary, mirrored, upright, without_heading
from lineament.humans.rig import Rig, split_twist, turn

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def model() -> BodyModel:
    return BodyModel.load()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> PoseLibrary:
    """The library as it is without any asset."""
    patch = pytest.MonkeyPatch()
    patch.setattr("lineament.humans.poses.find_folder", lambda name: None)
    library = PoseLibrary(BodyModel.load())
    patch.undo()
    return library


@pytest.mark.parametrize("kind", ["standing", "moving", "acrobatic", "any"])
def test_samples_are_rotations_and_repeat(plain: PoseLibrary, kind: str) -> None:
    pose = plain.sample(np.random.default_rng(4), kind)
    assert pose.shape == (163, 3, 3)
    assert np.allclose(pose @ pose.transpose(0, 2, 1), np.eye(3), atol=1e-9)
    assert np.allclose(np.linalg.det(pose), 1.0)
    assert np.array_equal(pose, plain.sample(np.random.default_rng(4), kind))


def test_standing_people_stand(plain: PoseLibrary, model: BodyModel) -> None:
    body = model.build(model.average())
    for seed in range(12):
        posed = model.pose(body, plain.sample(np.random.default_rng(seed), "standing"))
        lowest = posed[np.unique(model.faces)][:, 2].min()
        feet = [posed[model.vertex_parts == part][:, 2].min() for part in (13, 14)]
        assert max(feet) - lowest < 0.12, "both feet stand near the ground"
        assert posed[model.vertex_parts == 1][:, 2].mean() > lowest + 1.3


def test_knees_and_elbows_bend_the_right_way(plain: PoseLibrary, model: BodyModel) -> None:
    for seed in range(20):
        pose = plain.sample(np.random.default_rng(seed), "any")
        for side in "LR":
            _, twist = split_twist(pose[model.bone(f"lowerleg01.{side}")], np.array([1.0, 0.0, 0.0]))
            assert Rotation.from_matrix(twist).as_rotvec()[0] > np.radians(-8.5)
            axis, bent = plain.rig.elbow(side)
            _, twist = split_twist(pose[model.bone(f"lowerarm01.{side}")], axis)
            angle = Rotation.from_matrix(twist).as_rotvec() @ axis / np.linalg.norm(axis)
            assert bent + angle > np.radians(-0.5)


def test_heading_is_removed_and_tilt_kept() -> None:
    tilt = turn(np.array([1.0, 0.0, 0.0]), 0.4)
    for heading in (-2.5, 0.3, 3.0):
        turned = turn(np.array([0.0, 0.0, 1.0]), heading) @ tilt
        assert np.allclose(without_heading(turned), tilt, atol=1e-9)


def test_upright_drops_the_root_only(plain: PoseLibrary) -> None:
    pose = plain.sample(np.random.default_rng(0), "acrobatic")
    assert np.array_equal(upright(pose)[0], np.eye(3))
    assert np.array_equal(upright(pose)[1:], pose[1:])


def test_mirrored_pose_mirrors_the_body(plain: PoseLibrary, model: BodyModel) -> None:
    body = model.build(model.average())
    pose = plain.sample(np.random.default_rng(1), "acrobatic")
    skin = np.unique(model.faces)
    one = model.pose(body, pose)
    other = model.pose(body, mirrored(plain.rig, pose))
    gap = np.linalg.norm(other[model.mirror] * (-1, 1, 1) - one, axis=1)[skin]
    assert gap.max() < 0.01


def test_limits_leave_small_turns_alone(model: BodyModel) -> None:
    rig = Rig(model)
    small = Rotation.from_rotvec(np.random.default_rng(0).normal(0, 0.02, (163, 3))).as_matrix()
    assert np.allclose(rig.limited(small), small)
    wild = Rotation.from_rotvec(np.random.default_rng(0).normal(0, 3.0, (163, 3))).as_matrix()
    wrist = rig.limited(wild)[model.bone("wrist.L")]
    assert np.linalg.norm(Rotation.from_matrix(wrist).as_rotvec()) <= np.radians(75) + 1e-9


@pytest.mark.assets
def test_captured_walkers_are_upright_with_arms_down(model: BodyModel) -> None:
    library = PoseLibrary.load()
    if "cmu-mocap" not in library.sources:
        pytest.skip("asset cmu-mocap is absent")
    motion, body = library._motion, model.build(model.average())
    assert motion is not None and motion.count > 10000
    for frame in library._frames["standing"][::400]:
        posed = model.pose(body, motion.pose(int(frame)))
        heights = [posed[model.vertex_parts == part][:, 2].mean() for part in (1, 2, 9, 11, 13)]
        assert heights == sorted(heights, reverse=True), "head, torso, thigh, calf, foot from top to bottom"


@pytest.mark.assets
def test_makehuman_handstand_is_upside_down(model: BodyModel) -> None:
    from lineament.assets import find_folder
    from lineament.humans.motion import read_makehuman_pose

    folder = find_folder("makehuman-cc0")
    if folder is None:
        pytest.skip("asset makehuman-cc0 is absent")
    posed = model.pose(
        model.build(model.average()), read_makehuman_pose(folder / "poses" / "gym01.bvh", Rig(model))
    )
    groups = ((13, 14), (1,), (7, 8))
    feet, head, hands = (posed[np.isin(model.vertex_parts, group)][:, 2].mean() for group in groups)
    assert feet > head > hands
