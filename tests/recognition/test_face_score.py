"""Score normalisation by a cohort."""

import numpy as np
import pytest

from lineament.recognition.face_score import LEAST_DEVIATION, normal_parts, normalised, unit_rows

RNG = np.random.default_rng(0)
STRANGERS = unit_rows(RNG.normal(size=(400, 64)).astype(np.float32))


def test_by_hand() -> None:
    # The cohort's common direction is x; without it cohort, probe and reference are (0, 1, 0) and the like.
    cohort = np.array([[0.8, 0.6, 0.0], [0.8, -0.6, 0.0]], np.float32)
    probe, reference = np.array([0.6, 0.64, 0.48], np.float32), np.array([[0.0, 0.0, 1.0]], np.float32)
    # Left of the probe: (0, 0.8, 0.6), cosines 0.8 and -0.8 with the cohort; of the reference: all, 0 and 0.
    expected = 0.6 * 0.5 * (1 / 0.8 + 1 / LEAST_DEVIATION)
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


def test_a_cohort_says_nothing_of_those_who_do_not_look_like_it() -> None:
    """Photographs beside renders: their mean cosine with the cohort is noise, and must not move scores."""
    look = unit_rows(RNG.normal(size=(1, 64)).astype(np.float32))
    cohort = unit_rows(STRANGERS + 2 * look)
    ours, size = normal_parts(STRANGERS[:50], cohort)
    cosine = (STRANGERS[:50] * ours).sum(axis=1)
    assert cosine.min() > 0.9 and size.std() < 0.2 * size.mean()


def test_an_identical_cohort_does_not_divide_by_nothing() -> None:
    left, size = normal_parts(STRANGERS[:2], np.repeat(STRANGERS[1:2], 5, axis=0))
    assert np.isfinite(left).all() and size.tolist() == pytest.approx([LEAST_DEVIATION] * 2)
