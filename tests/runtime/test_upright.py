"""Turned windows: the way into the crop and back, and how a person's leaning is read."""

import cv2
import numpy as np
import pytest

from lineament.runtime.upright import best_turn, confidence, leaning
from lineament.runtime.windows import (
    CROP_HEIGHT,
    CROP_WIDTH,
    Window,
    covered,
    cut,
    inverse,
    window_round,
    window_turned,
)


def picture() -> np.ndarray:
    """Smooth, and different everywhere."""
    rows, columns = np.mgrid[:240, :320].astype(np.float64)
    waves = [np.sin(rows / 23 + k) + np.cos(columns / (17 + 5 * k)) for k in range(3)]
    return (127 + 60 * np.stack(waves, axis=-1)).astype(np.uint8)


@pytest.mark.parametrize("turn", [0.0, 0.4, -1.3, np.pi])
def test_a_turned_cut_shows_what_its_matrix_says(turn: float) -> None:
    image = picture()
    window = Window(100.0, 60.0, 196.0, 204.0, 32, 48, turn)
    crop = cut(image, window)
    cells = np.array([[3.5, 4.5], [16.5, 20.5], [28.5, 43.5]])
    places = cells @ window.to_photo[:, :2].T + window.to_photo[:, 2]
    blurred = cv2.blur(image, (3, 3))
    for (x, y), (u, v) in zip(places, cells, strict=True):
        if 2 <= x < 318 and 2 <= y < 238:
            difference = np.abs(crop[int(v), int(u)].astype(int) - blurred[int(y), int(x)].astype(int))
            assert difference.max() <= 12


def test_matrix_and_window_are_each_others_inverse() -> None:
    window = Window(10.0, 20.0, 74.0, 116.0, 128, 192, 0.7)
    again = Window.from_matrix(window.to_photo, 128, 192)
    np.testing.assert_allclose(again.to_photo, window.to_photo, atol=1e-9)
    both = np.vstack([window.to_photo, [0, 0, 1]]) @ np.vstack([inverse(window.to_photo), [0, 0, 1]])
    np.testing.assert_allclose(both, np.eye(3), atol=1e-12)


def test_a_window_turned_by_nothing_is_the_one_round_the_mask() -> None:
    window = Window(10.0, 20.0, 138.0, 212.0, 128, 192)
    mask = np.zeros((192, 128), np.uint8)
    mask[40:150, 30:90] = 1
    expected = window_round(window.box_of(mask))
    np.testing.assert_allclose(window_turned(window, mask, 0.0).to_photo, expected.to_photo, atol=1e-9)
    turned = window_turned(window, mask, np.pi / 2)
    # The mask's middle stays in the middle; its height now runs along the crop's rows.
    middle = (CROP_WIDTH / 2, CROP_HEIGHT / 2, 1)
    np.testing.assert_allclose(turned.to_photo @ middle, expected.to_photo @ middle, atol=1e-6)
    assert turned.x1 - turned.x0 > expected.x1 - expected.x0


def test_covered_stays_inside_the_photograph() -> None:
    assert covered(Window(-50.0, -50.0, 500.0, 500.0).to_photo, 100, 200, 192, 128) == (0, 0, 200, 100)
    x0, y0, x1, y1 = covered(Window(300.0, 0.0, 400.0, 50.0).to_photo, 100, 200, 192, 128)
    assert x1 <= x0 or y1 <= y0


@pytest.mark.parametrize("degrees", [0, 30, -75, 180])
def test_leaning_is_the_direction_of_up(degrees: float) -> None:
    rows, columns = np.mgrid[:48, :32].astype(np.float64)
    angle = np.radians(degrees)
    up = np.array([np.sin(angle), -np.cos(angle)])
    right = np.array([np.cos(angle), np.sin(angle)])
    offset = np.stack([columns - 16, rows - 24], axis=-1) * 0.03
    canonical = np.stack([offset @ right, np.zeros((48, 32)), offset @ up + 1.0], axis=-1)
    classes = np.zeros((48, 32, 15))
    classes[10:40, 8:24, 2] = 0.9
    classes[..., 0] = 1.0 - classes[..., 2]
    found = leaning(classes, canonical)
    assert np.cos(found - angle) == pytest.approx(1.0, abs=1e-6)
    assert confidence(classes) == pytest.approx(0.9)


def test_hardly_anything_says_nothing() -> None:
    classes = np.zeros((48, 32, 15))
    classes[..., 0] = 1.0
    assert leaning(classes, np.zeros((48, 32, 3))) == 0.0
    assert confidence(classes) == 0.0


def test_upright_wins_unless_another_is_clearly_surer() -> None:
    assert best_turn([0.70, 0.71, 0.1, 0.2]) == 0
    assert best_turn([0.70, 0.60, 0.75, 0.2]) == 2
