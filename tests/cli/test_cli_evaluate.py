"""`lineament evaluate` with networks that find nobody: what is written and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from cli_world import Run
from PIL import Image

from lineament.runtime.faces import FaceReader
from lineament.runtime.photograph_maps import PhotographMaps, painted
from lineament.runtime.registrar import Registrar


class Blind:
    """A registrar and a face reader that find nobody."""

    def people(self, image: np.ndarray, hints: object = ()) -> list[object]:
        return []

    def faces(self, image: np.ndarray) -> list[object]:
        return []

    def full_resolution(self, image: np.ndarray, people: list[object]) -> PhotographMaps:
        return painted(image, [])


@pytest.fixture
def ccp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three photographs with masks, two of them empty."""
    for kind in (Registrar, FaceReader):
        monkeypatch.setattr(kind, "load", classmethod(lambda cls, *_, **__: Blind()))
    root = tmp_path / "ccp"
    for folder in ("photos", "masks"):
        (root / folder).mkdir(parents=True)
    for number in range(3):
        Image.new("RGB", (20, 30)).save(root / "photos" / f"{number}.jpg")
        Image.new("L", (20, 30), 5 if number == 0 else 0).save(root / "masks" / f"{number}.png")
    return root


def test_figures_are_printed_and_written(run: Run, ccp: Path, tmp_path: Path) -> None:
    code, out, err = run("evaluate", "ccp", ccp, "--json-out", tmp_path / "figures.json")
    assert code == 0, err
    assert "ccp person_mask_iou: 0.667" in out and "n = 3" in out
    figures = json.loads((tmp_path / "figures.json").read_text())["ccp"]
    wanted = {"value": 0.0, "low": 0.0, "high": pytest.approx(0.708, abs=1e-3), "cases": 3}
    assert {name: figures["person_found"][name] for name in wanted} == wanted
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ccp", "figures.json"]


def test_another_registration_model_is_judged(
    run: Run, refused, ccp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    asked: list[object] = []
    monkeypatch.setattr(Registrar, "load", classmethod(lambda cls, *words: asked.append(words) or Blind()))
    assert run("evaluate", "ccp", ccp, "--model", tmp_path)[0] == 0
    assert asked == [(tmp_path,)]
    refused(2, "leave --model out", "evaluate", "cfp", ccp, "--model", tmp_path)
    monkeypatch.undo()
    refused(2, "holds no registration model", "evaluate", "ccp", ccp, "--model", tmp_path)


def test_broken_data_sets_get_one_line(refused, ccp: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    refused(2, "lacks photos, masks", "evaluate", "ccp", tmp_path)
    refused(
        2, "does not exist; choose another --json-out", "evaluate", "ccp", ccp, "--json-out", tmp_path / "a/b"
    )
    (ccp / "masks" / "1.png").unlink()
    refused(2, "lacks 1 of 3 listed pictures, such as masks/1.png", "evaluate", "ccp", ccp)
    for path in (ccp / "photos").iterdir():
        path.unlink()
    refused(2, "a mean needs cases", "evaluate", "ccp", ccp)
