"""Groups of people, one of which is harder: it is named, in figures, words and page."""

from pathlib import Path

import numpy as np
import pytest

from lineament.evaluation.comparisons import MISSED, SampleTable, ScoreMatrix
from lineament.evaluation.groups import grouped
from lineament.evaluation.metrics import Figure
from lineament.evaluation.report import page_of
from lineament.evaluation.report_json import json_of, write_json
from lineament.evaluation.report_text import text_of
from lineament.evaluation.run import Run, RunRecord
from lineament.evaluation.score import Counting, score

PEOPLE, SHOTS = 40, 4


def matrix(noise: dict[str, float], covariate: str = "sex") -> ScoreMatrix:
    """Half of the people in each group; more noise makes a group harder. One shot of group b fails."""
    rng = np.random.default_rng(1)
    group = np.repeat(np.resize(list(noise), PEOPLE), SHOTS)
    shots = rng.normal(size=(PEOPLE, 8)).repeat(SHOTS, 0)
    shots += np.array([noise[str(one)] for one in group])[:, None] * rng.normal(size=shots.shape)
    shots /= np.linalg.norm(shots, axis=1, keepdims=True)
    found = (shots @ shots.T).astype(np.float32)
    failed = np.zeros(len(found), bool)
    failed[SHOTS] = True
    found[failed], found[:, failed] = MISSED, MISSED
    np.fill_diagonal(found, np.nan)
    names = np.array([f"{i // SHOTS}-{i % SHOTS}" for i in range(len(found))])
    table = SampleTable(names, np.array([n.split("-")[0] for n in names]), failed, {covariate: group})
    return ScoreMatrix(table, table, found)


def run(scores: ScoreMatrix, nominal: np.ndarray | None = None) -> Run:
    record = RunRecord(
        protocol="made-up", dataset="made-up", folder="", terms="none", may_show=False, system="s", about="n",
        settings={}, comparing={}, plan="p", software="l", started="2026-01-01T00:00:00Z",
    )  # fmt: skip
    return Run(Path("runs"), record, scores, nominal)


def test_the_harder_group_is_named(tmp_path: Path) -> None:
    results = score(run(matrix({"a": 0.4, "b": 1.0})), Counting(rounds=100))
    one = results.groups["sex"].rates["fnmr"]
    assert one.worst == "b" and isinstance(one.to_best, Figure) and one.to_best.value > 1.5
    failures = results.groups["sex"].failures
    assert failures["a"]["failure_to_enrol"].value == 0  # type: ignore[union-attr]
    assert failures["b"]["failure_to_enrol"].value == pytest.approx(1 / 80)  # type: ignore[union-attr]
    assert "by sex, FNMR: worst group b" in "\n".join(text_of(results))
    assert "<h3>sex</h3>" in page_of(run(matrix({"a": 0.4, "b": 1.0})), results)
    write_json(tmp_path / "f.json", json_of(results))
    assert '"worst": "b"' in (tmp_path / "f.json").read_text()


def test_groups_are_those_that_are_named() -> None:
    wing = matrix({"a": 0.4, "b": 1.0}, "wing")
    assert grouped(wing, 0.5, rounds=50) == {}
    assert grouped(wing, 0.5, ["wing"], rounds=50)["wing"].rates["fnmr"].worst == "b"
    assert grouped(wing, None, ["wing"])["wing"].rates == {}
    with pytest.raises(ValueError, match="no covariate 'sex' on both sides; they have wing"):
        grouped(wing, 0.5, ["sex"])
    assert grouped(matrix({"a": 1.0}), 0.5) == {}


def test_claims_are_held_against_what_is_observed() -> None:
    scores = matrix({"a": 0.6, "b": 0.6})
    overstated = ScoreMatrix(scores.probes, scores.references, scores.score * np.float32(40))
    claims = score(run(overstated, np.ones_like(scores.score)), Counting(rounds=100)).claims
    known = [(one.claimed, one.observed.value) for one in claims if isinstance(one.observed, Figure)]
    ends = [
        end
        for one in claims
        if isinstance(one.observed, Figure)
        for end in (one.observed.low, one.observed.high)
    ]
    assert not np.isnan(ends).any()
    assert len(known) >= 2 and max(claimed - observed for claimed, observed in known) > 5
    assert score(run(scores), Counting(rounds=100)).claims == ()
