import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineament.runtime.face_crops import CROP_SIZE, FIVE_POINTS, apply, invert, similarity, warp

angles = st.floats(-3.1, 3.1)
scales = st.floats(0.05, 8.0)
offsets = st.tuples(st.floats(-500, 500), st.floats(-500, 500))


def transform(angle, scale, offset):
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[c, -s, offset[0]], [s, c, offset[1]]])


@given(angles, scales, offsets)
def test_similarity_recovers_the_transform(angle, scale, offset):
    truth = transform(angle, scale, offset)
    found = similarity(FIVE_POINTS, apply(truth, FIVE_POINTS))
    assert np.allclose(found, truth, atol=1e-6)
    assert np.allclose(apply(invert(found), apply(found, FIVE_POINTS)), FIVE_POINTS, atol=1e-6)


def test_weights_leave_out_a_point():
    moved = FIVE_POINTS.copy()
    moved[2] += 30
    weights = np.array([1, 1, 0, 1, 1.0])
    assert np.allclose(similarity(FIVE_POINTS, moved, weights), [[1, 0, 0], [0, 1, 0]], atol=1e-9)


def test_coinciding_points_are_refused():
    with pytest.raises(ValueError, match="coincide"):
        similarity(np.ones((5, 2)), FIVE_POINTS)


@pytest.mark.parametrize("scale", [0.11, 0.3, 0.7, 1.0, 2.5])
def test_crops_put_points_where_the_matrix_says(scale):
    """A bright blob at a known place lands within half a crop pixel, whatever the scale."""
    centre, sigma = np.array([301.5, 222.0]), 3.0 / scale
    y, x = np.mgrid[:480, :640] + 0.5
    blob = 255 * np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * sigma**2))
    image = np.repeat(blob[..., None], 3, axis=2).astype(np.uint8)
    matrix = transform(0.2, scale, (0, 0))
    matrix[:, 2] = (50.0, 61.0) - matrix[:, :2] @ centre
    crop = warp(image, matrix)[..., 0].astype(float)
    v, u = np.mgrid[:CROP_SIZE, :CROP_SIZE] + 0.5
    found = np.array([(crop * u).sum(), (crop * v).sum()]) / crop.sum()
    assert np.abs(found - (50.0, 61.0)).max() < 0.5


def test_outside_is_black():
    crop = warp(np.full((20, 20, 3), 200, dtype=np.uint8), transform(0, 1, (46, 46)))
    assert crop[56, 56].tolist() == [200] * 3 and not crop[:40].any()


def test_strong_reduction_averages():
    """One-pixel stripes vanish into grey rather than into moire."""
    image = np.zeros((1000, 1000, 3), dtype=np.uint8)
    image[:, ::2] = 255
    crop = warp(image, transform(0, 0.112, (0, 0)))[10:-10, 10:-10]
    assert crop.std() < 15 and abs(float(crop.mean()) - 127.5) < 3
