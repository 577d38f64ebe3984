"""ORL, now the AT&T faces (Samaria & Harter 1994): 40 people, 10 pictures each, in folders s1, s2, ..."""

from pathlib import Path
from typing import Final

from lineament.evaluation.datasets.dataset import About, DataSet, Record
from lineament.evaluation.datasets.folder import folders, name_of, pictures

ABOUT: Final = About(
    "orl",
    "grey, nearly frontal faces of 40 people",
    "with credit to the Olivetti Research Laboratory",
    "https://cam-orl.co.uk/facedatabase.html",
    "Samaria & Harter, Parameterisation of a Stochastic Model for Human Face Identification, WACV 1994",
)


def open(folder: Path) -> DataSet:
    """The people."""
    return ABOUT.data_set(
        folder,
        (
            Record(name_of(folder, path), path, subject.name)
            for subject in folders(folder)
            for path in pictures(subject)
        ),
    )
