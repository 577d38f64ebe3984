"""`lineament calibrate FOLDER --gallery people.db`: fix the thresholds on your own people."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from lineament.api import default_recogniser
from lineament.errors import BadInputError, LineamentError
from lineament.gallery.calibration import check_domain
from lineament.gallery.enrolment.assemble import Consent
from lineament.gallery.enrolment.photographs import enrol_photographs
from lineament.gallery.gallery import Gallery
from lineament.recognition.calibration import Calibration, Sample
from lineament.recognition.comparison import Comparison, compare
from lineament.recognition.fitting import digest_of, fit
from lineament.recognition.held_out import Gathered, HeldOutRate, held_out_rates
from lineament.recognition.recogniser import Recogniser
from lineament.types import Probe, Prototype

_console = Console(highlight=False, soft_wrap=True, markup=False)
LEAST_PEOPLE = 10
NOT_KEPT = Consent("", "calibration, not kept")


def calibrate(
    folder: Path, *, gallery: Path, population: str = "", domain: str = "", references: int = 0
) -> None:
    """Fix weights and thresholds on people that you know, and keep them in the gallery.

    FOLDER holds one folder a person with at least two photographs each; the first of a person's photographs
    (by name) are enrolled for the moment, the others probe. Nobody is added to the gallery. One gallery keeps
    a calibration for each domain, such as a camera; calibrating a domain again counts its version up. Half of
    the people are also judged by a calibration of the other half, and the rates are printed.

    Args:
        folder: one folder a person
        gallery: the gallery that shall decide by this calibration
        population: who these people are, in words; printed beside every rate
        domain: the kind of photographs, to be named by `identify --domain`; the one that decides where none
            is named if not given
        references: photographs that enrol each person, as many as your gallery has of each, 1 for verify;
            half of them if not given
    """
    check_domain(domain)
    if references < 0:
        raise BadInputError(f"--references is at least 1, not {references}")
    if not gallery.parent.is_dir():
        raise BadInputError(
            f"the folder {str(gallery.parent)!r} does not exist; make it, then calibrate again"
        )
    people = _photographs(folder, references)
    recogniser = default_recogniser()
    kept, probes = _read(people, references, recogniser)
    gathered = _compared(recogniser, kept, probes)
    if not gathered.comparisons:
        raise BadInputError(f"nothing could be compared in {folder}; give photographs that show people")
    if gathered.mated.all():
        raise BadInputError(f"only one person of {folder} could be compared; give {LEAST_PEOPLE} or more")
    fit_own = partial(
        fit,
        revision="own",
        population=population or f"{len(kept)} people of {folder.resolve().name}",
        model=recogniser.registrar.model,
        face_model=recogniser.reader.model,
        temperature=recogniser.calibration.temperature,
    )
    sample = Sample(
        people=len(kept),
        photographs=sum(len(people[one.subject]) for one in kept),
        references=references,
        mated=int(gathered.mated.sum()),
        non_mated=int((~gathered.mated).sum()),
        made=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        digest=digest_of(gathered.comparisons, gathered.mated),
    )
    calibration = fit_own(gathered.comparisons, gathered.mated, len(kept), sample=sample).model_copy(
        update={"dependence": recogniser.calibration.dependence}
    )
    with Gallery.open(gallery) as store:
        stored = store.set_calibration(calibration.model_dump(mode="json"), calibration.population, domain)
    for line in _told(calibration.model_copy(update={"revision": stored.revision})):
        _console.print(line)
    for line in _judged(held_out_rates(gathered, recogniser.calibration, fit_own)):
        _console.print(line)


def _told(calibration: Calibration) -> list[str]:
    lines = [f"kept {calibration.stated}"]
    for mode, tail in calibration.tails.items():
        lowest = 3 / tail.comparisons
        lines.append(
            f"{mode}: {tail.comparisons:,} non-mated comparisons of {tail.people} people; "
            f"false match rates down to {lowest:.2g} can be asked for"
        )
    return lines


def _judged(rates: Sequence[HeldOutRate]) -> list[str]:
    if not rates:
        return ["too few people to judge half of them by the other half"]
    lines = ["false match rates on people held out (half judged by a calibration of the other half):"]
    for one in rates:
        before, after = (count / one.comparisons for count in (one.before, one.after))
        lines.append(
            f"  {one.mode}, nominal {one.nominal:g}: {after:.2g} ({one.after:,} of {one.comparisons:,}); "
            f"{before:.2g} by the shipped calibration"
        )
    return lines


def _photographs(folder: Path, references: int) -> dict[str, list[Path]]:
    if not folder.is_dir():
        raise BadInputError(f"{folder} is not a folder; give one that holds a folder for each person")
    people = {
        person.name: sorted(
            path for path in person.iterdir() if path.is_file() and not path.name.startswith(".")
        )
        for person in sorted(folder.iterdir())
        if person.is_dir()
    }
    least = max(2, references + 1)
    people = {name: photographs for name, photographs in people.items() if len(photographs) >= least}
    if len(people) < LEAST_PEOPLE:
        many = "two" if least == 2 else str(least)
        raise BadInputError(
            f"{folder} holds {len(people)} people with {many} or more photographs; "
            f"a calibration needs {LEAST_PEOPLE}"
        )
    return people


def _read(
    people: dict[str, list[Path]], references: int, recogniser: Recogniser
) -> tuple[list[Prototype], list[tuple[str, Probe]]]:
    kept: list[Prototype] = []
    probes: list[tuple[str, Probe]] = []
    for name, photographs in track(people.items(), "reading", console=_console, transient=True):
        first = references or max(1, len(photographs) // 2)
        try:
            read = [recogniser.probe(path) for path in photographs]
            kept.append(enrol_photographs(name, read[:first], NOT_KEPT, recogniser))
        except LineamentError as error:
            _console.print(f"{name} is left out: {error}")
            continue
        shown = [(name, probe) for probe in read[first:] if probe.people]
        if len(shown) < len(read) - first:
            _console.print(f"{name}: nobody was found in {len(read) - first - len(shown)} photographs")
        probes.extend(shown)
    return kept, probes


def _compared(
    recogniser: Recogniser, kept: Sequence[Prototype], probes: Sequence[tuple[str, Probe]]
) -> Gathered:
    """Every probe against every prototype; a face is also compared without, for what a body alone says."""
    number = {one.subject: place for place, one in enumerate(kept)}
    comparisons: list[Comparison] = []
    people: list[tuple[int, int]] = []
    for name, probe in probes:
        shown = probe.people[0]
        pixels = recogniser.pixels(shown)
        for face in (shown.face, None) if shown.face is not None else (None,):
            for prototype in kept:
                found = compare(pixels, face, prototype, recogniser.template, recogniser.world)
                if found.has_body or found.face_cosine is not None:
                    comparisons.append(found)
                    people.append((number[name], number[prototype.subject]))
    pairs = np.array(people, dtype=np.int32).reshape(-1, 2)
    return Gathered(comparisons, pairs[:, 0] == pairs[:, 1], pairs)
