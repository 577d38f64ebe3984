"""`lineament calibrate FOLDER --gallery people.db`: fix the thresholds on your own people."""

from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from lineament.api import default_recogniser
from lineament.errors import BadInputError, LineamentError
from lineament.gallery.enrolment.assemble import Consent
from lineament.gallery.enrolment.photographs import enrol_photographs
from lineament.gallery.gallery import Gallery
from lineament.recognition.comparison import Comparison, compare
from lineament.recognition.fitting import fit
from lineament.recognition.recogniser import Recogniser
from lineament.types import Probe, Prototype

_console = Console(highlight=False, soft_wrap=True, markup=False)
LEAST_PEOPLE = 10
NOT_KEPT = Consent("", "calibration, not kept")


def calibrate(folder: Path, *, gallery: Path, population: str = "") -> None:
    """Fix weights and thresholds on people that you know, and keep them in the gallery.

    FOLDER holds one folder a person with at least two photographs each; the first half of a person's
    photographs (by name) is enrolled for the moment, the others probe. Nobody is added to the gallery.

    Args:
        folder: one folder a person
        gallery: the gallery that shall decide by this calibration
        population: who these people are, in words; printed beside every rate
    """
    people = _photographs(folder)
    recogniser = default_recogniser()
    kept: list[Prototype] = []
    probes: list[tuple[str, Probe]] = []
    for name, photographs in track(people.items(), "reading", console=_console, transient=True):
        half = max(1, len(photographs) // 2)
        try:
            read = [recogniser.probe(path) for path in photographs]
            kept.append(enrol_photographs(name, read[:half], NOT_KEPT, recogniser))
        except LineamentError as error:
            _console.print(f"{name} is left out: {error}")
            continue
        probes.extend((name, probe) for probe in read[half:] if probe.people)
    comparisons, mated = _compare(recogniser, kept, probes)
    if not comparisons:
        raise BadInputError(f"nothing could be compared in {folder}; give photographs that show people")
    calibration = fit(
        comparisons,
        mated,
        len(kept),
        revision="own",
        population=population or f"{len(kept)} people of {folder.resolve().name}",
        model=recogniser.registrar.model,
        face_model=recogniser.reader.model,
        temperature=recogniser.calibration.temperature,
        confidence=recogniser.calibration.confidence,
    )
    with Gallery.open(gallery) as store:
        store.set_calibration(calibration.model_dump(mode="json"), calibration.population)
    for mode, tail in calibration.tails.items():
        lowest = 3 / tail.comparisons
        _console.print(
            f"{mode}: {tail.comparisons:,} non-mated comparisons of {tail.people} people; "
            f"false match rates down to {lowest:.2g} can be asked for"
        )


def _photographs(folder: Path) -> dict[str, list[Path]]:
    if not folder.is_dir():
        raise BadInputError(f"{folder} is not a folder; give one that holds a folder for each person")
    people = {
        person.name: sorted(
            path for path in person.iterdir() if path.is_file() and not path.name.startswith(".")
        )
        for person in sorted(folder.iterdir())
        if person.is_dir()
    }
    people = {name: photographs for name, photographs in people.items() if len(photographs) >= 2}
    if len(people) < LEAST_PEOPLE:
        raise BadInputError(
            f"{folder} holds {len(people)} people with two or more photographs; "
            f"a calibration needs {LEAST_PEOPLE}"
        )
    return people


def _compare(
    recogniser: Recogniser, kept: list[Prototype], probes: list[tuple[str, Probe]]
) -> tuple[list[Comparison], np.ndarray]:
    comparisons: list[Comparison] = []
    mated: list[bool] = []
    for name, probe in probes:
        shown = probe.people[0]
        pixels = recogniser.pixels(shown)
        for face in (shown.face, None) if shown.face is not None else (None,):
            for prototype in kept:
                found = compare(pixels, face, prototype, recogniser.template, recogniser.world)
                if found.has_body or found.face_cosine is not None:
                    comparisons.append(found)
                    mated.append(prototype.subject == name)
    return comparisons, np.array(mated)
