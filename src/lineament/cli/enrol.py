"""`lineament enrol SUBJECT FILE... --gallery people.db`."""

from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console

from lineament.anatomy import PART_TITLES
from lineament.api import default_recogniser
from lineament.api import enrol as enrol_person
from lineament.errors import BadInputError
from lineament.gallery.enrolment.scan_file import Unit
from lineament.gallery.gallery import Gallery
from lineament.types import Prototype

_console = Console(highlight=False, soft_wrap=True, markup=False)


def enrol(
    subject: Annotated[str, tyro.conf.Positional],
    sources: Annotated[tuple[Path, ...], tyro.conf.Positional],
    gallery: Path,
    consent: str = "",
    purpose: str = "",
    unit: Unit = "auto",
    replace: bool = False,
) -> None:
    """Enrol one person.

    Args:
        subject: name or number of the person
        sources: photographs; or one scan (.obj .ply .glb .stl .npz); or one body.json
        gallery: the gallery file; made when it does not exist
        consent: reference of the consent record
        purpose: what the person agreed to
        unit: of a scan's coordinates
        replace: enrol again somebody who is enrolled already
    """
    if not sources:
        raise BadInputError(f"nothing to enrol {subject} from; name photographs, a scan or a body.json")
    with Gallery.open(gallery) as people:
        if subject in people and not replace:
            raise BadInputError(f"{subject} is enrolled already; give --replace to enrol again")
        people.require_revision(
            default_recogniser().registrar.model,
            default_recogniser().template.revision,
            face_model=default_recogniser().reader.model,
        )
        if sources[0].suffix.lower() == ".json":
            prototype = _from_parameters(subject, sources, consent, purpose)
            people.add(prototype, replace=replace)
        else:
            prototype = enrol_person(
                subject, sources, gallery=people, consent=consent, purpose=purpose, unit=unit, replace=replace
            )
    _report(prototype)


def _from_parameters(subject: str, sources: tuple[Path, ...], consent: str, purpose: str) -> Prototype:
    if len(sources) > 1:
        raise BadInputError(f"{subject}: give one body.json alone")
    try:
        from lineament.synth.enrolment import enrol_parameters
    except ImportError as missing:
        raise BadInputError(
            f"body parameters need the workshop (no module {missing.name}); install lineament[train]"
        ) from missing
    return enrol_parameters(subject, sources[0], consent, purpose, default_recogniser())


def _report(prototype: Prototype) -> None:
    parts = ", ".join(PART_TITLES[part] for part in prototype.enrolled_parts) or "no body parts"
    views = 0 if prototype.face is None else len(prototype.face.yaws)
    _console.print(f"enrolled {prototype.subject} from {prototype.source}: {parts}; {views} face view(s)")
    if prototype.note:
        _console.print(f"  {prototype.note}")
    if not prototype.consent:
        _console.print("  no consent reference was given; add it with --consent REFERENCE --purpose TEXT --replace")
