"""Sites brought onto a surface: partners, coefficients, rigid motions with known answers."""

import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from lineament.gallery.enrolment.surface_fit import nearest, rigid, solve_shape


def sphere(count: int, radius: float = 1.0) -> np.ndarray:
    """Unit directions (count, 3) times `radius`, spread evenly (Fibonacci)."""
    z = 1 - 2 * (np.arange(count) + 0.5) / count
    turn = np.arange(count) * np.pi * (3 - np.sqrt(5))
    return radius * np.stack([np.sqrt(1 - z**2) * np.cos(turn), np.sqrt(1 - z**2) * np.sin(turn), z], axis=1)


def test_partners_face_the_same_way_and_lie_within_reach() -> None:
    directions = sphere(4000)
    sites = np.array([[0.0, 0, 1.02], [0, 0, 1.2], [0, 0, 1.02]])
    normals = np.array([[0.0, 0, 1], [0, 0, 1], [0, 0, -1]])
    found = nearest(cKDTree(directions), directions, sites, normals, 0.05)
    assert found.plausible.tolist() == [True, False, False]
    assert found.distance[0] == pytest.approx(0.02, abs=0.02)
    assert directions[found.index[0], 2] > 0.99


def test_of_two_sheets_the_one_that_faces_the_sites_way_is_taken() -> None:
    x, y = (0.01 * axis.ravel() for axis in np.mgrid[-2:3, -2:3])
    inner, outer = (np.stack([x, y, np.full(x.size, z)], axis=1) for z in (0.0, 0.003))
    normals = np.repeat([[0.0, 0, -1], [0, 0, 1]], x.size, axis=0)
    site = np.array([[0.0, 0, -0.001]])
    found = nearest(cKDTree(np.concatenate([inner, outer])), normals, site, np.array([[0.0, 0, 1]]), 0.02)
    assert found.plausible[0] and found.index[0] >= x.size


def test_coefficients_of_a_shape_are_found_again() -> None:
    rng = np.random.default_rng(0)
    mean = sphere(300, 0.1)
    normals = mean / 0.1
    basis = rng.normal(0, 0.004, (3, 300, 3))
    wanted = np.array([1.0, -0.5, 0.3])
    target = mean + np.tensordot(wanted, basis, 1)
    assert solve_shape(mean, basis, target, normals, 0.001) == pytest.approx(wanted, abs=0.1)
    assert np.abs(solve_shape(mean, basis, mean, normals, 0.001)).max() < 1e-9
    # Without evidence the prior holds.
    assert np.abs(solve_shape(mean, basis, target, normals, 10.0)).max() < 0.01


def test_points_slide_freely_along_their_planes() -> None:
    mean = sphere(100)
    basis = np.cross(mean, [0.0, 0, 1])[None]
    assert np.abs(solve_shape(mean, basis, mean + 0.1 * basis[0], mean, 0.01)).max() < 1e-9


@pytest.mark.parametrize("scaled", [False, True])
def test_rigid_motions_are_found_again(scaled: bool) -> None:
    rng = np.random.default_rng(1)
    source = rng.normal(size=(20, 3))
    turn, shift, scale = (
        Rotation.random(random_state=2).as_matrix(),
        rng.normal(size=3),
        1.7 if scaled else 1.0,
    )
    rotation, translation, size = rigid(source, scale * source @ turn.T + shift, scaled)
    assert np.allclose(rotation, turn, atol=1e-9) and np.allclose(translation, shift, atol=1e-9)
    assert size == pytest.approx(scale)


def test_a_mirror_image_is_never_reached_by_a_rotation() -> None:
    source = np.random.default_rng(3).normal(size=(30, 3))
    rotation, _, _ = rigid(source, source * (-1, 1, 1))
    assert np.linalg.det(rotation) == pytest.approx(1.0)
