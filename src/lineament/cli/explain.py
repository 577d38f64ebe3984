"""`lineament explain PHOTO SUBJECT --gallery people.db`."""

from pathlib import Path

from rich.console import Console

from lineament.api import explain as explain_subject
from lineament.explain.text import summary_lines
from lineament.gallery.gallery import Gallery
from lineament.recognition.recogniser import DEFAULT_FMR

_console = Console(highlight=False, soft_wrap=True, markup=False)


def explain(
    photo: Path,
    subject: str,
    *,
    gallery: Path,
    out: Path = Path("explanation.html"),
    fmr: float = DEFAULT_FMR,
    domain: str = "",
) -> None:
    """Show the correspondences between a photograph and one enrolled person.

    Args:
        photo: the photograph
        subject: the enrolled person
        gallery: the gallery file
        out: the report; .png and .json are written beside it
        fmr: false match rate of one comparison, on the population of the calibration
        domain: which of the gallery's calibrations decides
    """
    with Gallery.open(gallery, create=False, readonly=True) as people:
        decisions, paths = explain_subject(photo, subject, people, out, fmr=fmr, domain=domain)
    for decision in decisions:
        for line in summary_lines(decision):
            _console.print(line)
    _console.print(f"report: {paths.html}, {paths.png}, {paths.json}")
