"""Where cameras stand, which way their pictures are turned, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineament.geometry.camera import Camera

TARGET = np.array([0.1, -0.2, 1.5])


def camera(**changed: float) -> Camera:
    return Camera.looking_at(
        TARGET,
        **{"azimuth": 0.0, "elevation": 0.0, "distance": 2.0, "focal": 300.0, **changed},
        width=200,
        height=100,
    )


def drawn(offset: tuple[float, float, float], **changed: float) -> np.ndarray:
    """Pixels from the picture's middle to a point that lies `offset` from the target."""
    pixels, depth = camera(**changed).project((TARGET + offset)[None])
    assert depth[0] > 0
    return pixels[0] - (100, 50)


def test_a_front_view_shows_the_persons_left_on_the_right() -> None:
    assert drawn((0.1, 0, 0)) == pytest.approx((15, 0))
    assert drawn((0, 0, 0.1)) == pytest.approx((0, -15))
    assert camera().centre == pytest.approx(TARGET - (0, 2, 0))


def test_positive_azimuth_stands_at_the_persons_left() -> None:
    assert camera(azimuth=np.pi / 2).centre == pytest.approx(TARGET + np.array([2, 0, 0]))
    # From there the face, which looks towards -y, is on the left of the picture.
    assert drawn((0, -0.1, 0), azimuth=np.pi / 2) == pytest.approx((-15, 0))


def test_positive_elevation_looks_down() -> None:
    raised = camera(elevation=0.5)
    assert raised.centre[2] > TARGET[2] and raised.R[2, 2] < 0


def test_roll_turns_the_picture_clockwise() -> None:
    assert drawn((0, 0, 0.1), roll=np.pi / 2) == pytest.approx((15, 0))


angles = st.floats(-3.1, 3.1)


@given(azimuth=angles, elevation=st.floats(-1.5, 1.5), roll=angles, distance=st.floats(0.5, 20))
def test_every_camera_is_a_rotation_that_keeps_its_target_in_the_middle(**pose: float) -> None:
    made = camera(**pose)
    assert np.allclose(made.R @ made.R.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(made.R) == pytest.approx(1.0)
    pixels, depth = made.project(TARGET[None])
    assert pixels[0] == pytest.approx((100, 50), abs=1e-6)
    assert depth[0] == pytest.approx(pose["distance"])
    assert np.linalg.norm(made.centre - TARGET) == pytest.approx(pose["distance"])


def test_points_behind_have_no_positive_depth() -> None:
    pixels, depth = camera().project(np.array([TARGET - (0, 3, 0), camera().centre]))
    assert depth[0] == pytest.approx(-1.0) and depth[1] == pytest.approx(0.0)
    assert np.isfinite(pixels).all()


@pytest.mark.parametrize(
    ("K", "t", "width", "wanted"),
    [
        (np.eye(4), np.zeros(3), 10, "K"),
        (np.eye(3), np.zeros(2), 10, "t"),
        (np.eye(3), np.zeros(3), 0, "size"),
    ],
)
def test_wrong_cameras_are_refused(K: np.ndarray, t: np.ndarray, width: int, wanted: str) -> None:
    with pytest.raises(ValueError, match=wanted):
        Camera(K, np.eye(3), t, width, 10)
