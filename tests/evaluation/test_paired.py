"""The cost of a hardship is that of the same scenes."""

import numpy as np
import pytest
from metrics_data import table

from lineament.evaluation.comparisons import MISSED, ScoreMatrix
from lineament.evaluation.paired import paired_cost

PEOPLE, SCENES = 12, 5


def _experiment(cost: float) -> ScoreMatrix:
    """Scenes differ far more than their hard members lose."""
    rng = np.random.default_rng(0)
    subject = np.repeat([f"P{i:02d}" for i in range(PEOPLE)], 2 * SCENES)
    scene = np.repeat([f"{i}" for i in range(PEOPLE * SCENES)], 2)
    condition = np.tile(["plain", "new hair"], PEOPLE * SCENES)
    level = np.repeat(rng.normal(0, 5, PEOPLE * SCENES), 2) - cost * (condition == "new hair")
    references = table([f"P{i:02d}" for i in range(PEOPLE)])
    probes = table(subject, scene=scene, condition=condition)
    return ScoreMatrix(probes, references, np.tile(level[:, None], (1, PEOPLE)).astype(np.float32))


def test_a_small_cost_is_seen_through_large_differences_between_scenes() -> None:
    found = paired_cost(_experiment(0.5), 0.0, "new hair", rounds=200)
    assert found.score is not None and found.score.value == pytest.approx(-0.5, abs=1e-5)
    assert found.score.high < 0 and found.accepted.cases == PEOPLE * SCENES
    assert found.accepted.value == pytest.approx(found.hard - found.plain) and found.hard <= found.plain


def test_failures_cost_acceptances_and_no_score() -> None:
    scores = _experiment(0.0)
    score = scores.score.copy()
    score[1::2] = MISSED
    found = paired_cost(ScoreMatrix(scores.probes, scores.references, score), -1e6, "new hair", rounds=50)
    assert (found.plain, found.hard, found.score) == (1.0, 0.0, None)


def test_pairs_that_are_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="both plain and loose clothing"):
        paired_cost(_experiment(0.0), 0.0, "loose clothing")
    bare = table(["P"])
    with pytest.raises(ValueError, match="scene and condition"):
        paired_cost(ScoreMatrix(bare, bare, np.zeros((1, 1), np.float32)), 0.0, "new hair")
