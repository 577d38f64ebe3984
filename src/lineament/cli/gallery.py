"""`lineament gallery list | show | remove | export | import | check`."""

import json as jsonlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE, SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lineament.anatomy import PART_COUNT, PART_TITLES
from lineament.errors import BadInputError
from lineament.gallery.calibration import StoredCalibration
from lineament.gallery.gallery import ADAPTER, Gallery
from lineament.gallery.names import printable
from lineament.gallery.record import Record
from lineament.types import FaceTemplates, Prototype


def list_subjects(*, gallery: Path, json: bool = False) -> None:
    """List everybody enrolled.

    Args:
        gallery: the gallery file.
        json: print JSON for programs.
    """
    with Gallery.open(gallery, readonly=True) as opened:
        records = opened.records()
        calibrations = opened.calibrations()
    if json:
        _print_json([asdict(record) for record in records])
        return
    if not records:
        _say(f"Nobody is enrolled in {printable(str(gallery))}.")
        return
    table = Table(box=SIMPLE_HEAD)
    for heading in ("subject", "from", "parts", "faces", "fit", "enrolled", "consent"):
        table.add_column(heading, overflow="fold", no_wrap=heading not in ("subject", "consent"))
    for record in records:
        parts = "whole body" if len(record.parts) == PART_COUNT else f"{len(record.parts)} of {PART_COUNT}"
        views, fit = str(record.views or "none"), f"{record.residual * 1000:.1f} mm"
        names = (printable(record.subject), record.source)
        table.add_row(
            *map(Text, (*names, parts, views, fit, record.created[:10], printable(record.consent, 60) or "-"))
        )
    Console().print(table)
    _say(_summary(records, calibrations))


def show(subject: str, *, gallery: Path, json: bool = False) -> None:
    """Show what is kept of one person.

    Args:
        subject: the name that the person is enrolled under.
        gallery: the gallery file.
        json: print JSON for programs.
    """
    with Gallery.open(gallery, readonly=True) as opened:
        record = opened.record(subject)
        prototype = opened.get(subject)
    if json:
        _print_json(_details(record, prototype))
        return
    table = Table(title=Text(printable(record.subject)), show_header=False, title_justify="left", box=SIMPLE)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for heading, value in _rows(record, prototype):
        table.add_row(heading, Text(value))
    Console().print(table)


def remove(subjects: tuple[str, ...], *, gallery: Path, json: bool = False) -> None:
    """Erase people for good, their bytes in the gallery file included.

    Args:
        subjects: the names that the people are enrolled under; all are erased or none.
        gallery: the gallery file.
        json: print JSON for programs.
    """
    if not subjects:
        raise BadInputError("Nobody to remove: name at least one subject.")
    with Gallery.open(gallery, create=False) as opened:
        adapter = opened.derived(ADAPTER) is not None
        records = opened.remove(*subjects)
        left = len(opened)
    if json:
        _print_json({"erased": [record.subject for record in records], "left": left, "adapter": adapter})
        return
    for record in records:
        views = f", {record.views} face views" if record.views else ""
        _say(
            f"Erased {printable(record.subject)}: {record.sites} points with their features{views}, "
            f"consent reference, purpose and note; enrolled {record.created[:10]} from {record.source}."
        )
    if adapter:
        _say("The adapter was made of everybody and is erased too: `lineament specialise` makes another.")
    _say(f"{_people(left)} left. Exports and backups made before still hold what was erased.")


def export(target: Path, *, gallery: Path, subjects: tuple[str, ...] = (), json: bool = False) -> None:
    """Write people to a new folder, or to a zip when the name ends in .zip.

    Args:
        target: the folder or zip to make; it must not exist.
        gallery: the gallery file.
        subjects: only these people; everybody by default.
        json: print JSON for programs.
    """
    with Gallery.open(gallery, readonly=True) as opened:
        count = opened.export(target, subjects or None)
    if json:
        _print_json({"exported": count, "target": str(target)})
    else:
        _say(f"Exported {_people(count)} to {printable(str(target))}. It holds biometric data: keep it safe.")


