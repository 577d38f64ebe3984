"""`lineament evaluate alignment`: how surely faces are placed in their crops, on photographs with points."""

from dataclasses import asdict
from pathlib import Path
from typing import Literal

from rich.console import Console

from lineament.errors import BadInputError
from lineament.evaluation.alignment import fiducial_spread, pose_and_landmarks
from lineament.evaluation.report_json import write_json
from lineament.runtime.aligner import Aligner

_console = Console(highlight=False, soft_wrap=True, markup=False)


def alignment(dataset: Literal["cfp", "aflw2000"], folder: Path, *, json_out: Path | None = None) -> None:
    """Judge face alignment by itself, without a recogniser.

    Args:
        dataset: cfp (how far expert points scatter in aligned crops, pixels of a crop of 112; frontal and
            profile faces of folds 01-03), aflw2000 (errors of yaw, pitch, roll and of 68 landmarks)
        folder: where the data set is
        json_out: write the figures here too
    """
    if json_out is not None and not json_out.parent.is_dir():
        raise BadInputError(f"the folder {json_out.parent} does not exist; choose another --json-out")
    judge = fiducial_spread if dataset == "cfp" else pose_and_landmarks
    aligner = Aligner.load()
    try:
        figures = judge(folder, aligner)
    except (OSError, ValueError, KeyError) as error:
        raise BadInputError(
            f"{folder} cannot be read as {dataset} ({error}); name the data set's own, whole folder"
        ) from error
    for name, one in figures.items():
        _console.print(
            f"{dataset} {name}: {one.value:.3f} (95 % {one.low:.3f} to {one.high:.3f}, n = {one.cases:,})"
        )
    if json_out is not None:
        write_json(json_out, {str(dataset): {name: asdict(one) for name, one in figures.items()}})
