"""Points drawn as pixels: the nearest wins, what faces away is left out, small holes are closed."""

import numpy as np
import pytest

from lineament.geometry.camera import Camera
from lineament.geometry.splat import EMPTY, splat

CAMERA = Camera.looking_at(
    np.zeros(3), azimuth=0.0, elevation=0.0, distance=2.0, focal=100.0, width=64, height=48
)
TOWARDS = np.array([0.0, -1.0, 0.0])


def plane(y: float, step: float = 0.01, half: float = 0.2) -> np.ndarray:
    """Points (N, 3) of a square at depth 2 + y."""
    places = np.arange(-half + step / 2, half, step)
    x, z = np.meshgrid(places, places)
    return np.stack([x.ravel(), np.full(x.size, y), z.ravel()], axis=1)


def draw(points: np.ndarray, normal: np.ndarray = TOWARDS, **settings: float):  # type: ignore[no-untyped-def]
    colours = np.full((len(points), 3), (200, 100, 50), np.uint8)
    return splat(points, np.broadcast_to(normal, points.shape), colours, CAMERA, **settings)


def test_a_square_lands_where_the_camera_says() -> None:
    found = draw(plane(0.0))
    rows, columns = np.nonzero(found.index != EMPTY)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (14, 33, 22, 41)
    assert len(rows) == 20 * 20
    assert found.depth[24, 32] == pytest.approx(2.0)
    assert np.isinf(found.depth[0, 0]) and (found.image[0, 0] == 128).all()


def test_the_nearer_of_two_is_drawn_whatever_the_order() -> None:
    near, far = plane(-0.3), plane(0.3)
    for points, first in ((np.concatenate([near, far]), True), (np.concatenate([far, near]), False)):
        index = draw(points).index
        shown = index[20:28, 28:36]
        assert ((shown < len(near)) == first).all()


def test_what_faces_away_or_lies_behind_is_not_drawn() -> None:
    assert (draw(plane(0.0), -TOWARDS).index == EMPTY).all()
    assert (draw(plane(-3.0)).index == EMPTY).all()


def test_gaps_of_two_pixels_are_closed_and_the_outside_stays_empty() -> None:
    found = draw(plane(0.0, step=0.045))
    assert (found.index[16:31, 24:39] != EMPTY).all()
    assert (found.index[:10] == EMPTY).all() and (found.index[:, :18] == EMPTY).all()


def test_slanted_surfaces_are_darker() -> None:
    slanted = np.array([np.sin(1.0), -np.cos(1.0), 0.0])
    facing, turned, plain = (
        int(draw(plane(0.0), normal, shade=shade).image[24, 32, 0])
        for normal, shade in ((TOWARDS, 0.5), (slanted, 0.5), (slanted, 0.0))
    )
    assert facing == pytest.approx(200, abs=1)
    assert turned == pytest.approx(200 * (0.5 + 0.5 * np.cos(1.0)), abs=4)
    assert plain == 200
