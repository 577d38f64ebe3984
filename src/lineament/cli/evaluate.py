"""`lineament evaluate DATASET FOLDER`: the figures of the README, on data that you hold."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import Progress

from lineament.dense.person import DenseReader
from lineament.errors import BadInputError
from lineament.evaluation.bodies import judge_bodies
from lineament.evaluation.datasets import cfp
from lineament.evaluation.faces import nominal_against_actual, read_all, verification
from lineament.evaluation.metrics import Figure
from lineament.evaluation.orientation import judge_orientation
from lineament.recognition.calibration import Calibration
from lineament.recognition.recogniser import load_world
from lineament.runtime.faces import FaceReader
from lineament.runtime.registrar import Registrar
from lineament.weights import folder as folder_of
from lineament.writing import replacing

DataSet = Literal["ccp", "octopus", "lsp", "cfp", "pku-orientation"]
Results = dict[str, Figure | float]
_console = Console(highlight=False, soft_wrap=True, markup=False)


def evaluate(
    dataset: DataSet,
    folder: Path,
    *,
    json_out: Path | None = None,
    refine: bool = True,
    model: Path | None = None,
) -> None:
    """Measure on a data set; every figure comes with its interval at 95 % and its number of cases.

    Args:
        dataset: ccp and octopus (person masks), lsp (joints in parts), cfp (frontal and profile faces of
            folds 01-03), pku-orientation (side from which PKU-Reid's people are seen)
        folder: where the data set is
        json_out: write the figures here too
        refine: align faces by the 2D-3D refiner; --no-refine measures without it
        model: folder of another registration model (image.onnx, points.onnx) to judge on all but cfp
    """
    if json_out is not None and not json_out.parent.is_dir():
        raise BadInputError(f"the folder {json_out.parent} does not exist; choose another --json-out")
    if model is not None and dataset == "cfp":
        raise BadInputError("cfp is judged by faces alone; leave --model out, or name another data set")
    terminal = Console(stderr=True)
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task(dataset, total=None)

        def seen(path: Path) -> None:
            bar.update(task, advance=1, description=f"{dataset} {path.name}")

        try:
            if dataset == "cfp":
                results = _faces(folder, refine, seen)
            elif dataset == "pku-orientation":
                judged = judge_orientation(folder, DenseReader.load(model), seen)
                results = {name: value for name, value in judged.items() if isinstance(value, Figure)}
            else:
                bodies = judge_bodies(dataset, folder, Registrar.load(model), FaceReader.load(), seen)
                results = dict(bodies)
        except (OSError, ValueError, KeyError) as error:
            raise BadInputError(
                f"{folder} cannot be read as {dataset} ({error}); name the data set's own, whole folder"
            ) from error
    for name, value in results.items():
        _console.print(f"{dataset} {name}: {_shown(value)}")
    if json_out is not None:
        content = {name: asdict(v) if isinstance(v, Figure) else v for name, v in results.items()}
        try:
            with replacing(json_out) as partial:
                partial.write_text(json.dumps({dataset: content}, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise BadInputError(
                f"cannot write {json_out}: {error.strerror}; choose another --json-out"
            ) from error


def _faces(folder: Path, refine: bool, seen: Callable[[Path], None]) -> Results:
    pairs = {"frontal-frontal": cfp.read(folder, "FF"), "frontal-profile": cfp.read(folder, "FP")}
    photographs = sorted({path for chosen in pairs.values() for a, b, _ in chosen for path in (a, b)})
    faces = read_all(photographs, FaceReader.load(refine=refine), seen)
    calibration, cohort = Calibration.load(folder_of("calibration") / "config.json"), load_world().faces
    results: Results = {}
    for protocol, chosen in pairs.items():
        for name, value in verification(chosen, faces, cohort).items():
            results[f"{protocol} {name}"] = value
        for name, value in nominal_against_actual(chosen, faces, calibration, cohort).items():
            results[f"{protocol} {name}"] = value
    return results


def _shown(value: Figure | float) -> str:
    if isinstance(value, Figure):
        return f"{value.value:.3f} (95 % {value.low:.3f} to {value.high:.3f}, n = {value.cases:,})"
    return f"{value:.4f}"
