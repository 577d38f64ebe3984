"""`lineament evaluate scan-faces`: head scans without colours, found in photographs among other people's."""

import math
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from lineament.cli.workshop import workshop
from lineament.errors import BadInputError
from lineament.evaluation.metrics import Figure
from lineament.evaluation.report_json import write_json
from lineament.evaluation.scans import ShapeProbe, figures, judge, scanned_people
from lineament.gallery.enrolment.scan_shape import ShapeReader
from lineament.geometry.template import load_template
from lineament.recognition.recogniser import load_world
from lineament.runtime.faces import FaceReader

_console = Console(highlight=False, soft_wrap=True, markup=False)


def scan_faces(
    folder: Path,
    *,
    distractors: int = 500,
    people: int = 20,
    seed: int = 9100,
    out: Path | None = None,
) -> None:
    """Head scans without colours enrol, photographs probe: ranks and scores among other scans, by view.

    A photograph is compared with the scans of the same person's other takes and with scans of synthetic
    people; the first call makes those, 0.7 s of one core each.

    Args:
        folder: of scan-faces
        distractors: synthetic people whose scans are enrolled too
        people: synthetic people who are scanned and photographed as well, 0 for none
        seed: of the distractors; the people who are looked for come from the next one
        out: a file for the figures as JSON
    """
    if distractors < 2 or people < 0:
        raise BadInputError("give at least 2 --distractors, and 0 --people or more")
    if not folder.is_dir():
        raise BadInputError(f"{folder} is no folder; name the one of scan-faces")
    shapes = ShapeReader.load(FaceReader.load(), load_template(), load_world().faces)
    with workshop("evaluate scan-faces, whose distractors are synthetic,"):
        from lineament.training import scan_people
    gallery = scan_people.distractors(distractors, seed, shapes, _say)
    sets: dict[str, list[ShapeProbe]] = {"photographs": scanned_people(folder, shapes, _say)}
    if people:
        sets["synthetic"] = scan_people.people_found(people, seed + 1, shapes, _say)
    content: dict[str, object] = {"distractors": distractors, "face model": shapes.reader.model}
    for name, probes in sets.items():
        results = judge(probes, gallery)
        told = figures(results)
        for what, value in told.items():
            _console.print(f"{name} {what}: {_shown(value)}")
        content[name] = {
            "figures": {key: asdict(one) if isinstance(one, Figure) else one for key, one in told.items()},
            "probes": [
                {**asdict(one), "score": one.score if math.isfinite(one.score) else None} for one in results
            ],
        }
    if out is not None:
        write_json(out, content)


def _shown(value: Figure | float) -> str:
    if isinstance(value, Figure):
        return f"{value.value:.3f} (95 % {value.low:.3f} to {value.high:.3f}, n = {value.cases:,})"
    return f"{value:g}"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
