"""Verification by hand, by property, and over people."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics_data import matrix, pairs, people_matrix
from scipy.stats import norm

from lineament.evaluation.metrics import Figure, Rates, TooFew, Verification, failures, thinning
from lineament.evaluation.metrics.distribution import Distribution

whole = st.lists(st.integers(-20, 20), min_size=1, max_size=40)


def rates(mated, non_mated, dtype=np.float32) -> Rates:  # type: ignore[no-untyped-def]
    return Rates.of(*(Distribution(np.sort(np.asarray(side, dtype))) for side in (mated, non_mated)))


def test_by_hand() -> None:
    found = rates([8, 3, 7, 5], [6, 0, 4, 2])
    assert found.equal_error() == (0.25, 4.0)
    assert found.auc() == 13 / 16
    assert found.d_prime() == pytest.approx(2.75 / np.sqrt((5 + 3.6875) / 2))
    assert float(found.fmr(4.0)) == 0.25 and float(found.fnmr(4.0)) == 0.25
    assert float(found.fmr(-np.inf)) == 1.0 and float(found.fmr(6)) == 0.0
    assert found.threshold(0.25) == 4.0 and found.threshold(0.249) == 6.0 and found.fnmr_at(0) == 0.5


def test_failures_are_refused_at_every_threshold_and_tie_with_each_other() -> None:
    found = rates([-np.inf, 1], [-np.inf, 0])
    assert float(found.fnmr(-np.inf)) == 0.5 and float(found.fmr(-np.inf)) == 0.5
    assert found.auc() == (0.5 + 0 + 1 + 1) / 4
    assert rates([-np.inf, 1, 3], [-np.inf, 0, 0]).d_prime() == pytest.approx(2 / np.sqrt(0.5))


def test_a_threshold_between_two_floats_is_not_rounded_onto_a_score() -> None:
    assert float(rates([0.1], [0.0]).fnmr(0.1)) == 0.0  # float32(0.1) lies above 0.1
    assert float(rates([0.1], [0.0]).fnmr(float(np.float32(0.1)))) == 1.0


@given(whole, whole)
def test_only_the_order_of_scores_matters(mated: list[int], non_mated: list[int]) -> None:
    first = rates(mated, non_mated)
    second = rates(np.power(mated, 3) * 2.0 + 1, np.power(non_mated, 3) * 2.0 + 1)
    assert first.auc() == second.auc()
    assert first.equal_error()[0] == second.equal_error()[0]
    for rate in (0.0, 0.1, 0.5):
        assert first.fnmr_at(rate) == second.fnmr_at(rate)


@settings(max_examples=50)
@given(whole, whole)
def test_errors_move_against_each_other(mated: list[int], non_mated: list[int]) -> None:
    found = rates(mated, non_mated)
    thresholds = np.arange(-22, 22) / 1.0
    assert (np.diff(found.fmr(thresholds)) <= 0).all() and (np.diff(found.fnmr(thresholds)) >= 0).all()
    at = [found.fnmr_at(rate) for rate in (0, 0.01, 0.1, 0.3, 0.9)]
    assert (np.diff(at) <= 0).all()
    for rate in (0, 0.01, 0.1, 0.3, 0.9):
        lowest = found.threshold(rate)
        assert float(found.fmr(lowest)) <= rate
        lower = [score for score in non_mated if score < lowest]
        assert all(float(found.fmr(score)) > rate for score in lower)
    assert 0 <= found.equal_error()[0] <= 1
    assert found.auc() == pytest.approx(1 - rates(non_mated, mated).auc())


@given(whole, whole)
def test_the_equal_error_is_where_the_rates_differ_least(mated: list[int], non_mated: list[int]) -> None:
    found = rates(mated, non_mated)
    eer, threshold = found.equal_error()
    everywhere = np.array([-np.inf, *mated, *non_mated], float)
    gaps = np.abs(found.fmr(everywhere) - found.fnmr(everywhere))
    assert abs(float(found.fmr(threshold) - found.fnmr(threshold))) == pytest.approx(gaps.min())
    assert eer == pytest.approx(float(found.fmr(threshold) + found.fnmr(threshold)) / 2)


@given(whole, whole, st.integers(2, 4))
def test_counting_everybody_alike_changes_nothing(mated: list[int], non_mated: list[int], times: int) -> None:
    plain = rates(mated, non_mated)
    sides = (
        Distribution(side.scores, np.arange(len(side.scores) + 1.0) * times)
        for side in (plain.mated, plain.non_mated)
    )
    for other in (Rates.of(*sides), rates(mated * times, non_mated * times)):
        assert other.auc() == pytest.approx(plain.auc())
        assert other.equal_error()[0] == pytest.approx(plain.equal_error()[0])
        assert other.d_prime() == pytest.approx(plain.d_prime(), nan_ok=True)
        assert other.threshold(0.3) == plain.threshold(0.3)


def test_matrix_pairs_and_blocks_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    full = people_matrix(12, 3)
    whole = Verification.of(full)
    monkeypatch.setattr(thinning, "BLOCK", 100)
    blocked = Verification.of(full)
    score = full.score
    mated = full.mated & ~np.isnan(score)
    assert np.array_equal(whole.rates.mated.scores, np.sort(score[mated]))
    assert np.array_equal(whole.rates.non_mated.scores, np.sort(score[~full.mated]))
    assert np.array_equal(blocked.rates.non_mated.scores, whole.rates.non_mated.scores)
    weights = np.arange(12.0)
    assert blocked.resampled(weights).auc() == whole.resampled(weights).auc()


def test_people_count_on_both_sides() -> None:
    subject = ["a", "b", "c"]
    found = Verification.of(matrix([[5, 1, 2], [1, 6, 3], [2, 3, 7]], subject, subject))
    drawn = found.resampled(np.array([2.0, 1.0, 0.0]))
    assert drawn.mated.total == 3 and drawn.non_mated.total == 2 * (2 * 1)
    assert float(drawn.fmr(0.5)) == 1.0 and float(drawn.fmr(1.0)) == 0.0
    assert float(drawn.fnmr(5.5)) == pytest.approx(2 / 3)


def test_intervals_cover_where_those_over_comparisons_do_not() -> None:
    truth = norm.sf(2.5 / np.sqrt(1 + 2 * 0.7**2))
    covered, binomial = 0, 0
    for seed in range(40):
        found = Verification.of(people_matrix(30, 4, seed=seed))
        figure = found.fmr(2.5, rounds=200)
        assert isinstance(figure, Figure)
        covered += figure.low <= truth <= figure.high
        half = 1.96 * np.sqrt(truth * (1 - truth) / figure.cases)
        binomial += abs(figure.value - truth) <= half
    assert covered >= 36
    assert binomial <= 20


def test_independent_comparisons_have_about_the_binomial_interval() -> None:
    rng = np.random.default_rng(0)
    found = Verification.of(pairs(rng.normal(2, 1, 400), rng.normal(0, 1, 400)))
    figure = found.fnmr(1.0)
    assert figure.high - figure.low == pytest.approx(
        4 * np.sqrt(figure.value * (1 - figure.value) / 400), rel=0.25
    )


def test_the_thinned_copy_stands_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    full = people_matrix(40, 8)
    exact = Verification.of(full)
    for name, value in (("TAIL", 2000), ("STRATUM", 1000), ("BLOCK", 5000)):
        monkeypatch.setattr(thinning, name, value)
    thin = Verification.of(full)
    assert 3900 <= len(thin.non_mated.score) < 6000 < len(exact.non_mated.score)
    everybody = thin.resampled(np.ones(40))
    assert everybody.non_mated.total == pytest.approx(len(exact.rates.non_mated.scores))
    for rate in (0.3, 0.1, 0.01):
        threshold = exact.rates.threshold(rate)
        assert float(everybody.fmr(threshold)) == pytest.approx(rate, rel=0.05)
    assert np.array_equal(thin.non_mated.score[-1500:], exact.rates.non_mated.scores[-1500:])
    wide, narrow = (v.fmr(3.0, rounds=200) for v in (exact, thin))
    assert isinstance(wide, Figure) and isinstance(narrow, Figure)
    assert wide.value == narrow.value and wide.high == pytest.approx(narrow.high, rel=0.1)


def test_too_few_comparisons_are_said_not_guessed() -> None:
    found = Verification.of(pairs(np.full(50, 2.0), np.linspace(0, 1, 200)))
    report = found.report((0.1, 0.01), rounds=50)
    assert isinstance(report["tar_at_fmr_0.1"], Figure)
    few = report["tar_at_fmr_0.01"]
    assert few == TooFew(200, 300)
    assert str(few) == "too few non-mated comparisons (200 of at least 300)"
    none = found.fmr(1.5)
    assert isinstance(none, TooFew) and none.below == 3 / 200
    assert "below 0.015" in str(none)


def test_rates_of_few_errors_are_marked_and_never_certain() -> None:
    found = Verification.of(pairs(np.full(50, 2.0), np.linspace(0, 1, 2000)))
    figure = found.report((0.01,), rounds=50)["tar_at_fmr_0.01"]
    assert isinstance(figure, Figure)
    assert "rule of 30" in figure.note
    assert figure.value == 1.0 and figure.low == pytest.approx(0.025 ** (1 / 50))


def test_a_curve_ends_where_the_data_end() -> None:
    curve = Verification.of(people_matrix(20, 3)).curve(21, rounds=50)
    assert curve.fmr[0] > 0.99 and 0 < curve.fmr[-1] <= 3 / (60 * 57) * 1.01
    assert (np.diff(curve.fmr) <= 0).all() and (np.diff(curve.fnmr) >= 0).all()
    assert (curve.low <= curve.fnmr).all() and (curve.fnmr <= curve.high).all()


def test_failures_to_enrol_and_to_acquire() -> None:
    score = np.ones((4, 5))
    score[0], score[:, 1] = -np.inf, -np.inf
    found = failures(matrix(score, list("abcd"), list("abcde")))
    acquire, enrol = found["failure_to_acquire"], found["failure_to_enrol"]
    assert isinstance(acquire, Figure) and isinstance(enrol, Figure)
    assert acquire.value == 0.25 and enrol.value == 0.2


def test_a_system_that_fails_everywhere_has_no_distance_of_means() -> None:
    report = Verification.of(pairs(np.full(20, -np.inf), np.full(40, -np.inf))).report((0.1,), rounds=20)
    assert isinstance(report["d_prime"], TooFew)
    accepted = report["tar_at_fmr_0.1"]
    assert isinstance(accepted, Figure) and accepted.value == 0.0


def test_one_kind_of_comparison_is_no_experiment() -> None:
    with pytest.raises(ValueError, match="both are needed"):
        Verification.of(matrix([[1.0]], ["a"], ["a"]))
