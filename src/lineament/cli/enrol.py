"""`lineament enrol SUBJECT FILE... --gallery people.db`."""

import os
from pathlib import Path

from rich.console import Console

from lineament.anatomy import PART_TITLES
from lineament.api import default_recogniser
from lineament.api import enrol as enrol_person
from lineament.cli.workshop import workshop
from lineament.errors import BadInputError
from lineament.gallery.enrolment.scan_file import Unit
from lineament.gallery.gallery import Gallery
from lineament.gallery.names import check_text, clean_name
from lineament.types import Prototype

_console = Console(highlight=False, soft_wrap=True, markup=False)


def enrol(
    subject: str,
    sources: tuple[Path, ...],
    *,
    gallery: Path,
    consent: str = "",
    purpose: str = "",
    unit: Unit = "auto",
    replace: bool = False,
) -> None:
    """Enrol one person: in the gallery, on the disk, when this command has said so.

    Args:
        subject: name or number of the person
        sources: photographs; or one scan (.obj .ply .glb .stl .npz); or one body.json
        gallery: the gallery file; made when it does not exist
        consent: reference of the consent record
        purpose: what the person agreed to
        unit: metre, centimetre, millimetre, inch or a number of metres; of a scan's coordinates
        replace: enrol again somebody who is enrolled already
    """
    subject = clean_name(subject)
    check_text(consent, "consent reference")
    check_text(purpose, "purpose")
    missing = next((source for source in sources if not source.exists()), None)
    if missing is not None:
        raise BadInputError(f"{str(missing)!r} does not exist; check the name")
    _check_gallery(gallery, subject, replace)
    recogniser = default_recogniser()
    if gallery.exists():
        with Gallery.open(gallery) as people:
            people.require_revision(
                recogniser.registrar.model, recogniser.template.revision, face_model=recogniser.reader.model
            )
    if sources[0].suffix.lower() == ".json":
        prototype = _from_parameters(subject, sources, consent, purpose)
    else:
        prototype = enrol_person(
            subject, sources, consent=consent, purpose=purpose, unit=unit, recogniser=recogniser
        )
    with Gallery.open(gallery) as people:
        people.add(prototype, replace=replace)
    _report(prototype)


def _check_gallery(gallery: Path, subject: str, replace: bool) -> None:
    """Before the long work; makes no file, so that a first enrolment that fails leaves none behind."""
    if gallery.exists():
        with Gallery.open(gallery) as people:
            if subject in people and not replace:
                raise BadInputError(f"{subject} is enrolled already; give --replace to enrol again")
    elif not gallery.parent.is_dir():
        raise BadInputError(f"the folder {str(gallery.parent)!r} does not exist; make it, then enrol again")
    elif not os.access(gallery.parent, os.W_OK):
        raise BadInputError(f"the folder {str(gallery.parent)!r} is read-only; choose another --gallery")


def _from_parameters(subject: str, sources: tuple[Path, ...], consent: str, purpose: str) -> Prototype:
    if len(sources) > 1:
        raise BadInputError(f"{subject}: give one body.json alone")
    with workshop("enrolment from body parameters"):
        from lineament.synth.enrolment import enrol_parameters
    return enrol_parameters(subject, sources[0], consent, purpose, default_recogniser())


def _report(prototype: Prototype) -> None:
    parts = ", ".join(PART_TITLES[part] for part in prototype.enrolled_parts) or "no body parts"
    views = 0 if prototype.face is None else len(prototype.face.yaws)
    _console.print(f"enrolled {prototype.subject} from {prototype.source}: {parts}; {views} face view(s)")
    if prototype.note:
        _console.print(f"  {prototype.note}")
    if not prototype.consent:
        _console.print(
            "  no consent reference was given; add it with --consent TEXT --purpose TEXT --replace"
        )
