"""Costs and makers of likelihood ratios, by hand and by property."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from metrics_data import pairs

from lineament.evaluation.metrics import (
    Figure,
    Rates,
    TooFew,
    Verification,
    calibration_curve,
    cllr,
    isotonic,
    logistic,
    min_cllr,
)
from lineament.evaluation.metrics.distribution import Distribution

whole = st.lists(st.integers(-9, 9), min_size=1, max_size=30)


def rates(mated, non_mated) -> Rates:  # type: ignore[no-untyped-def]
    return Rates.of(*(Distribution(np.sort(np.asarray(side, np.float64))) for side in (mated, non_mated)))


def test_cost_by_hand() -> None:
    three = np.log(3)
    assert cllr(rates([three, 0], [-three, 0])) == pytest.approx((np.log2(4 / 3) + 1) / 2)
    assert cllr(rates([0, 0], [0])) == pytest.approx(1.0)
    assert cllr(rates([800], [-800])) == 0.0 and np.isfinite(cllr(rates([-800], [800])))


def test_lowest_cost_by_hand() -> None:
    assert min_cllr(rates([1, 3], [0, 2])) == pytest.approx(0.5)
    assert min_cllr(rates([2, 3], [0, 1])) == 0.0
    assert min_cllr(rates([0], [1])) == pytest.approx(1.0)
    assert min_cllr(rates([1], [1])) == pytest.approx(1.0)


def test_a_failure_costs_a_bit_and_no_more() -> None:
    assert min_cllr(rates([-np.inf, 1], [0, 0])) == pytest.approx(0.25)
    assert cllr(rates([-np.inf, 90], [-90, -np.inf])) == pytest.approx(0.5)
    assert min_cllr(rates([-np.inf], [0, 1])) == pytest.approx(0.5)
    assert min_cllr(rates([-np.inf], [-np.inf])) == 1.0
    with pytest.raises(ValueError, match="no failures"):
        isotonic(rates([-np.inf], [0]))
    assert isotonic(rates([-np.inf, 1], [0])).llr(np.array([-np.inf]))[0] == 0.0
    assert logistic(rates([-np.inf, 1, 2], [0, 1])).llr(np.array([-np.inf]))[0] == 0.0


@given(whole, whole)
def test_no_rising_map_costs_less_than_the_lowest_cost(mated: list[int], non_mated: list[int]) -> None:
    found = rates(mated, non_mated)
    lowest = min_cllr(found)
    assert -1e-12 <= lowest <= 1 + 1e-12
    assert lowest <= cllr(found) + 1e-9
    line = logistic(found)
    fitted = [line.llr(np.asarray(side, float)) for side in (mated, non_mated)]
    assert lowest - 1e-9 <= cllr(rates(*fitted)) <= 1 + 1e-6
    cubed = rates(np.power(mated, 3), np.power(non_mated, 3))
    assert min_cllr(cubed) == pytest.approx(lowest, abs=1e-12)


@given(whole, whole)
def test_isotonic_ratios_rise_are_finite_and_cost_near_the_least(
    mated: list[int], non_mated: list[int]
) -> None:
    found = rates(mated * 200, non_mated * 200)
    steps = isotonic(found)
    values = steps.llr(np.arange(-12.0, 13.0))
    assert np.isfinite(values).all() and (np.diff(values) >= -1e-12).all()
    fitted = [steps.llr(side.scores) for side in (found.mated, found.non_mated)]
    assert min_cllr(found) - 1e-9 <= cllr(rates(*fitted)) <= min_cllr(found) + 0.05


def test_a_logistic_line_finds_the_true_ratio_of_two_normals() -> None:
    rng = np.random.default_rng(0)
    line = logistic(rates(rng.normal(2, 1, 20000), rng.normal(0, 1, 50000)))
    assert (line.slope, line.intercept) == pytest.approx((2.0, -2.0), abs=0.06)
    downwards = logistic(rates([0, 1], [2, 3]))
    assert downwards.slope == 0.0 and downwards.intercept == 0.0


def test_a_calibration_curve_shows_the_factor_by_which_claims_are_off() -> None:
    rng = np.random.default_rng(0)
    llr = [2 * rng.normal(m, 1, 4000) - 2 for m in (2.0, 0.0)]
    for offset in (0.0, 1.5):
        rows = calibration_curve(Verification.of(pairs(llr[0] + offset, llr[1] + offset)), rounds=50)
        assert sum(row.mated for row in rows) == 4000 and sum(row.non_mated for row in rows) == 4000
        middle = [row for row in rows if min(row.mated, row.non_mated) > 100]
        assert len(middle) >= 4
        for row in middle:
            assert isinstance(row.observed, Figure)
            assert row.claimed - row.observed.value == pytest.approx(offset, abs=0.25)
            assert row.observed.low < row.observed.value < row.observed.high


def test_a_bin_of_one_kind_shows_no_ratio() -> None:
    rows = calibration_curve(Verification.of(pairs([3, 4, 5, 6], [-6, -5, -4, -np.inf])), 4, rounds=10)
    assert all(isinstance(row.observed, TooFew) for row in rows)
    assert sum(row.non_mated for row in rows) == 3
