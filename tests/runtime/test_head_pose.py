import numpy as np
import pytest

from lineament.geometry.camera import Camera
from lineament.runtime.head_pose import (
    angles_of,
    nearest_rotation,
    rolled,
    rotation_of,
    solve_pose,
    usual_intrinsics,
)

RNG = np.random.default_rng(4)
HEAD = RNG.uniform(-0.09, 0.09, (60, 3))
TURNS = [(0.0, 0.0, 0.0), (1.2, -0.3, 0.4), (-1.6, 0.5, -2.0), (0.4, 0.2, 3.0)]


@pytest.mark.parametrize(("yaw", "pitch", "roll"), TURNS)
def test_angles_are_those_of_the_camera(yaw, pitch, roll):
    camera = Camera.looking_at(
        np.zeros(3), azimuth=yaw, elevation=pitch, distance=1, focal=1, width=1, height=1, roll=roll
    )
    assert np.allclose(rotation_of(yaw, pitch, roll), camera.R)
    assert angles_of(camera.R) == pytest.approx((yaw, pitch, roll))


def test_a_turned_picture_changes_the_roll_alone():
    assert angles_of(rolled(rotation_of(0.7, 0.2, 0.1), 0.5)) == pytest.approx((0.7, 0.2, 0.6))


def test_two_rows_make_a_rotation():
    true = rotation_of(0.9, -0.2, 0.3)
    assert np.allclose(nearest_rotation(3 * true[:2]), true)
    noisy = nearest_rotation(true[:2] + RNG.normal(0, 0.05, (2, 3)))
    assert np.allclose(noisy @ noisy.T, np.eye(3)) and np.linalg.det(noisy) == pytest.approx(1)


@pytest.mark.parametrize(("yaw", "pitch", "roll"), TURNS)
@pytest.mark.parametrize("place", [(0.0, 0.0, 0.5), (0.6, -0.4, 1.5), (-1.0, 0.3, 6.0)])
def test_pose_is_found_again_from_exact_points(yaw, pitch, roll, place):
    rotation, intrinsics = rotation_of(yaw, pitch, roll), np.array([800.0, 320, 240])
    local = HEAD @ rotation.T + place
    pixels = local[:, :2] / local[:, 2:] * 800 + (320, 240)
    start = rotation_of(yaw + 0.2, pitch - 0.15, roll + 0.1)
    pose = solve_pose(HEAD, pixels, np.ones(60), start, intrinsics)
    assert np.allclose(pose.rotation, rotation, atol=1e-4)
    assert np.allclose(pose.translation, place, rtol=1e-3, atol=1e-4)


def test_points_without_weight_do_not_count():
    pixels = HEAD[:, [0, 2]] * (400, -400) + 100
    weights = np.ones(60)
    weights[:5] = 1e-9
    moved = pixels.copy()
    moved[:5] += 50
    intrinsics = usual_intrinsics(200, 100)
    first, second = (solve_pose(HEAD, one, weights, rotation_of(0, 0), intrinsics) for one in (pixels, moved))
    assert np.allclose(first.translation, second.translation, atol=1e-3)
    assert intrinsics.tolist() == [240, 50, 100]
