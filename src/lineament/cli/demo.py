"""`lineament demo`: the main job on packaged synthetic people and one real photograph."""

import sys
import webbrowser
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console

from lineament import assets
from lineament.api import default_recogniser, enrol, identify, report_of
from lineament.cli.workshop import workshop
from lineament.errors import BadInputError
from lineament.explain.text import summary_lines
from lineament.gallery.enrolment.assemble import Consent, assemble
from lineament.gallery.gallery import Gallery
from lineament.recognition.face_score import unit_rows
from lineament.recognition.recogniser import Recogniser
from lineament.types import FaceTemplates

_console = Console(highlight=False, soft_wrap=True, markup=False)
PACKAGED = Path(__file__).parent / "demo_people"
GALLERY = "lineament-demo.db"
"""A name of its own: the demo starts it anew, which must never hit a gallery of the user's."""
ASTRONAUT = "Astronaut"
PUBLIC = Consent("public domain photograph of NASA, in scikit-image", "demonstration")
SYNTHETIC = Consent("not needed: a synthetic person", "demonstration")


def demo(*, out: Path = Path("demo-out"), fresh: bool = False, show: bool = True) -> int:
    """Enrol 20 synthetic people and one real photograph, find them again, refuse a stranger, write reports.

    Ends with exit code 1 unless everybody is named or refused as they should be.

    Args:
        out: folder for the gallery and the reports
        fresh: make the synthetic people and their photographs anew (needs lineament[train])
        show: do not open the report in a browser
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"cannot write to {out}: {error.strerror}; choose another --out") from error
    recogniser = default_recogniser()
    source = _made_anew(out / "fresh", recogniser) if fresh else PACKAGED
    database = out / GALLERY
    for old in (database, *out.glob(f"{GALLERY}-*")):
        old.unlink(missing_ok=True)
    astronaut = assets.require("astronaut")
    with Gallery.open(database) as gallery:
        count = _enrol_synthetic(gallery, source, recogniser)
        prototype = enrol(
            ASTRONAUT,
            astronaut,
            gallery=gallery,
            consent=PUBLIC.reference,
            purpose=PUBLIC.purpose,
            recogniser=recogniser,
        )
        _console.print(f"gallery: {count} synthetic people and {ASTRONAUT} ({prototype.note})")
        altered = _altered(astronaut, out / "astronaut-again.jpg")
        probes = [(altered, ASTRONAUT), *((path, _owner(path)) for path in sorted(source.glob("*.jpg")))]
        right, report = 0, out / f"{altered.stem}.html"
        for path, expected in probes:
            _console.print(f"\n{path.name} (should be {expected or 'refused'}):")
            probe, decisions = identify(path, gallery, recogniser=recogniser)
            for line in summary_lines(decisions[0]):
                _console.print(f"  {line}")
            named = {one.subject for one in decisions[0].candidates[:2]}
            page = report_of(
                probe,
                decisions,
                [gallery.get(name) for name in sorted(named)],
                out / f"{path.stem}.html",
            )
            _console.print(f"  report: {page.html}")
            right += decisions[0].subject == expected
    _console.print(f"\n{right} of {len(probes)} as they should be. Gallery: {database}. Report: {report}")
    if show and sys.stdout.isatty():
        webbrowser.open(report.resolve().as_uri())
    return 0 if right == len(probes) else 1


def _owner(path: Path) -> str | None:
    """The person that a packaged photograph shows, by its name; None for the stranger."""
    return f"Person {int(path.stem.split('-')[1]):02d}" if path.stem.startswith("person-") else None


def _enrol_synthetic(gallery: Gallery, source: Path, recogniser: Recogniser) -> int:
    with np.load(source / "people.npz", allow_pickle=False) as held:
        people = {name: held[name] for name in held.files}
    for person, points in enumerate(people["points"]):
        mine = people["owner"] == person
        embeddings = people["faces"][mine].astype(np.float32)
        face = None
        if mine.any():
            face = FaceTemplates(
                embeddings=unit_rows(embeddings),
                yaws=people["yaws"][mine].astype(np.float32),
                rendered=np.ones(int(mine.sum()), bool),
                model=str(people["face_model"]),
            )
        gallery.add(
            assemble(
                f"Person {person:02d}",
                points=points.astype(np.float64),
                colours=people["colours"][person],
                measured=np.ones(len(points), bool),
                face=face,
                source="scan",
                consent=SYNTHETIC,
                residual=0.0,
                note="made by the synthesiser",
                recogniser=recogniser,
            )
        )
    return len(people["points"])


def _altered(photograph: Path, target: Path) -> Path:
    """The photograph as another camera might keep it: mirrored, turned, darker, smaller, compressed."""
    with Image.open(photograph) as image:
        picture = image.convert("RGB").transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    picture = picture.rotate(7, resample=Image.Resampling.BICUBIC, fillcolor=(90, 90, 90))
    picture = picture.crop((20, 0, 480, 420)).resize((345, 315))
    picture.point(lambda value: value * 0.8).save(target, quality=60)
    return target


def _made_anew(folder: Path, recogniser: Recogniser) -> Path:
    with workshop("--fresh"):
        from lineament.synth.demo import make_demo
    _console.print("making 21 synthetic people and their photographs (about a minute)")
    make_demo(folder, recogniser)
    return folder
