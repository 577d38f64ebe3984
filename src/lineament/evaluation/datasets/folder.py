"""What every reader asks of a folder."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from lineament.errors import BadInputError

SUFFIXES: Final = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".pgm", ".ppm"))


def required(root: Path, *names: str) -> None:
    """Raise BadInputError unless every name exists below `root`."""
    missing = [name for name in names if not (root / name).exists()]
    if missing:
        raise BadInputError(f"{root} lacks {', '.join(missing)}; name the data set's own folder")


def either(root: Path, *names: str) -> Path:
    """The first of the places below `root` that exists; raises BadInputError where none does."""
    found = next((root / name for name in names if (root / name).exists()), None)
    if found is None:
        raise BadInputError(f"{root} lacks {' or '.join(names)}; name the data set's own folder")
    return found


def folders(root: Path) -> list[Path]:
    """The folders within `root`, sorted, hidden ones left out; raises BadInputError where it is none."""
    if not root.is_dir():
        raise BadInputError(f"{root} is not a folder; name the data set's own folder")
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))


def pictures(root: Path, *, deep: bool = False) -> list[Path]:
    """The pictures within `root`, sorted, with those of folders within it where `deep`."""
    found = root.rglob("*") if deep else root.glob("*")
    return sorted(p for p in found if p.suffix.lower() in SUFFIXES and not _hidden(p.relative_to(root)))


def name_of(root: Path, path: Path) -> str:
    """The path below `root` without its ending, with forward strokes."""
    return path.relative_to(root).with_suffix("").as_posix()


def matched(pattern: re.Pattern[str], paths: Sequence[Path], shape: str) -> list[tuple[Path, re.Match[str]]]:
    """Each path with the match of its stem; raises BadInputError where one is named otherwise.

    shape: how names look, for the message.
    """
    found = [(path, pattern.fullmatch(path.stem)) for path in paths]
    strange = [path.name for path, match in found if match is None]
    if strange:
        raise BadInputError(
            f"{len(strange)} of {len(paths)} pictures are not named like {shape}, such as {strange[0]}; "
            "name the data set's own, unchanged folder"
        )
    return [(path, match) for path, match in found if match is not None]


def held(root: Path, names: Iterable[str]) -> list[Path]:
    """The listed files below `root`; raises BadInputError where some are absent."""
    paths = [root / name for name in names]
    absent = [path for path in paths if not path.is_file()]
    if absent:
        raise BadInputError(
            f"{root} lacks {len(absent)} of {len(paths)} listed pictures, such as "
            f"{absent[0].relative_to(root)}; complete the data set"
        )
    return paths


def contents(path: Path) -> str:
    """The sha256 of a file, hexadecimal: equal for exact duplicates."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
