"""Runs judged, compared and reported; a made-up world whose truth is known."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lineament.errors import BadInputError
from lineament.evaluation.compare import compare
from lineament.evaluation.comparisons import MISSED, PairScores, SampleTable, ScoreMatrix
from lineament.evaluation.metrics import Figure, TooFew
from lineament.evaluation.metrics.discard import DiscardCurve
from lineament.evaluation.peers_table import Row, table_of
from lineament.evaluation.plots import Axis, Line, line_chart
from lineament.evaluation.report import page_of
from lineament.evaluation.report_errors import least_mated, most_non_mated
from lineament.evaluation.report_json import json_of, write_json
from lineament.evaluation.report_text import confusion_csv, text_of
from lineament.evaluation.run import Run, RunRecord
from lineament.evaluation.score import Counting, nominal_against_actual, score

PEOPLE, SHOTS = 24, 4
QUICK = Counting(rounds=100)


def run(noise: float = 0.6, *, may_show: bool = False, folder: Path = Path(), plan: str = "p") -> Run:
    rng = np.random.default_rng(3)
    centre = rng.normal(size=(PEOPLE, 16))
    shots = centre.repeat(SHOTS, 0) + noise * rng.normal(size=(PEOPLE * SHOTS, 16))
    shots /= np.linalg.norm(shots, axis=1, keepdims=True)
    score = (shots @ shots.T).astype(np.float32)
    np.fill_diagonal(score, np.nan)
    names = np.array([f"{i // SHOTS}-{i % SHOTS}.png" for i in range(PEOPLE * SHOTS)])
    failed = np.zeros(len(names), bool)
    failed[5] = True
    score[5], score[:, 5] = MISSED, MISSED
    score[5, 5] = np.nan
    yaw = np.tile(np.array([0.0, 20.0, 50.0, np.nan]), PEOPLE)
    table = SampleTable(names, np.array([n.split("-")[0] for n in names]), failed, {"yaw": yaw})
    record = RunRecord(
        protocol="made-up, full", dataset="made-up", folder=str(folder), terms="none to be shown <b>",
        may_show=may_show, system="system", about="nothing", settings={"weights": "w"}, comparing={},
        plan=plan, software="lineament", started="2026-01-01T00:00:00Z",
    )  # fmt: skip
    pictures = {str(name): str(name) for name in names}
    return Run(Path("runs"), record, ScoreMatrix(table, table, score), None, pictures, {"1-1.png": "no face"})


def test_figures_curves_bins_and_confusion_of_a_matrix() -> None:
    results = score(run(), QUICK)
    assert results.counts["mated comparisons"] == PEOPLE * SHOTS * (SHOTS - 1) // 2
    assert results.counts["failed probes"] == 1 and results.failed == {"no face": 1}
    assert isinstance(results.figures["tar_at_fmr_0.01"], Figure)
    assert isinstance(results.figures["tar_at_fmr_1e-06"], TooFew)
    labels = [one.label for one in results.bins["yaw"]]
    assert labels == ["0 to 15 degrees", "15 to 30 degrees", "45 to 60 degrees", "unknown"]
    assert results.confusion is not None and results.confusion.count.sum() == PEOPLE * SHOTS
    assert results.cmc[1] == results.identification["rank 1"]
    lines = "\n".join(text_of(results))
    assert f"{results.confusion.correct} of 96 probes returned rightly" in lines
    table = confusion_csv(results.confusion).splitlines()
    assert len(table) == PEOPLE + 2 and table[0].startswith('true,"0","1","10"')
    counts = np.array([row.split(",")[1:] for row in table[1:]], int)
    assert counts.sum() == 96 and np.trace(counts) == results.confusion.correct
    assert "too few non-mated comparisons" in lines and "1 failed: no face" in lines


def test_paired_scenes_get_the_cost_of_each_hardship() -> None:
    assert "Hardships" not in page_of(run(), score(run(), QUICK))
    made = run()
    references = np.arange(0, PEOPLE * SHOTS, SHOTS)
    probes = np.setdiff1d(np.arange(PEOPLE * SHOTS), references)
    told = {
        "scene": np.repeat(np.arange(len(probes) // 3), 3),
        "condition": np.tile(["plain", "hat", "coat"], PEOPLE),
    }
    whole, scores = made.scores.probes, made.scores.score[np.ix_(probes, references)].copy()
    scores[1::3] -= 0.6
    asked = SampleTable(whole.name[probes], whole.subject[probes], whole.failed[probes], told)
    kept = SampleTable(whole.name[references], whole.subject[references], whole.failed[references], {})
    paired = replace(made, scores=ScoreMatrix(asked, kept, scores))
    results = score(paired, QUICK)
    assert set(results.costs) == {"hat", "coat"} and results.costs["hat"].score.high < -0.4
    assert json_of(results)["hardships"]["hat"]["accepted with"] == results.costs["hat"].hard
    assert any(line.strip().startswith("hat against the same scenes without") for line in text_of(results))
    assert "Hardships" in page_of(paired, results)


def test_a_system_that_gives_quality_gets_its_curve_of_discarded_photographs() -> None:
    without = score(run(1.5), QUICK)
    assert without.discard is None and "Errors against photographs" not in page_of(run(1.5), without)
    made = run(1.5)
    knows = np.where(made.scores.probes.failed, np.nan, np.nanmedian(_own_mated(made), axis=1))
    quality = dict(made.scores.probes.covariates) | {"quality": knows}
    table = replace(made.scores.probes, covariates=quality)
    known = replace(made, scores=ScoreMatrix(table, table, made.scores.score))
    results = score(known, QUICK)
    assert isinstance(results.discard, DiscardCurve)
    assert results.discard.relative.high < 1
    assert "Errors against photographs discarded" in page_of(known, results)
    told = json_of(results)["error versus discard"]
    assert len(told["share"]) == len(told["fnmr"]) and told["relative"]["value"] < 1
    assert any("error versus discard, area" in line for line in text_of(results))


def _own_mated(made: Run) -> np.ndarray:
    same = made.scores.probes.subject[:, None] == made.scores.references.subject
    return np.where(same & np.isfinite(made.scores.score), made.scores.score, np.nan)


def test_nominal_rates_that_are_off_are_findings() -> None:
    plain = run()
    rng = np.random.default_rng(0)
    honest = rng.uniform(size=plain.scores.score.shape).astype(np.float32)
    truth, loose, strict = (
        nominal_against_actual(Run(plain.folder, plain.record, plain.scores, one), QUICK)
        for one in (honest, honest / 5, np.minimum(1, honest * 5))
    )
    assert not truth[0].finding and not truth[1].finding
    assert loose[1].finding == "more false matches than stated" and loose[1].certain
    assert strict[0].finding == "fewer false matches than stated"
    assert truth[0].fmr.value == pytest.approx(0.1, rel=0.15)  # type: ignore[union-attr]
    assert truth[0].fnmr.value == pytest.approx(0.9, abs=0.1)


def test_json_holds_no_path_and_no_infinity(tmp_path: Path) -> None:
    content = json_of(score(run(folder=Path("/secret/place")), QUICK))
    write_json(tmp_path / "figures.json", content)
    text = (tmp_path / "figures.json").read_text()
    assert "secret" not in text and json.loads(text)["figures"]["auc"]["people"] == PEOPLE


def test_a_worse_system_is_worse_and_the_same_is_the_same() -> None:
    good, bad = run(0.4), run(1.2)
    found = compare(good, bad, rounds=200)
    assert found["auc"].by.value < 0 and found["auc"].sure
    assert found["rank 1"].second < found["rank 1"].first
    same = compare(good, run(0.4), rounds=200)
    assert all(one.by.value == 0 and one.by.low == 0 == one.by.high for one in same.values())
    with pytest.raises(BadInputError, match="different samples"):
        compare(good, run(plan="other"))


def test_pairing_makes_the_interval_of_a_difference_narrower() -> None:
    first, second = run(1.0), run(1.05)
    paired = compare(first, second, rounds=300)["auc"].by
    alone = [score(one, Counting(rounds=300)).figures["auc"] for one in (first, second)]
    widths = [one.high - one.low for one in alone]  # type: ignore[union-attr]
    assert paired.high - paired.low < np.hypot(*widths)


def test_the_page_is_closed_in_itself_and_shows_pictures_only_where_allowed(tmp_path: Path) -> None:
    for i in range(PEOPLE):
        for shot in range(SHOTS):
            Image.new("RGB", (8, 8), (i, shot, 9)).save(tmp_path / f"{i}-{shot}.png")
    page = page_of(run(folder=tmp_path), score(run(folder=tmp_path), QUICK))
    assert "<img" not in page and "none to be shown &lt;b&gt;" in page
    assert not re.search(r"(src|href)=[\"'](?!data:)", page) and "http" not in page.replace("http-equiv", "")
    assert str(tmp_path) not in page
    shown = run(folder=tmp_path, may_show=True)
    assert page_of(shown, score(shown, QUICK)).count('<img src="data:image/jpeg') == 32


def test_the_hardest_pairs_are_found() -> None:
    chosen = run()
    matrix = chosen.scores
    assert isinstance(matrix, ScoreMatrix)
    off = ~np.eye(len(matrix.score), dtype=bool) & np.isfinite(matrix.score)
    pairs = least_mated(chosen), most_non_mated(chosen)
    assert pairs[0][0].score == matrix.score[off & matrix.mated].min()
    assert pairs[1][0].score == matrix.score[off & ~matrix.mated].max()
    assert all(len({frozenset((p.probe, p.reference)) for p in found}) == len(found) == 8 for found in pairs)
    rows, columns = np.nonzero(off)
    names = chosen.scores.probes
    listed = PairScores(names, names, rows.astype(np.int32), columns.astype(np.int32), matrix.score[off])
    again = Run(chosen.folder, chosen.record, listed, None)
    assert [p.score for p in most_non_mated(again)] == [p.score for p in pairs[1]]


def test_one_table_of_systems() -> None:
    results = score(run(), QUICK)
    table = table_of([Row("a", "one", results), Row("b", "other", results)])
    assert table.count(" 1 of 96 |") == 4 and "TAR at FMR 0.01" in table


def test_charts_keep_points_inside() -> None:
    line = Line("l", np.array([1e-9, 0.5]), np.array([-1.0, 2.0]))
    svg = line_chart([line], Axis("x", 1e-3, 1.0, "log"), Axis("y", 0.0, 1.0), "chart")
    found = re.search(r'polyline class="line k0" points="([^"]+)"', svg)
    assert found and found[1].startswith("62.0,312.0") and found[1].endswith(",14.0")
    with pytest.raises(ValueError, match="axis"):
        Axis("x", 0.0, 1.0, "log")
