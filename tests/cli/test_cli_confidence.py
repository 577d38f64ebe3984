"""The commands that calibrate and judge confidences: what they refuse, what they print without pictures."""

import json
from pathlib import Path

import pytest
from cli_world import Run

from lineament.recognition.confidence import FILE, Confidence
from lineament.runtime.registrar import MODEL_FOLDER

pytestmark = pytest.mark.skipif(
    not (MODEL_FOLDER / "image.onnx").exists(), reason="weights/registration is not there"
)


def test_the_people_of_the_fit_may_not_judge(refused) -> None:  # type: ignore[no-untyped-def]
    seed = Confidence.load().seed
    refused(2, "are those of the fit", "evaluate", "confidence", "--seed", seed)


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_impossible_numbers_are_refused(refused, command: str) -> None:  # type: ignore[no-untyped-def]
    refused(2, "--pictures is at least", command, "confidence", "--pictures=-1")


def test_a_map_of_another_model_is_refused(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    Confidence.plain("registration-of-others").save(tmp_path / FILE)
    words = ("evaluate", "confidence", "--pictures", 0, "--calibration", tmp_path)
    refused(2, "were calibrated for registration-of-others, the registration model is", *words)
    refused(2, "holds no calibrated confidences", *words[:-1], tmp_path / "nowhere")


def test_without_pictures_the_artefact_is_told(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("evaluate", "confidence", "--pictures", 0, "--json", "--out", tmp_path / "made")
    held = json.loads(out)
    assert code == 0 and held["confidence"]["threshold"] == Confidence.load().threshold
    assert json.loads((tmp_path / "made" / "figures.json").read_text()) == held
    assert "</html>" in (tmp_path / "made" / "report.html").read_text()
