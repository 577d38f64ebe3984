"""Metrics against values worked out by hand and against scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, mannwhitneyu

from lineament.evaluation.metrics import area_under_curve, mean, overlap, proportion, true_accept_rate


def test_tar_by_hand() -> None:
    non_mated = np.arange(300) / 1000.0
    mated = np.array([0.1, 0.2965, 0.31, 0.5])
    tar, threshold = true_accept_rate(mated, non_mated, 0.01)
    assert threshold == pytest.approx(0.296)
    assert (non_mated > threshold).mean() <= 0.01
    assert tar.value == 0.75 and tar.cases == 4


def test_failures_count_as_missed() -> None:
    tar, _ = true_accept_rate(np.array([-np.inf, 1.0]), np.linspace(0, 0.5, 400), 0.01)
    assert tar.value == 0.5


def test_a_rate_that_cannot_be_known_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot show"):
        true_accept_rate(np.ones(3), np.zeros(200), 0.01)


@given(st.integers(1, 500), st.data())
def test_intervals_agree_with_scipy(cases: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, cases))
    ours = proportion(successes, cases)
    theirs = binomtest(successes, cases).proportion_ci(0.95, "exact")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_auc_agrees_with_mann_whitney() -> None:
    rng = np.random.default_rng(1)
    a, b = np.round(rng.normal(1, 1, 80), 1), np.round(rng.normal(0, 1, 120), 1)
    assert area_under_curve(a, b) == pytest.approx(mannwhitneyu(a, b).statistic / (80 * 120))


def test_overlap_and_mean() -> None:
    a, b = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    assert overlap(a, b) == 1.0
    a[:2], b[1:3] = True, True
    assert overlap(a, b) == pytest.approx(4 / 12)
    figure = mean(np.array([0.2, 0.4, 0.6]))
    assert figure.value == pytest.approx(0.4) and figure.low < 0.4 < figure.high
    with pytest.raises(ValueError):
        mean(np.array([]))
