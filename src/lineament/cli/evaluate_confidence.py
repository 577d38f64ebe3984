"""`lineament evaluate confidence`: whether confidences of correspondences are probabilities."""

import json as jsonlib
import sys
from pathlib import Path

from rich.console import Console

from lineament.cli.workshop import workshop
from lineament.errors import BadInputError
from lineament.evaluation.confidence import JudgedConfidence, judged
from lineament.evaluation.confidence_page import confidence_json, confidence_page, confidence_text
from lineament.evaluation.confidence_photographs import Photographs
from lineament.evaluation.report_json import write_json
from lineament.recognition.confidence import FILE, Confidence
from lineament.runtime.registrar import Registrar
from lineament.writing import replacing

_console = Console(highlight=False, soft_wrap=True, markup=False)


def confidence(
    *,
    pictures: int = 80,
    seed: int = 9004,
    lsp: Path | None = None,
    ccp: Path | None = None,
    model: Path | None = None,
    calibration: Path | None = None,
    out: Path | None = None,
    json: bool = False,
) -> None:
    """Judge the confidences of correspondences: reliability curve, expected calibration error, inlier recall.

    Synthetic people other than those of the fit say whether a confidence is a probability; real photographs
    say it as far as their labels go: joints (lsp) and masks (ccp). About a minute on one core, and half a
    minute for the photographs.

    Args:
        pictures: synthetic pictures, 0 for none
        seed: of their people, another than that of the fit
        lsp: folder of Leeds Sports Poses
        ccp: folder of Clothing Co-Parsing
        model: folder of another registration model (image.onnx, points.onnx)
        calibration: folder of its confidence.json, as `lineament train confidence` writes it
        out: folder for report.html and figures.json
        json: print all numbers as JSON
    """
    registrar = Registrar.load(model)
    fitted = Confidence.load(None if calibration is None else calibration / FILE).belonging_to(
        registrar.model
    )
    if pictures < 0:
        raise BadInputError(f"--pictures is at least 0, not {pictures}")
    if pictures and fitted.seed == seed:
        raise BadInputError(f"the people of --seed {seed} are those of the fit; choose another")
    found = _synthetic(fitted, registrar, pictures, seed) if pictures else None
    checked = []
    if lsp is not None or ccp is not None:
        photographs = Photographs(registrar, fitted)
        checked += [photographs.joints(lsp, _say_photograph)] if lsp is not None else []
        checked += [photographs.masks(ccp, _say_photograph)] if ccp is not None else []
    content = confidence_json(fitted, found, checked)
    if json:
        print(jsonlib.dumps(content, indent=1, allow_nan=False))
    else:
        for line in confidence_text(found, checked):
            _console.print(line)
    if out is None:
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_json(out / "figures.json", content)
        with replacing(out / "report.html") as partial:
            partial.write_text(confidence_page(fitted, found, checked), encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"{out} cannot be written ({error.strerror}); choose another --out") from error
    _say(f"report: {out / 'report.html'}, figures: {out / 'figures.json'}")


def _synthetic(fitted: Confidence, registrar: Registrar, pictures: int, seed: int) -> JudgedConfidence:
    with workshop("judging confidences on synthetic people (leave it out with --pictures 0)"):
        from lineament.training.confidence import PEOPLE, labelled_correspondences
    return judged(labelled_correspondences(seed, pictures, PEOPLE, registrar, _say), fitted)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _say_photograph(path: Path) -> None:
    if sys.stderr.isatty():
        print(f"\r{path.name}   ", end="", file=sys.stderr, flush=True)
