"""A plain folder of people: folder/<subject>/<photograph>, with or without a manifest.

What lies in folders below a subject's is a set of that name (a session, a track). Where `manifest.parquet`
lies in the folder, it is read instead: so synthetic protocols say what they show.
"""

from collections import Counter
from pathlib import Path
from typing import Final

from lineament.errors import BadInputError
from lineament.evaluation.datasets import manifest
from lineament.evaluation.datasets.dataset import About, DataSet, Record
from lineament.evaluation.datasets.folder import folders, name_of, pictures

ABOUT: Final = About(
    "people",
    "your own people: FOLDER/<subject>/<photograph>",
    "yours: you answer for the consent of those who are shown",
    "your own",
)

UNFINISHED: Final = "protocol.json"
"""What a synthetic protocol leaves until its manifest is there."""


def open(folder: Path) -> DataSet:
    """The people of a folder; raises BadInputError for a folder without people."""
    if (folder / manifest.NAME).is_file():
        return manifest.read(folder / manifest.NAME)
    if (folder / UNFINISHED).is_file():
        raise BadInputError(f"{folder} is half-made; run `lineament synth protocol` again with its options")
    records = [
        Record(name_of(folder, path), path, subject.name, _place(subject, path))
        for subject in folders(folder)
        for path in pictures(subject, deep=True)
    ]
    if not records and pictures(folder):
        raise BadInputError(f"{folder} holds pictures but no people; make one folder a person within it")
    names = Counter(record.name for record in records)
    twice = next((name for name, times in names.items() if times > 1), None)
    if twice is not None:
        raise BadInputError(f"{folder} holds {twice} with several endings; keep one of them")
    return ABOUT.data_set(folder, records)


def _place(subject: Path, path: Path) -> dict[str, str | float]:
    inner = path.parent.relative_to(subject).as_posix()
    return {} if inner == "." else {"set": inner}
