"""Bias and honesty of measured lengths: what is fitted makes stated uncertainties cover the errors."""

import numpy as np
import pytest

pytestmark = pytest.mark.train

pytest.importorskip("anny")

from lineament.explain.measures import LENGTHS, Lengths, shares  # noqa: E402
from lineament.geometry.site_model import SiteModel  # noqa: E402
from lineament.training.lengths import WITHIN, Error, error_of, fit_errors  # noqa: E402

COUNT = len(LENGTHS)


def test_bias_is_taken_out_and_the_factor_covers_the_rest() -> None:
    rng = np.random.default_rng(0)
    sigma = rng.uniform(0.01, 0.03, (400, COUNT))
    error = 0.02 + 1.7 * sigma * rng.normal(size=(400, COUNT))
    fitted = fit_errors([Error(*one) for one in zip(error, sigma, strict=True)], 40, "m")
    assert fitted.bias == pytest.approx([0.02] * COUNT, abs=0.005)
    assert fitted.factor == pytest.approx([1.7] * COUNT, rel=0.12)
    covered = np.abs(error - fitted.bias) <= 2 * sigma * np.array(fitted.factor)
    assert covered.mean(axis=0) == pytest.approx([WITHIN] * COUNT, abs=0.005)
    assert fitted.learned and (fitted.people, fitted.photographs) == (40, 400)


def test_what_was_never_measured_is_refused() -> None:
    sigma = np.full(COUNT, 0.01)
    sigma[2] = np.inf
    with pytest.raises(ValueError, match="on no photograph"):
        fit_errors([Error(np.zeros(COUNT), sigma)] * 5, 1, "m")


def test_errors_are_measured_minus_true() -> None:
    model = SiteModel.load()
    held, _ = shares(model, np.zeros(16))
    sure, grown = np.full(COUNT, 0.01), held + 0.03
    found = Lengths(grown, sure, grown, sure, sure, np.ones(15))
    assert error_of(found, model.shape_mean, model).error == pytest.approx([0.03] * COUNT, abs=1e-6)
