"""Poses of every kind: within limits, not inside themselves, repeatable; and those of before still there."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lineament.errors import BadInputError
from lineament.humans.arms import PAIRS, REACHES
from lineament.humans.body import BodyModel
from lineament.humans.everyday import BENDING, SITTING
from lineament.humans.hands import GESTURE_SHARES, GESTURES, set_hand
from lineament.humans.joint_limits import LIMITS, JointLimits
from lineament.humans.main_joints import mirrored_main
from lineament.humans.pose_kinds import KINDS, measure
from lineament.humans.poses import POSE_SHARES, SOURCE_SHARES, SOURCES, PoseLibrary, mirrored
from lineament.humans.self_contact import ALLOWED, SelfContact
from lineament.humans.sports import ACROBATIC

pytestmark = pytest.mark.train

BEFORE = {
    "standing": (1.589999, -2.460048, 2.576505),
    "moving": (0.150134, 0.499139, 0.562628),
    "acrobatic": (-2.583329, -0.903349, 0.522346),
    "any": (0.462015, -1.366283, -2.470623),
}
"""Weighted sums of poses of seeds 0 to 2, without assets, as they were before there was a prior."""


@pytest.fixture(scope="module")
def model() -> BodyModel:
    return BodyModel.load()


@pytest.fixture(scope="module")
def plain() -> PoseLibrary:
    """The library as it is without any asset."""
    patch = pytest.MonkeyPatch()
    patch.setattr("lineament.humans.poses.find_folder", lambda name: None)
    library = PoseLibrary(BodyModel.load())
    patch.undo()
    return library


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_repeats_without_assets(plain: PoseLibrary, kind: str) -> None:
    pose = plain.sample(np.random.default_rng(5), kind)
    assert pose.shape == (163, 3, 3)
    assert np.allclose(pose @ pose.swapaxes(-1, -2), np.eye(3), atol=1e-9)
    assert np.allclose(np.linalg.det(pose), 1.0)
    assert np.array_equal(pose, plain.sample(np.random.default_rng(5), kind))
    assert not np.allclose(pose, plain.sample(np.random.default_rng(6), kind))


def held(library: PoseLibrary, count: int) -> None:
    for seed in range(count):
        pose = library.sample(np.random.default_rng(seed), KINDS[seed % len(KINDS)])
        assert library.limits.excess(library.skeleton.reduce(pose)) < 1e-3
        assert library.contact.depth(pose) <= ALLOWED + 1e-6


def test_limits_and_contact_hold_in_240_samples(plain: PoseLibrary) -> None:
    held(plain, 240)


@pytest.mark.assets
def test_limits_and_contact_hold_in_1000_samples_of_all_sources() -> None:
    held(PoseLibrary.load(), 1000)


@pytest.mark.assets
def test_captured_frames_are_of_their_kind() -> None:
    library = PoseLibrary.load()
    if "cmu-mocap" not in library.sources:
        pytest.skip("asset cmu-mocap is absent")
    assert all(len(library._kinds[kind]) > 500 for kind in KINDS)
    total = sum(len(frames) for frames in library._kinds.values())
    assert total == library._motion.usable.sum()  # type: ignore[union-attr]
    for source in ("captured", "files", "prior", "made"):
        pose = library.sample(np.random.default_rng(1), "standing", sources=(source,))
        assert library.contact.depth(pose) <= ALLOWED + 1e-6


@pytest.mark.parametrize(
    ("kind", "likely"),
    [
        ("standing", {"standing", "moving"}),
        ("sitting", {"sitting", "moving", "acrobatic"}),
        ("bending", {"bending", "acrobatic", "moving", "sitting"}),
    ],
)
def test_made_poses_measure_as_what_they_are(plain: PoseLibrary, kind: str, likely: set[str]) -> None:
    main = np.stack(
        [
            plain.skeleton.reduce(plain.sample(np.random.default_rng(seed), kind, sources=("made",)))
            for seed in range(60)
        ]
    )
    found = measure(plain.skeleton, main).kinds()
    assert found[kind].mean() > 0.3  # type: ignore[index]
    assert sum(found[one].mean() for one in likely) > 0.9  # type: ignore[index]
    assert sum(mine.sum() for mine in found.values()) == 60


def test_gymnasts_are_upside_down_now_and_then(plain: PoseLibrary, model: BodyModel) -> None:
    body = model.build(model.average())
    inverted = 0
    for seed in range(60):
        pose = plain.sample(np.random.default_rng(seed), "acrobatic", sources=("made",))
        posed = model.pose(body, pose)
        inverted += posed[model.vertex_parts == 1][:, 2].mean() < posed[model.vertex_parts == 2][:, 2].mean()
    assert 6 <= inverted <= 30


@pytest.mark.parametrize("kind", BEFORE)
def test_variety_captured_is_as_before(plain: PoseLibrary, kind: str) -> None:
    weights = np.sin(np.arange(163 * 9)).reshape(163, 3, 3)
    got = [(plain.sample(np.random.default_rng(k), kind, "captured") * weights).sum() for k in range(3)]
    assert np.allclose(got, BEFORE[kind], atol=1e-5)


def test_shares_and_sources_can_be_set(plain: PoseLibrary) -> None:
    rng = np.random.default_rng(0)
    pose = plain.sample(rng, "any", shares={"sitting": 1.0}, sources=("made",))
    assert measure(plain.skeleton, plain.skeleton.reduce(pose)[None]).kinds()["standing"][0] == np.False_
    assert plain.sources == ("pose-prior", "made")
    for words in ({"kind": "flying"}, {"sources": ("dreams",)}, {"sources": ()}):
        with pytest.raises(BadInputError, match=r"any of|pose sources are"):
            plain.sample(rng, **words)
    with pytest.raises(BadInputError, match="variety 'captured' has standing, moving, acrobatic"):
        plain.sample(rng, "sitting", "captured")


def test_stated_shares_sum_to_one() -> None:
    assert abs(sum(POSE_SHARES.values()) - 1) < 1e-9
    assert abs(sum(GESTURE_SHARES.values()) - 1) < 1e-9
    for shares in SOURCE_SHARES.values():
        assert abs(sum(share for name, share in shares.items() if name != "amass") - 1) < 1e-9
        assert set(shares) == set(SOURCES)
    for table in (SITTING, BENDING, ACROBATIC):
        named = {name for one in table.values() for arms in one.arms for name in arms}
        assert named <= set(REACHES)
    assert {name for pair in PAIRS for name in pair} <= set(REACHES)
    assert {name for one in REACHES.values() for name in one.hands} <= set(GESTURES)


def test_limits_are_idempotent_and_mirror(plain: PoseLibrary) -> None:
    limits = JointLimits(plain.rig)
    for seed in range(30):
        wild = plain.prior.sample(np.random.default_rng(seed))
        wild[1:] = wild[1:] @ limits.sample(np.random.default_rng(seed))[1:]
        clipped = limits.clipped(wild)
        assert limits.excess(clipped) < 1e-6
        assert np.allclose(mirrored_main(clipped), limits.clipped(mirrored_main(wild)), atol=2e-3)
    assert all(low < high for ranges in LIMITS.values() for low, high in ranges)
    assert limits.excess(plain.skeleton.reduce(plain.rig.rest())) == 0.0


def test_a_mirrored_pose_is_as_deep_in_itself(plain: PoseLibrary) -> None:
    for seed in range(12):
        pose = plain.skeleton.expand(plain.limits.sample(np.random.default_rng(seed)))
        one, other = plain.contact.depth(pose), plain.contact.depth(mirrored(plain.rig, pose))
        assert abs(one - other) < 0.004


def test_an_arm_through_the_chest_comes_out(plain: PoseLibrary, model: BodyModel) -> None:
    from lineament.humans.procedural import Poser

    pose = plain.rig.rest()
    Poser(plain.rig).arm(pose, "L", np.array([-0.5, -0.25, -0.8]), 0.6, 1.4)
    before = plain.contact.depth(pose)
    mended, depth = plain.contact.resolved(pose)
    assert before > 0.05 and depth <= ALLOWED
    changed = {model.bone_names[k] for k in np.flatnonzero(np.abs(mended - pose).max(axis=(1, 2)) > 1e-9)}
    assert changed <= {"upperarm01.L", "upperarm01.R", "upperleg01.L", "upperleg01.R"}
    rest = plain.rig.rest()
    assert plain.contact.resolved(rest)[0] is rest


def test_a_stout_body_gets_more_room(plain: PoseLibrary, model: BodyModel) -> None:
    average = model.average()
    stout = model.build(replace(average, phenotypes={**average.phenotypes, "weight": 1.0, "muscle": 0.3}))
    contact = SelfContact(model, stout)
    tight = [
        contact.depth(plain.sample(np.random.default_rng(k), "standing", sources=("made",)))
        for k in range(30)
    ]
    roomy = [
        contact.depth(plain.sample(np.random.default_rng(k), "standing", sources=("made",), contact=contact))
        for k in range(30)
    ]
    assert max(roomy) <= ALLOWED + 1e-6 < max(tight)


def test_gestures_curl_the_right_fingers(plain: PoseLibrary, model: BodyModel) -> None:
    poser = plain._poser
    body = model.build(model.average())
    reach = {}
    for gesture in ("flat", "fist", "pointing"):
        pose = plain.rig.rest()
        set_hand(poser, pose, "L", gesture, np.random.default_rng(0))
        transforms = model.bone_transforms(body, pose[None])[0].astype(np.float64)
        for digit in (2, 5):
            bone = model.bone(f"finger{digit}-3.L")
            tip = transforms[bone][:, :3] @ body.bone_tails[bone] + transforms[bone][:, 3]
            reach[gesture, digit] = np.linalg.norm(tip - body.bone_heads[model.bone("wrist.L")])
    assert reach["fist", 2] < reach["flat", 2] - 0.05 and reach["fist", 5] < reach["flat", 5] - 0.04
    assert reach["pointing", 2] > reach["fist", 2] + 0.05
    assert reach["pointing", 5] < reach["flat", 5] - 0.04


def test_amass_folder_becomes_a_source(tmp_path: Path, model: BodyModel) -> None:
    poses = np.zeros((40, 156))
    poses[:, 0] = np.pi / 2
    np.savez(tmp_path / "one.npz", poses=poses, trans=np.zeros((40, 3)), mocap_framerate=np.float64(20.0))
    library = PoseLibrary(model, tmp_path)
    assert "amass" in library.sources
    pose = library.sample(np.random.default_rng(0), "standing", sources=("amass",))
    assert pose.shape == (163, 3, 3)
