"""`lineament verify a.jpg b.jpg`."""

from pathlib import Path

from lineament.api import report_of
from lineament.api import verify as verify_pair
from lineament.cli.identify import show
from lineament.recognition.recogniser import DEFAULT_FMR


def verify(
    first: Path,
    second: Path,
    *,
    fmr: float = DEFAULT_FMR,
    report: Path | None = None,
    json: bool = False,
) -> None:
    """Compare the most prominent people of two photographs.

    Args:
        first: one photograph
        second: another
        fmr: false match rate, on the population of the calibration
        report: write an HTML report here, with .png and .json beside it
        json: print all numbers as JSON
    """
    probe, prototype, decision = verify_pair(first, second, fmr=fmr)
    show(probe, [decision], [prototype], json)
    if report is not None:
        report_of(probe, [decision], [prototype], report)
