"""Score normalisation by a cohort."""

import numpy as np
import pytest

from lineament.recognition.face_score import LEAST_DEVIATION, cohort_level, normalised, unit_rows

RNG = np.random.default_rng(0)
STRANGERS = unit_rows(RNG.normal(size=(400, 64)).astype(np.float32))


def test_by_hand() -> None:
    # Cosines with the cohort: 0.6 and 0.8 (probe), 0.0 and 1.0 (reference).
    cohort = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    probe, reference = np.array([0.6, 0.8], np.float32), np.array([[0.0, 1.0]], np.float32)
    expected = 0.5 * ((0.8 - 0.7) / 0.1 + (0.8 - 0.5) / 0.5)
    assert normalised(probe, reference, cohort)[0] == pytest.approx(expected, rel=1e-5)


def test_a_common_look_is_taken_out() -> None:
    look = unit_rows(RNG.normal(size=(1, 64)).astype(np.float32))
    pairs = unit_rows(RNG.normal(size=(50, 64)).astype(np.float32))
    others = unit_rows(RNG.normal(size=(50, 64)).astype(np.float32))
    plain = np.array([normalised(a, b[None], STRANGERS)[0] for a, b in zip(pairs, others, strict=True)])
    alike = [unit_rows(x + 0.8 * look) for x in (pairs, others, STRANGERS)]
    shifted = np.array([normalised(a, b[None], alike[2])[0] for a, b in zip(alike[0], alike[1], strict=True)])
    raw = (alike[0] * alike[1]).sum(axis=1).mean() - (pairs * others).sum(axis=1).mean()
    assert raw > 0.3
    assert abs(shifted.mean() - plain.mean()) < 0.5


def test_an_identical_cohort_does_not_divide_by_nothing() -> None:
    _, deviation = cohort_level(STRANGERS[:1], np.repeat(STRANGERS[1:2], 5, axis=0))
    assert deviation[0] == pytest.approx(LEAST_DEVIATION)
