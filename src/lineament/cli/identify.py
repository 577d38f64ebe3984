"""`lineament identify PHOTO... --gallery people.db [--same-person] [--report out.html]`."""

import json as jsonlib
import sys
from pathlib import Path

from rich.console import Console

from lineament.api import identify as identify_people
from lineament.api import identify_together, recogniser_for, report_of
from lineament.errors import BadInputError
from lineament.explain.facts import report_record
from lineament.explain.text import summary_lines
from lineament.gallery.gallery import Gallery
from lineament.recognition.recogniser import DEFAULT_FMR
from lineament.types import Decision, Probe, Prototype

_console = Console(highlight=False, soft_wrap=True, markup=False)


def identify(
    photo: tuple[Path, ...],
    *,
    gallery: Path,
    fmr: float = DEFAULT_FMR,
    domain: str = "",
    same_person: bool = False,
    report: Path | None = None,
    json: bool = False,
) -> None:
    """Say who is in a photograph, or why nobody is named.

    Several photographs of one person are decided together with --same-person, by the most prominent person of
    each; what each brought is told.

    Args:
        photo: the photograph, or several of one person
        gallery: the gallery file
        fmr: false match rate of one comparison, on the population of the calibration
        domain: which of the gallery's calibrations decides (see `lineament calibrate`)
        same_person: all of the photographs show one person
        report: write an HTML report here, with .png and .json beside it
        json: print all numbers as JSON
    """
    several(photo, same_person)
    with Gallery.open(gallery, create=False, readonly=True) as people:
        recogniser = recogniser_for(people, domain=domain)
        if len(photo) > 1:
            probes, decision, leading = identify_together(
                photo, people, fmr=fmr, domain=domain, recogniser=recogniser
            )
            probe, decisions = probes[leading], [decision]
        else:
            probe, decisions = identify_people(
                photo[0], people, fmr=fmr, domain=domain, recogniser=recogniser
            )
        named = {one.subject for decision in decisions for one in decision.candidates[:2]}
        prototypes = [people.get(subject) for subject in sorted(named)]
    show(probe, decisions, prototypes, json)
    if report is not None:
        paths = report_of(probe, decisions, prototypes, report)
        print(f"report: {paths.html}, {paths.png}, {paths.json}", file=sys.stderr)


def several(photographs: tuple[Path, ...], same_person: bool) -> None:
    """Raises BadInputError where several photographs are given and not said to show one person."""
    if len(photographs) > 1 and not same_person:
        raise BadInputError(
            f"{len(photographs)} photographs are decided together only where they show one person: "
            "say so with --same-person, or give one at a time"
        )


def show(probe: Probe, decisions: list[Decision], prototypes: list[Prototype], as_json: bool) -> None:
    """Print decisions for people, or as JSON."""
    if as_json:
        held = {prototype.subject: prototype for prototype in prototypes}
        record = report_record(probe, tuple(decisions), held, title=probe.name, shown=2)
        print(jsonlib.dumps(record, indent=1, allow_nan=False, ensure_ascii=True))
        return
    for place, decision in enumerate(decisions, start=1):
        if len(decisions) > 1:
            x0, y0, x1, y1 = decision.box if decision.box is not None else (0, 0, 0, 0)
            _console.print(f"person {place} of {len(decisions)}, at {x0:.0f},{y0:.0f} to {x1:.0f},{y1:.0f}")
        for line in summary_lines(decision):
            _console.print(line)
