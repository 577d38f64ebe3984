"""Celebrities in Frontal-Profile (Sengupta et al., WACV 2016): frontal-frontal and frontal-profile pairs in
folds.

As published (`Data/Images`, `Protocol/Split`) or with short names (`images`, `protocol`).
"""

from pathlib import Path
from typing import Final, Literal

from lineament.evaluation.datasets.dataset import About, DataSet, Pairs, Record
from lineament.evaluation.datasets.folder import contents, either, held, required

Protocol = Literal["FF", "FP"]
FOLDS: Final = ("01", "02", "03")
Pair = tuple[Path, Path, bool]
YAW: Final = {"frontal": 0.0, "profile": 90.0}
"""Nominal, degrees; which side a profile shows is not told."""
ABOUT: Final = About(
    "cfp",
    "faces of 500 people, 10 frontal and 4 in profile each",
    "research; pictures from the web, without consent of those shown: publish none",
    "http://www.cfpw.io (the authors' page)",
    "Sengupta et al., Frontal to Profile Face Verification in the Wild, WACV 2016",
)


def open(folder: Path, protocol: Protocol = "FP", folds: tuple[str, ...] = FOLDS) -> DataSet:
    """All people, with the pairs of one protocol; of files that are equal byte for byte the first one stays.

    Pairs of equal files are left out, other pairs of a file that was left out go to the one that stayed.
    """
    lists = {kind: _images(folder, kind) for kind in ("F", "P")}
    paths = [path for kind in ("F", "P") for _, path in sorted(lists[kind].items())]
    held(folder, (path.relative_to(folder).as_posix() for path in paths))
    first: dict[tuple[str, str], Path] = {}
    stays = {path: first.setdefault((path.parts[-3], contents(path)), path) for path in paths}
    records = [_record(path) for path in dict.fromkeys(stays.values())]
    place = {record.path: number for number, record in enumerate(records)}
    listed = [(place[stays[a]], place[stays[b]], mated) for a, b, mated in read(folder, protocol, folds)]
    return ABOUT.data_set(folder, records, Pairs.listed(listed))


def _record(path: Path) -> Record:
    subject, view = path.parts[-3], path.parts[-2]
    return Record(f"{subject}/{view}/{path.stem}", path, subject, {"view": view, "yaw": YAW[view]})


def read(root: Path, protocol: Protocol, folds: tuple[str, ...] = FOLDS) -> list[Pair]:
    """Pairs of photographs and whether they are mated; pairs of identical files are dropped."""
    frontal, profile = (_images(root, kind) for kind in ("F", "P"))
    second = frontal if protocol == "FF" else profile
    split = either(root, f"protocol/{protocol}", f"Protocol/Split/{protocol}")
    required(split, *(f"{fold}/{name}.txt" for fold in folds for name in ("same", "diff")))
    pairs = []
    for fold in folds:
        for name, mated in (("same", True), ("diff", False)):
            for line in (split / fold / f"{name}.txt").read_text().split():
                a, b = (int(number) for number in line.split(","))
                if a in frontal and b in second:
                    pairs.append((frontal[a], second[b], mated))
    return [(a, b, mated) for a, b, mated in pairs if a.read_bytes() != b.read_bytes()]


def _images(root: Path, kind: str) -> dict[int, Path]:
    either(root, "images", "Data/Images")
    name = f"image_list_{kind}.txt"
    listing = either(root, f"protocol/{name}", f"Protocol/{name}")
    found = {}
    for number, place in (row.split(maxsplit=1) for row in listing.read_text().splitlines() if row.strip()):
        found[int(number)] = root / place.strip().removeprefix("../")
    return found
