"""Bodies: frame, parts, symmetry, stature, determinism, speed."""

import time

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from lineament.anatomy import CLASS_COUNT, MIRROR
from lineament.humans.body import Body, BodyModel
from lineament.humans.parameters import BodyParameters

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def model() -> BodyModel:
    return BodyModel.load()


@pytest.fixture(scope="module")
def people(model: BodyModel) -> list[BodyParameters]:
    rng = np.random.default_rng(3)
    return [model.sample(rng) for _ in range(3)]


def test_frame_is_upright_facing_minus_y_with_feet_on_the_ground(model: BodyModel) -> None:
    skin = model.canonical[np.unique(model.faces)]
    assert skin[:, 2].min() == pytest.approx(0.0, abs=1e-6)
    assert np.ptp(skin[:, 2]) == pytest.approx(1.685, abs=1e-3)
    eyes = model.canonical[np.unique(model.eye_faces)].mean(axis=0)
    head = model.canonical[model.faces[model.face_parts == 1]].reshape(-1, 3)
    assert eyes[1] < (head[:, 1].min() + head[:, 1].max()) / 2, "eyes must look towards -y"
    left_hand = model.canonical[model.vertex_parts == 7].mean(axis=0)
    assert left_hand[0] > 0.3, "the person's left is +x"


def test_parts_are_exactly_the_fourteen(model: BodyModel) -> None:
    assert set(np.unique(model.face_parts)) == set(range(1, CLASS_COUNT))
    assert set(np.unique(model.vertex_parts)) == set(range(1, CLASS_COUNT))


def test_faces_are_triangles_of_the_skin_with_uv(model: BodyModel) -> None:
    assert model.faces.max() < 13380, "helper vertices carry no visible skin"
    assert model.face_uv.shape == (len(model.faces), 3, 2)
    assert 0.0 <= model.face_uv.min() <= model.face_uv.max() <= 1.0
    corner = model.canonical[model.faces]
    volume = np.einsum("fc,fc->f", corner[:, 0], np.cross(corner[:, 1], corner[:, 2])).sum() / 6
    assert 0.04 < volume < 0.12, "outward triangles of an adult enclose some 60 litres"


def test_canonical_body_is_mirror_symmetric(model: BodyModel) -> None:
    skin = np.unique(model.faces)
    assert (model.mirror[model.mirror] == np.arange(len(model.mirror))).all()
    gap = model.canonical[model.mirror] * (-1, 1, 1) - model.canonical
    assert np.abs(gap[skin]).max() < 3e-3
    agree = np.asarray(MIRROR)[model.vertex_parts] == model.vertex_parts[model.mirror]
    assert agree[skin].mean() > 0.995


def test_same_seed_same_person(model: BodyModel) -> None:
    one, two = (model.build(model.sample(np.random.default_rng(8))) for _ in range(2))
    other = model.build(model.sample(np.random.default_rng(9)))
    assert np.array_equal(one.vertices, two.vertices)
    assert np.abs(one.vertices - other.vertices).max() > 0.01


def test_rest_pose_is_identity_and_the_root_rigid(model: BodyModel, people: list[BodyParameters]) -> None:
    body = model.build(people[0])
    identity = np.tile(np.eye(3), (163, 1, 1))
    assert np.abs(model.pose(body, identity) - body.vertices).max() < 1e-5
    turned = identity.copy()
    turned[0] = Rotation.from_euler("z", 90, degrees=True).as_matrix()
    centre = body.bone_heads[0]
    expected = (body.vertices - centre) @ turned[0].T + centre
    assert np.abs(model.pose(body, turned, np.array([0.0, 0.0, 1.0])) - expected - (0, 0, 1)).max() < 1e-4


def test_posing_a_batch_equals_posing_each(model: BodyModel, people: list[BodyParameters]) -> None:
    body = model.build(people[1])
    turns = Rotation.from_rotvec(np.random.default_rng(0).normal(0, 0.2, (3 * 163, 3))).as_matrix()
    batch = model.pose_many(body, turns.reshape(3, 163, 3, 3))
    assert np.allclose(batch[2], model.pose(body, turns.reshape(3, 163, 3, 3)[2]), atol=1e-6)


def test_posing_takes_milliseconds(model: BodyModel, people: list[BodyParameters]) -> None:
    body = model.build(people[2])
    identity = np.tile(np.eye(3), (163, 1, 1))
    times = []
    for _ in range(9):
        started = time.process_time()
        model.pose(body, identity)
        times.append(time.process_time() - started)
    assert min(times) < 0.02


def test_unknown_names_are_refused(model: BodyModel) -> None:
    with pytest.raises(ValueError, match="nose-hump-incr"):
        model.build(BodyParameters(local_changes={"nose-hump": 0.5}))
    with pytest.raises(ValueError, match="jawOpen"):
        model.build(BodyParameters(), {"jawopen": 1.0})


def test_a_body_must_have_its_vertices() -> None:
    with pytest.raises(ValueError, match="19158"):
        Body(np.zeros((5, 3)), np.zeros((163, 3)), np.zeros((163, 3)), BodyParameters())
