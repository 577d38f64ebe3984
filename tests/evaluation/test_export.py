"""Export and resume with a made-up system on made-up pictures."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lineament.errors import BadInputError, NothingFoundError
from lineament.evaluation import scoring
from lineament.evaluation.comparisons import MISSED, PairScores, ScoreMatrix
from lineament.evaluation.datasets.dataset import DataSet, Record
from lineament.evaluation.export import export, within
from lineament.evaluation.plan import Plan
from lineament.evaluation.run import Run
from lineament.evaluation.systems import Cosines, Template, nominal_rates
from lineament.types import UInt8

pytest.importorskip("pyarrow")
RNG = np.random.default_rng(5)


class Colours(Cosines):
    """Mean colour; dark pictures fail, and so that resuming can be counted it counts."""

    name = "colours"
    about = "mean colour"

    def __init__(self, revision: str = "1", stop_after: int | None = None) -> None:
        self.settings: Mapping[str, str] = {"revision": revision}
        self.made = 0
        self._stop = stop_after

    def template(self, image: UInt8, *, reference: bool) -> Template:
        if self.made == self._stop:
            raise KeyboardInterrupt
        self.made += 1
        if image.mean() < 5:
            raise NothingFoundError("too dark")
        refused = "a reference has no blue" if reference and image[..., 2].mean() > 250 else ""
        return Template(image.reshape(-1, 3).mean(0).astype(np.float32) - 100, refused=refused)


def pictures(folder: Path, people: int = 5, shots: int = 3) -> DataSet:
    folder.mkdir(exist_ok=True)
    records = []
    for person in range(people):
        colour = RNG.integers(20, 240, 3)
        for shot in range(shots):
            path = folder / f"{person}-{shot}.png"
            Image.fromarray(np.full((8, 8, 3), colour + shot, np.uint8)).save(path)
            records.append(Record(path.name, path, f"p{person}", {"yaw": 15.0 * shot}))
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(folder / "dark.png")
    records.append(Record("dark.png", folder / "dark.png", "p0", {"yaw": 90.0}))
    records.append(Record("gone.png", None, "p1"))
    return DataSet("made-up", folder, tuple(records), "none", True)


def full(dataset: DataSet) -> Plan:
    rows = np.arange(len(dataset), dtype=np.int32)
    return Plan("full", dataset, rows, rows)


def test_a_matrix_with_failures_and_itself(tmp_path: Path) -> None:
    dataset = pictures(tmp_path / "set")
    done = export(full(dataset), Colours(), tmp_path / "run")
    assert (done.made, done.kept, done.failed) == (17, 0, 2)
    run = Run.load(tmp_path / "run")
    assert isinstance(run.scores, ScoreMatrix)
    score = np.asarray(run.scores.score)
    assert np.isnan(np.diag(score)).all() and np.isnan(score).sum() == 17
    assert (score[15, :15] == MISSED).all() and (score[:15, 16] == MISSED).all()
    vectors = np.stack([np.asarray(Image.open(r.path))[0, 0] - 100.0 for r in dataset.records[:15]])  # type: ignore[arg-type]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = vectors @ vectors.T
    off = ~np.eye(15, dtype=bool)
    assert np.allclose(score[:15, :15][off], expected[off], atol=1e-5)
    assert run.failures == {"dark.png": "too dark", "gone.png": "the picture is not held"}
    assert run.scores.probes.covariates["yaw"][2] == 30.0
    assert run.pictures["0-1.png"] == "0-1.png"


def test_pairs_equal_the_matrix(tmp_path: Path) -> None:
    dataset = pictures(tmp_path / "set")
    rows = np.arange(len(dataset), dtype=np.int32)
    pairs = RNG.integers(0, len(dataset), (40, 2)).astype(np.int32)
    export(Plan("pairs", dataset, rows, rows, pairs), Colours(), tmp_path / "pairs")
    export(full(dataset), Colours(), tmp_path / "full")
    listed, matrix = Run.load(tmp_path / "pairs").scores, Run.load(tmp_path / "full").scores
    assert isinstance(listed, PairScores)
    other = pairs[:, 0] != pairs[:, 1]
    expected = np.asarray(matrix.score)[pairs[:, 0], pairs[:, 1]]
    assert np.allclose(listed.score[other], expected[other], atol=1e-5)


def test_an_interrupted_export_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = pictures(tmp_path / "set")
    monkeypatch.setattr("lineament.evaluation.features.FULL", 4)
    with pytest.raises(KeyboardInterrupt):
        export(full(dataset), Colours(stop_after=10), tmp_path / "run")
    with pytest.raises(BadInputError, match="export"):
        Run.load(tmp_path / "run")
    again = Colours()
    done = export(full(dataset), again, tmp_path / "run")
    assert done.kept == 8 and again.made == 8
    whole = Run.load(tmp_path / "run").scores.score
    export(full(dataset), Colours(), tmp_path / "other")
    assert np.array_equal(whole, Run.load(tmp_path / "other").scores.score, equal_nan=True)


def test_interrupted_scores_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = pictures(tmp_path / "set")

    class Stops(Colours):
        asked = 0

        def matrix(self, probes, references):  # type: ignore[no-untyped-def]
            self.asked += len(probes)
            if self.asked > 8:
                raise KeyboardInterrupt
            return super().matrix(probes, references)

    with pytest.raises(KeyboardInterrupt):
        export(full(dataset), Stops(), tmp_path / "run")
    asked = []
    seen = scoring._matrix
    monkeypatch.setattr(scoring, "_matrix", lambda *a: asked.extend(a[-1]) or seen(*a))
    export(full(dataset), Colours(), tmp_path / "run")
    assert min(asked) == 8
    export(full(dataset), Colours(), tmp_path / "other")
    one, other = (Run.load(tmp_path / name).scores.score for name in ("run", "other"))
    assert np.array_equal(one, other, equal_nan=True)


def test_it_says_what_changed(tmp_path: Path) -> None:
    dataset = pictures(tmp_path / "set")
    export(full(dataset), Colours("1"), tmp_path / "run")
    with pytest.raises(BadInputError, match=r"revision: 1 -> 2.*--renew"):
        export(full(dataset), Colours("2"), tmp_path / "run")
    done = export(full(dataset), Colours("2"), tmp_path / "run", renew=True)
    assert done.made == 17 and done.before
    Image.fromarray(np.full((8, 8, 3), 77, np.uint8)).save(dataset.records[3].path)  # type: ignore[arg-type]
    before = np.array(Run.load(tmp_path / "run").scores.score)
    done = export(full(dataset), Colours("2"), tmp_path / "run")
    assert done.changed == ("1-0.png",) and done.made == 1
    assert not np.array_equal(before, Run.load(tmp_path / "run").scores.score, equal_nan=True)


def test_a_refused_reference_still_probes(tmp_path: Path) -> None:
    dataset = pictures(tmp_path / "set")
    blue = tmp_path / "set" / "blue.png"
    Image.fromarray(np.full((8, 8, 3), (90, 90, 255), np.uint8)).save(blue)
    more = DataSet("more", tmp_path / "set", (*dataset.records, Record("blue.png", blue, "p2")), "none", True)
    export(full(more), Colours(), tmp_path / "run")
    score = np.asarray(Run.load(tmp_path / "run").scores.score)
    assert (score[:15, -1] == MISSED).all() and np.isfinite(score[-1, :15]).all()


def test_boxes_are_cut_out_alike_for_everybody() -> None:
    image = np.arange(100 * 80 * 3, dtype=np.uint8).reshape(100, 80, 3)
    assert within(image, (20.0, 20.0, 40.0, 60.0)).shape == (52, 26, 3)
    assert within(image, None) is image
    with pytest.raises(BadInputError, match="outside"):
        within(image, (200.0, 20.0, 240.0, 60.0))


def test_nominal_rates_are_those_of_the_threshold() -> None:
    tail, comparisons = sorted(RNG.normal(size=200).tolist(), reverse=True), 1000
    scores = RNG.normal(size=500).astype(np.float32)
    nominal = nominal_rates(scores, tail, comparisons)
    for rate in (0.005, 0.01, 0.1):
        assert np.array_equal(nominal <= rate + 1e-9, scores > tail[int(comparisons * rate)])
