"""The site model: shapes, rotations, posing and its inverse."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from lineament.geometry.site_model import SiteModel, rotation_matrices
from lineament.geometry.template import load_template


@pytest.fixture(scope="module")
def model() -> SiteModel:
    return SiteModel.load()


def _random(model: SiteModel, seed: int, spread: float = 0.4) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    coefficients = rng.normal(size=model.coefficient_count)
    rotations = rng.normal(0, spread, (model.joint_count, 3))
    return model.shape(coefficients), model.joints(coefficients), rotations, rng.normal(size=3)


@given(arrays(np.float64, (4, 3), elements=st.floats(-3, 3)))
@settings(max_examples=50, deadline=None)
def test_rotation_vectors_agree_with_scipy(vectors: np.ndarray) -> None:
    assert np.allclose(rotation_matrices(vectors), Rotation.from_rotvec(vectors).as_matrix(), atol=1e-9)


def test_shapes(model: SiteModel) -> None:
    assert model.shape(np.zeros(0)).shape == (2048, 3)
    assert model.joints(np.zeros(5)).shape == (24, 3)
    assert model.skin_weight.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    assert model.skin_index.max() < model.joint_count
    assert model.revision == load_template().revision


def test_mean_is_the_templates_neighbourhood_and_symmetric(model: SiteModel) -> None:
    template = load_template()
    assert np.linalg.norm(model.shape_mean - template.positions, axis=1).mean() < 0.02
    assert np.abs(model.shape_mean[template.mirror] * (-1, 1, 1) - model.shape_mean).max() < 1e-4


def test_left_out_coefficients_are_zero(model: SiteModel) -> None:
    some = np.random.default_rng(0).normal(size=10)
    full = np.concatenate([some, np.zeros(model.coefficient_count - 10)])
    assert np.allclose(model.shape(some), model.shape(full))
    assert np.allclose(model.joints(some), model.joints(full))


def test_zero_rotation_is_the_rest_pose(model: SiteModel) -> None:
    points, joints, _, shift = _random(model, 1)
    rest = np.zeros((model.joint_count, 3))
    assert np.allclose(model.pose(points, joints, rest), points, atol=1e-6)
    assert np.allclose(model.pose(points, joints, rest, shift), points + shift, atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_unpose_undoes_pose(model: SiteModel, seed: int) -> None:
    points, joints, rotations, shift = _random(model, seed)
    posed = model.pose(points, joints, rotations, shift)
    assert np.abs(posed - points).max() > 0.1
    assert np.allclose(model.unpose(posed, joints, rotations, shift), points, atol=1e-8)


def test_turning_the_root_turns_everything(model: SiteModel) -> None:
    points, joints, _, _ = _random(model, 2)
    rotations = np.zeros((model.joint_count, 3))
    rotations[0] = (0, 0, np.pi / 2)
    turn = Rotation.from_rotvec(rotations[0]).as_matrix()
    assert np.allclose(
        model.pose(points, joints, rotations), (points - joints[0]) @ turn.T + joints[0], atol=1e-5
    )
    normals = load_template().normals.astype(float)
    assert np.allclose(model.turn(normals, joints, rotations), normals @ turn.T, atol=1e-5)


def test_a_joint_moves_its_own_limb_only(model: SiteModel) -> None:
    points, joints, _, _ = _random(model, 3)
    rotations = np.zeros((model.joint_count, 3))
    rotations[model.joint("left_forearm")] = (0.0, 0.8, 0.0)
    moved = np.linalg.norm(model.pose(points, joints, rotations) - points, axis=1)
    parts = load_template().parts
    assert moved[parts == 7].min() > 0.05
    assert moved[(parts != 3) & (parts != 5) & (parts != 7)].max() < 0.01


def test_parents_come_first(model: SiteModel) -> None:
    with pytest.raises(ValueError, match="parents"):
        dataclasses.replace(model, joint_parents=model.joint_parents[::-1].copy())
    with pytest.raises(ValueError):
        model.joint("tail")