def import_(source: Path, *, gallery: Path, replace: bool = False, json: bool = False) -> None:
    """Enrol everybody of an exported folder or zip; the gallery is made when there is none.

    Args:
        source: the folder or zip that 'gallery export' wrote.
        gallery: the gallery file.
        replace: replace people who are enrolled already, instead of refusing.
        json: print JSON for programs.
    """
    with Gallery.open(gallery) as opened:
        imported = opened.import_(source, replace=replace)
    if json:
        _print_json({"imported": list(imported.subjects), "calibration": imported.calibration})
        return
    taken = " Its calibration was taken over." if imported.calibration else ""
    _say(f"Imported {_people(len(imported.subjects))} into {printable(str(gallery))}.{taken}")


def check(*, gallery: Path, json: bool = False) -> None:
    """Check that everybody in the gallery is as enrolled; bring an older layout up to date.

    Raises BadInputError when something is wrong, after printing what.

    Args:
        gallery: the gallery file.
        json: print JSON for programs.
    """
    with Gallery.open(gallery, create=False, readonly=not _writable(gallery)) as opened:
        report = opened.check()
    if json:
        _print_json(asdict(report) | {"ok": report.ok})
    else:
        for problem in report.problems:
            who = "gallery" if problem.subject is None else printable(problem.subject)
            _say(f"{who}: {problem.what}; {problem.remedy}.")
        revisions = ", ".join(map(printable, (*report.models, *report.templates))) or "none"
        _say(f"{report.sound} of {_people(report.people)} sound; revisions: {revisions}.")
    if not report.ok:
        count = len(report.problems)
        found = "One problem" if count == 1 else f"{count} problems"
        raise BadInputError(f"{found} found in {printable(str(gallery))}: see above for what to do.")


def _writable(gallery: Path) -> bool:
    """Whether a check can also migrate and wipe: it should look at a gallery on read-only media too."""
    try:
        with Gallery.open(gallery, create=False):
            return True
    except BadInputError:
        return False


def _rows(record: Record, prototype: Prototype) -> list[tuple[str, str]]:
    """What `show` prints, top to bottom."""
    counts = Counter(prototype.parts.tolist())
    seen = Counter(prototype.parts[prototype.measured].tolist())
    parts = [
        f"{PART_TITLES[part]} {100 * seen[part] // counts[part]}\N{NO-BREAK SPACE}%" for part in record.parts
    ]
    return [
        ("enrolled from", record.source),
        ("enrolled", record.created.replace("T", " ").replace("Z", " UTC")),
        ("parts enrolled", ", ".join(parts) or "none measured, all from the fitted model"),
        ("points", f"{record.sites}, {record.measured} of them measured"),
        ("colour", "yes" if record.coloured else "no"),
        ("face views", _views(prototype.face)),
        ("fit", f"{record.residual * 1000:.1f} mm median distance of the data from the surface"),
        ("model revision", printable(record.model)),
        ("template", printable(record.template)),
        ("face model", printable(record.face_model or "-")),
        ("consent", printable(record.consent, 2000) or "not recorded"),
        ("purpose", printable(record.purpose, 2000) or "not recorded"),
        ("note", printable(record.note, 2000) or "-"),
        ("sha256", record.sha256),
    ]


def _views(face: FaceTemplates | None) -> str:
    if face is None:
        return "none"
    yaws = [
        f"{angle:+.0f}°{' rendered' if rendered else ''}"
        for angle, rendered in zip(np.degrees(face.yaws), face.rendered, strict=True)
    ]
    return f"{len(yaws)}: {', '.join(yaws)}"


def _details(record: Record, prototype: Prototype) -> dict[str, Any]:
    face = prototype.face
    return asdict(record) | {
        "part_names": [PART_TITLES[part] for part in record.parts],
        "yaws_degrees": [] if face is None else [round(float(yaw), 1) for yaw in np.degrees(face.yaws)],
        "rendered": [] if face is None else face.rendered.tolist(),
    }


def _summary(records: list[Record], calibrations: Mapping[str, StoredCalibration]) -> str:
    revisions = Counter((record.model, record.template) for record in records)
    listed = "; ".join(f"{printable(m, 40)}, {printable(t, 40)}: {n}" for (m, t), n in revisions.items())
    fixed = "".join(
        f"; calibrated on {printable(one.population, 80)} ({one.revision}, {one.created[:10]})"
        for one in calibrations.values()
    )
    return f"{_people(len(records))} ({listed}){fixed}."


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _say(line: str) -> None:
    Console(soft_wrap=True).print(Text(line))


def _print_json(value: object) -> None:
    # ASCII JSON cannot carry control characters or direction overrides to a terminal.
    print(jsonlib.dumps(value, indent=2, ensure_ascii=True))
