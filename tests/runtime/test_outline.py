"""Outlines follow the photograph's edges."""

import numpy as np
import pytest

from lineament.evaluation.metrics import overlap
from lineament.runtime.outline import RADII, outline_of_colours, told_by_colours


def scene(seed: int, contrast: int) -> tuple[np.ndarray, np.ndarray]:
    """A noisy picture (256, 192, 3) of two legs on a patterned floor, and where they are."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:256, :192]
    legs = ((abs(columns - 75) < 12) | (abs(columns - 115) < 12)) & (rows > 40) & (rows < 220)
    floor = 100 + 15 * np.sin(columns[..., None] / (9.0, 7.0, 11.0))
    picture = np.where(legs[..., None], floor + contrast, floor) + rng.normal(0, 4, (256, 192, 3))
    return np.clip(picture, 0, 255).astype(np.uint8), legs


@pytest.mark.parametrize("contrast", [60, 90, -70])
def test_a_coarse_mask_is_drawn_to_the_edges_and_the_gap_between_legs_opens(contrast: int) -> None:
    picture, legs = scene(3, contrast)
    coarse = np.zeros_like(legs)
    coarse[36:226, 60:131] = True
    coarse[50:226, 91:100] = False
    told = told_by_colours(outline_of_colours(picture, coarse), picture / 255.0) >= 0.5
    assert overlap(coarse, legs) < 0.85
    assert overlap(told, legs) > overlap(coarse, legs) + 0.05


def test_without_edges_the_mask_stays() -> None:
    mask = np.zeros((256, 192), bool)
    mask[60:200, 60:130] = True
    grey = np.full((256, 192, 3), 128, np.uint8)
    told = told_by_colours(outline_of_colours(grey, mask), grey / 255.0) >= 0.5
    assert overlap(told, mask) > 0.95


def test_coefficients_solve_the_filters_equations() -> None:
    """At one place, against the least squares that He, Sun and Tang start from."""
    from lineament.runtime.outline import PENALTY, _linear

    rng = np.random.default_rng(0)
    colours, values = rng.random((41, 37, 3)), (rng.random((41, 37)) > 0.5).astype(float)
    radius = RADII[-1]
    slopes = {}
    for y in range(20 - radius, 21 + radius):
        for x in range(18 - radius, 19 + radius):
            near = (slice(y - radius, y + radius + 1), slice(x - radius, x + radius + 1))
            c, v = colours[near].reshape(-1, 3), values[near].ravel()
            centred = c - c.mean(axis=0)
            slope = np.linalg.solve(
                centred.T @ centred / len(c) + PENALTY * np.eye(3), centred.T @ (v - v.mean()) / len(c)
            )
            slopes[y, x] = np.append(slope, v.mean() - slope @ c.mean(axis=0))
    np.testing.assert_allclose(
        _linear(colours, values, radius)[20, 18],
        np.mean(list(slopes.values()), axis=0),
        rtol=1e-9,
        atol=1e-12,
    )
