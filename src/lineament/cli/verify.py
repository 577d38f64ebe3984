"""`lineament verify a.jpg b.jpg [c.jpg ... --same-person]`."""

from pathlib import Path

from lineament.api import calibration_of, default_recogniser, report_of
from lineament.api import verify as verify_pair
from lineament.cli.identify import several, show
from lineament.errors import BadInputError
from lineament.gallery.gallery import Gallery
from lineament.recognition.calibration import Calibration
from lineament.recognition.recogniser import DEFAULT_FMR


def verify(
    first: Path,
    second: tuple[Path, ...],
    *,
    fmr: float = DEFAULT_FMR,
    gallery: Path | None = None,
    domain: str = "",
    same_person: bool = False,
    report: Path | None = None,
    json: bool = False,
) -> None:
    """Compare the most prominent people of two photographs.

    Args:
        first: one photograph
        second: another, or several of one person
        fmr: false match rate, on the population of the calibration
        gallery: decide by the calibration that this gallery keeps; nobody in it is compared
        domain: which of the gallery's calibrations decides
        same_person: all of the second photographs show one person
        report: write an HTML report here, with .png and .json beside it
        json: print all numbers as JSON
    """
    several(second, same_person)
    own = calibration_from(gallery, domain)
    recogniser = default_recogniser() if own is None else default_recogniser().calibrated(own)
    probe, prototype, decision = verify_pair(
        first, second if len(second) > 1 else second[0], fmr=fmr, recogniser=recogniser
    )
    show(probe, [decision], [prototype], json)
    if report is not None:
        report_of(probe, [decision], [prototype], report)


def calibration_from(gallery: Path | None, domain: str) -> Calibration | None:
    """The calibration that --gallery and --domain name, None for the shipped one."""
    if gallery is None:
        if domain:
            raise BadInputError(f"the domain {domain!r} is kept in a gallery; name it with --gallery")
        return None
    with Gallery.open(gallery, create=False, readonly=True) as people:
        return calibration_of(people, domain)
