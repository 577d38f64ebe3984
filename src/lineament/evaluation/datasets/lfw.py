"""Labelled Faces in the Wild and data sets of its form: folders of people and a list of pairs.

FOLDER/pairs.txt beside the people's folders, or beside a folder that holds them (lfw, lfw-deepfunneled, ...).
A picture is `<name>/<name>_<number in four digits>.jpg`; a line of three words is a mated pair, one of four
is not. A first line that counts is passed over.
"""

from pathlib import Path
from typing import Final

from lineament.errors import BadInputError
from lineament.evaluation.datasets.dataset import About, DataSet, Pairs, Record
from lineament.evaluation.datasets.folder import folders, held, required

ABOUT: Final = About(
    "lfw",
    "faces of 5,749 people from the web, 6,000 listed pairs",
    "research; pictures from the press, without consent of those shown: publish none",
    "http://vis-www.cs.umass.edu/lfw (University of Massachusetts)",
    "Huang et al., Labeled Faces in the Wild, 2007",
)
_PLACES: Final = ("lfw", "lfw-deepfunneled", "lfw_funneled", "lfw-funneled", "lfw-py")


def open(folder: Path) -> DataSet:
    """Everybody who is in a pair, with the pairs."""
    required(folder, "pairs.txt")
    root = next((folder / name for name in _PLACES if (folder / name).is_dir()), folder)
    listed = [_pair(line) for line in _lines(folder / "pairs.txt")]
    names = list(dict.fromkeys(name for pair in listed for name in pair))
    endings = _endings(root)
    paths = held(root, (f"{name}{endings}" for name in names))
    place = {name: number for number, name in enumerate(names)}
    records = [Record(name, path, path.parent.name) for name, path in zip(names, paths, strict=True)]
    pairs = Pairs.listed((place[a], place[b], a.split("/")[0] == b.split("/")[0]) for a, b in listed)
    return ABOUT.data_set(folder, records, pairs)


def _lines(path: Path) -> list[list[str]]:
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    counted = len(rows[0]) < 3 if rows else False
    return rows[1:] if counted else rows


def _pair(words: list[str]) -> tuple[str, str]:
    if len(words) == 3 and words[1].isdigit() and words[2].isdigit():
        return _picture(words[0], words[1]), _picture(words[0], words[2])
    if len(words) == 4 and words[1].isdigit() and words[3].isdigit():
        return _picture(words[0], words[1]), _picture(words[2], words[3])
    raise BadInputError(f"pairs.txt has the line {' '.join(words)!r}; a line is NAME N M or NAME N OTHER M")


def _picture(name: str, number: str) -> str:
    return f"{name}/{name}_{int(number):04d}"


def _endings(root: Path) -> str:
    """The ending of the pictures, by the first one."""
    first = next((path for person in folders(root) for path in sorted(person.glob("*_*.*"))), None)
    return ".jpg" if first is None else first.suffix
