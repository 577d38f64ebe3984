import numpy as np
import pytest

from lineament.recognition.face_pooling import LEAST, pooled_embedding

ROWS = np.eye(3, dtype=np.float32)


def test_the_weighted_mean_by_hand() -> None:
    found = pooled_embedding(ROWS, [0.9, 0.3, 0.0])
    expected = np.array([0.9, 0.3, LEAST])
    assert found.dtype == np.float32
    assert np.allclose(found, expected / np.linalg.norm(expected), atol=1e-6)


def test_one_is_itself_and_unknown_quality_counts_least() -> None:
    assert np.allclose(pooled_embedding(ROWS[:1], [0.0]), ROWS[0])
    found = pooled_embedding(ROWS[:2], [1.0, float("nan")])
    assert found[1] / found[0] == pytest.approx(LEAST)


def test_nothing_and_opposites_are_refused() -> None:
    for rows, quality in ((ROWS[:0], []), (ROWS, [1.0])):
        with pytest.raises(ValueError, match="cannot be pooled"):
            pooled_embedding(rows, quality)
    with pytest.raises(ValueError, match="cancel out"):
        pooled_embedding(np.stack([ROWS[0], -ROWS[0]]), [1.0, 1.0])
