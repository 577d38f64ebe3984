"""Sets of references pooled: a made-up run in which quality knows how noisy each picture is."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from PIL import Image

from lineament.cli.evaluate_pooling import pooling
from lineament.errors import BadInputError
from lineament.evaluation.datasets.dataset import DataSet, Record
from lineament.evaluation.export import export
from lineament.evaluation.metrics import Figure
from lineament.evaluation.plan import Plan
from lineament.evaluation.pooled_references import pooled_references
from lineament.evaluation.systems import Cosines, Template
from lineament.types import UInt8

pytest.importorskip("pyarrow", reason="lineament[evaluation] is not installed")
PEOPLE, SHOTS, SIZE = 40, 5, 48
RNG = np.random.default_rng(8)
NOISE = RNG.choice([1.5, 12.0], size=(PEOPLE, SHOTS))
NOISE[:, 0] = 1.2
"""The first picture of each person probes."""
VECTORS = RNG.normal(size=(PEOPLE, 1, SIZE)) + NOISE[..., None] * RNG.normal(size=(PEOPLE, SHOTS, SIZE))


class Known(Cosines):
    name, about = "known", "vectors by the picture's number"
    settings: Mapping[str, str] = MappingProxyType({})

    def __init__(self, tells: bool = True) -> None:
        self._tells = tells

    def template(self, image: UInt8, *, reference: bool) -> Template:
        person, shot = int(image[0, 0, 0]), int(image[0, 0, 1])
        quality = 1 / (1 + NOISE[person, shot]) if self._tells else float("nan")
        return Template(VECTORS[person, shot].astype(np.float32), quality=float(quality))


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("pictures")
    records = []
    for person in range(PEOPLE):
        for shot in range(SHOTS):
            path = folder / f"{person}-{shot}.png"
            Image.fromarray(np.full((4, 4, 3), (person, shot, 0), np.uint8)).save(path)
            records.append(Record(path.name, path, f"p{person:02d}"))
    rows = np.arange(len(records), dtype=np.int32)
    data_set = DataSet("made-up", folder, tuple(records), "none", True)
    others = np.setdiff1d(rows, rows[::SHOTS]).astype(np.int32)
    return Plan("roles", data_set, rows[::SHOTS], others)


def test_weighting_by_quality_beats_what_does_not_know_it(plan: Plan, tmp_path: Path) -> None:
    export(plan, Known(), tmp_path / "run")
    found = {(one.size, one.way): one for one in pooled_references(tmp_path / "run", (1, 4), rounds=100)}
    tar = {key: one.tar.value for key, one in found.items() if isinstance(one.tar, Figure)}
    single = [value for (size, _), value in tar.items() if size == 1]
    assert len(set(single)) == 1, "one photograph is pooled the same in every way"
    weighted = tar[4, "mean weighted by quality"]
    assert weighted > tar[4, "mean of the embeddings"] > tar[4, "the first one"]
    assert weighted >= tar[4, "the one of the best quality"]
    assert all(one.people == PEOPLE for one in found.values())


def test_a_probe_is_not_compared_with_its_own_set(plan: Plan, tmp_path: Path) -> None:
    rows = np.arange(len(plan.dataset), dtype=np.int32)
    export(Plan("full", plan.dataset, rows, rows), Known(), tmp_path / "run")
    (found, *_) = pooled_references(tmp_path / "run", (3,), rounds=100)
    assert isinstance(found.tar, Figure) and found.tar.cases == PEOPLE * (SHOTS - 3)


def test_what_cannot_be_pooled_is_one_line(
    plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(plan, Known(), tmp_path / "run")
    pooling(tmp_path / "run", sizes=(2,), rounds=100, json_out=tmp_path / "p.json")
    assert "mean weighted by quality" in capsys.readouterr().out and (tmp_path / "p.json").is_file()
    with pytest.raises(BadInputError, match="fewer than two people"):
        pooled_references(tmp_path / "run", (SHOTS,))
    with pytest.raises(BadInputError, match="at least one reference"):
        pooled_references(tmp_path / "run", (0,))
    export(plan, Known(tells=False), tmp_path / "other")
    with pytest.raises(BadInputError, match="holds no quality"):
        pooled_references(tmp_path / "other", (2,))
