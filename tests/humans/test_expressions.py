"""Facial expressions: names that exist, neutral faces in their share, the same face as built, quickly."""

import time

import numpy as np
import pytest

from lineament.humans.body import BodyModel
from lineament.humans.expressions import CLOSED_SHARE, EXPRESSIONS, NEUTRAL_SHARE, sample_expression

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def model() -> BodyModel:
    return BodyModel.load()


def test_every_drawn_action_exists(model: BodyModel) -> None:
    drawn = [sample_expression(np.random.default_rng(seed)) for seed in range(600)]
    assert {name for one in drawn for name in one} <= set(model.expression_names)
    assert all(0 < value <= 1 for one in drawn for value in one.values())
    assert drawn[3] == sample_expression(np.random.default_rng(3))
    resting = np.mean([all(name.startswith("eye") for name in one) for one in drawn])
    assert abs(resting - NEUTRAL_SHARE) < 0.06
    shut = np.mean([min(one.get(f"eyeBlink{side}", 0) for side in ("Left", "Right")) > 0.8 for one in drawn])
    assert abs(shut - CLOSED_SHARE) < 0.03
    assert abs(sum(one.share for one in EXPRESSIONS.values()) - 1) < 1e-9


def test_faces_are_as_if_built_so(model: BodyModel) -> None:
    rng = np.random.default_rng(2)
    parameters = model.sample(rng)
    body = model.build(parameters)
    kept = body.vertices.copy()
    weights = {"jawOpen": 0.7, "mouthSmileLeft": 0.5, "eyeBlinkRight": 1.0}
    one, other = model.with_expression(body, weights), model.build(parameters, weights)
    assert np.abs(one.vertices - other.vertices).max() < 1e-5
    assert np.abs(one.bone_heads - other.bone_heads).max() < 1e-5
    assert np.array_equal(body.vertices, kept), "the body that was given stays as it was"
    assert np.abs(one.vertices - kept).max() > 0.005
    assert model.with_expression(body, {}) is body
    with pytest.raises(ValueError, match="unknown expression 'grin'"):
        model.with_expression(body, {"grin": 1.0})


def test_an_expression_takes_less_than_a_millisecond(model: BodyModel) -> None:
    body = model.build(model.average())
    weights = [sample_expression(np.random.default_rng(seed)) for seed in range(50)]
    took = []
    for _ in range(5):
        start = time.process_time()
        for one in weights:
            model.with_expression(body, one)
        took.append((time.process_time() - start) / len(weights))
    assert min(took) < 1e-3
