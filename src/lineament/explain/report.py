"""The report: one HTML page that opens offline, the same facts as a picture, and all numbers as JSON."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lineament.errors import BadInputError
from lineament.explain.drawing import draw_report
from lineament.explain.facts import person_box, report_record
from lineament.explain.page import render_page
from lineament.explain.pictures import person_crop, shrunk
from lineament.explain.still import draw_still
from lineament.explain.view3d import matches_payload, prototype_payload, shown_azimuth, three_js
from lineament.explain.viewer import viewer
from lineament.types import Decision, Probe, Prototype
from lineament.writing import replacing

Json = dict[str, Any]
SHOWN: Final = 2
"""Candidates that can be looked at: the best and the runner-up."""
LARGEST: Final = 8_000_000


@dataclass(frozen=True, slots=True)
class ReportPaths:
    """Where the three forms of a report were written."""

    html: Path
    png: Path
    json: Path


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much of a person the page carries: longer side of the picture, candidates, matches of each."""

    picture: int
    candidates: int
    matches: int


_LEVELS: Final = (
    (4, _Detail(960, SHOWN, 3000)),
    (12, _Detail(640, SHOWN, 1200)),
    (30, _Detail(420, 1, 500)),
    (10**9, _Detail(200, 1, 100)),
)
"""The detail that is tried first for up to so many people; less while the page stays above `LARGEST`."""


def _viewers(
    probe: Probe, decisions: Sequence[Decision], prototypes: Mapping[str, Prototype], detail: _Detail
) -> tuple[list[str], Json]:
    """The HTML of each person's viewer, and what its script needs."""
    blocks: list[str] = []
    people: list[Json] = []
    used: dict[str, Prototype] = {}
    for place, decision in enumerate(decisions):
        person = probe.people[place] if place < len(probe.people) else None
        box = person_box(decision, person)
        crop = person_crop(probe.image, box, detail.picture)
        candidates = decision.candidates[: detail.candidates]
        payload: list[Json] = []
        for one in candidates:
            held = prototypes.get(one.subject)
            if held is not None:
                used[one.subject] = held
            matched = one.registration
            payload.append(
                {
                    "prototype": one.subject if held is not None else None,
                    "azimuth": shown_azimuth(held, matched) if held is not None else 0.0,
                    "matches": matches_payload(matched, crop.to_crop, detail.matches)
                    if matched is not None
                    else None,
                }
            )
        best = prototypes.get(candidates[0].subject) if candidates else None
        still = (
            draw_still(best, candidates[0].registration, size=(480, 640)).image if best is not None else None
        )
        face = person.face if person is not None else None
        blocks.append(viewer(place + 1, candidates, crop, still, box=box, face=face, most=detail.matches))
        people.append({"crop": [crop.image.shape[1], crop.image.shape[0]], "candidates": payload})
    packed = {name: prototype_payload(held) for name, held in used.items()}
    return blocks, {"people": people, "prototypes": packed}


def _page(
    record: Json, probe: Probe, decisions: Sequence[Decision], prototypes: Mapping[str, Prototype]
) -> str:
    """The page in as much detail as fits into `LARGEST` bytes."""
    photograph, page = shrunk(probe.image), ""
    for detail in (detail for people, detail in _LEVELS if people >= len(decisions)):
        blocks, payload = _viewers(probe, decisions, prototypes, detail)
        page = render_page(record, photograph, blocks, payload, three_js(), detail.candidates)
        if len(page) < LARGEST:
            break
    return page


def write_report(
    path_html: Path,
    probe: Probe,
    decisions: Sequence[Decision],
    prototypes: Mapping[str, Prototype],
    *,
    title: str,
) -> ReportPaths:
    """Write `path_html` and, beside it with the endings .png and .json, the picture and the numbers.

    decisions: one per person of the probe, in its order (fewer are allowed: the first people). prototypes: of
    the best and the second candidates, by subject. All three appear whole or none does. Raises BadInputError
    when the files cannot be written.
    """
    path_html = Path(path_html)
    if not path_html.name:
        raise BadInputError(f"cannot write a report to {path_html}: choose a name that ends with .html")
    paths = ReportPaths(path_html, path_html.with_suffix(".png"), path_html.with_suffix(".json"))
    if len(set(map(str, (paths.html, paths.png, paths.json)))) < 3:
        raise BadInputError(f"cannot write a report to {path_html}: choose a name that ends with .html")
    taken = next((path for path in (paths.html, paths.png, paths.json) if path.is_dir()), None)
    if taken is not None:
        raise BadInputError(
            f"cannot write a report to {path_html}: {taken.name} is a folder; choose another name"
        )
    chosen = tuple(decisions)
    record = report_record(probe, chosen, prototypes, title=title, shown=SHOWN)
    page = _page(record, probe, chosen, prototypes)
    picture = draw_report(record, probe.image, chosen, prototypes)
    try:
        with ExitStack() as stack:
            html, png, numbers = (
                stack.enter_context(replacing(path)) for path in (paths.html, paths.png, paths.json)
            )
            html.write_text(page, encoding="utf-8")
            picture.save(png)
            numbers.write_text(
                json.dumps(record, indent=1, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8"
            )
    except OSError as problem:
        raise BadInputError(
            f"cannot write the report {path_html}: {problem.strerror}; choose another folder"
        ) from problem
    return paths
