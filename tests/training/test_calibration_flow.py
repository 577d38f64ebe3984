"""`train calibration` from people to artefact, with made-up people instead of rendered ones."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("anny")
pytest.importorskip("warp")

from lineament.geometry.template import load_template
from lineament.recognition.calibration import Calibration
from lineament.recognition.comparison import World
from lineament.recognition.face_score import unit_rows
from lineament.training import calibration as module
from lineament.training.validation_people import ValidationPerson
from lineament.types import Face, FaceTemplates, Prototype

pytestmark = pytest.mark.train
PEOPLE, PROBES = 24, 3
TEMPLATE = load_template()


def face(embedding: np.ndarray) -> Face:
    return Face(
        np.array([0, 0, 9, 9], np.float32), np.zeros((5, 2), np.float32), 0.9, 0.1, 0.8,
        np.zeros((112, 112, 3), np.uint8), embedding.astype(np.float32),
    )  # fmt: skip


def people() -> list[ValidationPerson]:
    rng = np.random.default_rng(0)
    count = len(TEMPLATE.parts)
    met = []
    for number in range(PEOPLE):
        own = rng.normal(size=128)
        seen = unit_rows((own + 1.4 * rng.normal(size=(1 + PROBES, 128))).astype(np.float32))
        held = FaceTemplates(seen[:1], np.zeros(1, np.float32), np.zeros(1, bool), "f")
        reference = Prototype(
            subject=f"p{number}", points=TEMPLATE.positions, normals=TEMPLATE.normals, colours=None,
            parts=TEMPLATE.parts, measured=np.zeros(count, bool), features=np.ones((count, 4), np.float16),
            face=held, source="photographs", template="t", model="m", consent="", purpose="", residual=0.0,
        )  # fmt: skip
        probes = tuple((None, face(one)) for one in seen[1:])
        met.append(ValidationPerson(number, (reference,), (*probes, None)))
    return met


def test_everything_is_written_and_pooling_judged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cohort = unit_rows(np.random.default_rng(1).normal(size=(200, 128)).astype(np.float32))
    made: list[Path] = []
    monkeypatch.setattr(module, "make_confidence", lambda out, registrar, say: made.append(out))
    monkeypatch.setattr(
        module, "make_world", lambda out, count, say: World(np.zeros((len(TEMPLATE.parts), 4)), cohort)
    )
    monkeypatch.setattr(module, "meet_people", lambda *given: iter(people()))
    known = SimpleNamespace(model="m", temperature=0.07)
    for name in ("Registrar", "FaceReader"):
        monkeypatch.setattr(module, name, SimpleNamespace(load=lambda: known))
    found = module.calibrate_synthetic(tmp_path, PEOPLE, 2, lambda line: None)
    assert made == [tmp_path] and Calibration.load(tmp_path / "config.json") == found
    assert 0.0 <= found.dependence["face"] <= 1.0 and found.dependence["body"] == 1.0
    record = json.loads((tmp_path / "record.json").read_text())
    assert set(record["pooling"]) == {"face, 2 photographs", "face, 3 photographs"}
    row = record["pooling"]["face, 3 photographs"]
    assert row["Cllr pooled"] < row["Cllr best single"] and row["mated groups"] == PEOPLE
    assert record["probes_without_anyone"] == PEOPLE
    assert "1.00\n  (bodies)" in (tmp_path / "CARD.md").read_text()
    held = np.load(tmp_path / "comparisons.npz")
    assert held["mated"].sum() == PEOPLE * PROBES
