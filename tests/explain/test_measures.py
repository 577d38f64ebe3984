"""Lengths measured on a photograph: right where the truth is known, honest where it cannot be."""

import json

import numpy as np
import pytest
from explain_bodies import prototype, shape, view

from lineament.anatomy import PART_INDEX, PART_NAMES
from lineament.explain.agreement import agreements
from lineament.explain.length_errors import PLAIN_FACTOR, LengthErrors
from lineament.explain.measures import LENGTHS, Lengths, measure, shape_of, shares
from lineament.geometry.site_model import SiteModel

NAMES = [one.name for one in LENGTHS]
LEGS = [i for i, name in enumerate(PART_NAMES) if name.endswith(("calf", "foot", "thigh"))]
ALL = np.ones(15, np.float32)


@pytest.fixture(scope="module")
def seen() -> Lengths:
    return measure(view(shape(), noise=1.0), SiteModel.load())


def test_lengths_of_a_known_body_lie_within_their_uncertainty(seen):
    truth, stature = shares(SiteModel.load(), shape())
    assert 1.4 < stature < 2.1
    assert (np.abs(seen.value - truth) < 2.5 * seen.sigma).all()
    # What the photograph alone says is less certain than with the average body's help.
    assert (seen.sigma > seen.drawn_sigma).all() and (seen.drawn_sigma < seen.adults).all()


def test_what_is_hidden_is_uncertain(seen):
    hidden = measure(view(shape(), noise=1.0, hidden=LEGS), SiteModel.load())
    legs, shoulders = NAMES.index("legs"), NAMES.index("shoulders")
    assert hidden.sigma[legs] > 1.5 * seen.sigma[legs]
    assert hidden.sigma[legs] > hidden.adults[legs]
    assert np.isfinite(hidden.sigma[shoulders])


def test_a_part_that_fits_badly_counts_less(seen):
    rough = [PART_INDEX["left_thigh"], PART_INDEX["right_thigh"], PART_INDEX["torso"]]
    loose = measure(view(shape(), noise=2.5, rough=rough), SiteModel.load())
    assert loose.looseness[rough].min() > 1.3 and loose.looseness[PART_INDEX["head"]] == 1.0
    hips = NAMES.index("hips")
    assert loose.sigma[hips] > 1.1 * seen.sigma[hips]


def test_a_prototype_gives_its_shape_back():
    wanted = shape()
    found = shape_of(prototype(wanted).points, SiteModel.load())
    truth, stature = shares(SiteModel.load(), wanted)
    got, height = shares(SiteModel.load(), found)
    assert np.allclose(got, truth, atol=1e-3) and height == pytest.approx(stature, abs=5e-3)


def _lengths(held, difference, sigma):
    count = len(LENGTHS)
    return Lengths(
        value=held + difference,
        sigma=np.full(count, sigma),
        drawn=held + difference,
        drawn_sigma=np.full(count, sigma),
        adults=np.full(count, 0.02),
        looseness=np.ones(15),
    )


def _errors(bias=0.0, factor=1.0):
    count = len(LENGTHS)
    return LengthErrors("m", (bias,) * count, (factor,) * count, 10, 60)


@pytest.mark.parametrize(
    ("difference", "sigma", "verdict"),
    [
        (0.03, 0.01, "larger"),
        (-0.03, 0.01, "smaller"),
        (0.015, 0.01, "agrees"),
        (0.03, 0.03, "uncertain"),
        (0.03, np.inf, "uncertain"),
    ],
)
def test_a_difference_is_claimed_only_beyond_its_uncertainty(difference, sigma, verdict):
    person, model = prototype(shape()), SiteModel.load()
    held, stature = shares(model, shape_of(person.points, model))
    found = agreements(_lengths(held, difference, sigma), ALL, person, _errors(), model)
    assert {one.verdict for one in found.lengths} == {verdict}
    if np.isfinite(sigma):
        assert found.lengths[0].difference_cm == pytest.approx(100 * stature * difference, abs=1e-3)
        assert found.lengths[0].uncertainty_cm == pytest.approx(
            200 * stature * np.hypot(sigma, 0.003), rel=1e-6
        )


def test_bias_is_taken_out_for_scans_and_cancels_for_photographs():
    model = SiteModel.load()
    held, stature = shares(model, shape_of(prototype(shape()).points, model))
    lengths, errors = _lengths(held, 0.03, 0.005), _errors(bias=0.03, factor=2.0)
    scan = agreements(lengths, ALL, prototype(shape()), errors, model).lengths[0]
    assert scan.difference_cm == pytest.approx(0.0, abs=1e-6) and scan.verdict == "agrees"
    photographs = agreements(lengths, ALL, prototype(shape(), source="photographs"), errors, model).lengths[0]
    assert photographs.difference_cm == pytest.approx(3 * stature, abs=1e-3)
    assert photographs.uncertainty_cm == pytest.approx(200 * stature * np.sqrt(2) * 0.005 * 2.0)


def test_parts_that_lack_are_named():
    model, visible = SiteModel.load(), ALL.copy()
    visible[[PART_INDEX["left_calf"], PART_INDEX["right_calf"]]] = 0.1
    visible[PART_INDEX["left_forearm"]] = 0.0
    held, _ = shares(model, shape_of(prototype(shape()).points, model))
    found = agreements(_lengths(held, 0.0, 0.005), visible, prototype(shape()), _errors(), model)
    by_name = dict(zip(NAMES, found.lengths, strict=True))
    assert by_name["legs"].verdict == "not visible" and by_name["legs"].lacking == ("calf",)
    # One forearm is enough.
    assert by_name["arms"].verdict == "agrees"


def test_errors_belong_to_one_model_and_are_plain_without(tmp_path):
    path = tmp_path / "lengths.json"
    _errors(bias=0.01).save(path)
    assert LengthErrors.load("m", path) == _errors(bias=0.01)
    for other in (LengthErrors.load("other", path), LengthErrors.load("m", tmp_path / "none")):
        assert not other.learned and set(other.factor) == {PLAIN_FACTOR}
    path.write_text(json.dumps({"model": "m"}))
    assert not LengthErrors.load("m", path).learned
    with pytest.raises(ValueError, match="for each length"):
        LengthErrors("m", (0.0,), (1.0,), 1, 1)
