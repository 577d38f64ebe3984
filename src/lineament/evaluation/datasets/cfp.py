"""Celebrities in Frontal-Profile (Sengupta et al., WACV 2016): frontal-frontal and frontal-profile pairs in
folds.
"""

from pathlib import Path
from typing import Final, Literal

from lineament.evaluation.datasets.folder import required

Protocol = Literal["FF", "FP"]
FOLDS: Final = ("01", "02", "03")
Pair = tuple[Path, Path, bool]


def read(root: Path, protocol: Protocol, folds: tuple[str, ...] = FOLDS) -> list[Pair]:
    """Pairs of photographs and whether they are mated; pairs of identical files are dropped."""
    required(root, "images", "protocol/image_list_F.txt", "protocol/image_list_P.txt")
    frontal, profile = (_images(root, kind) for kind in ("F", "P"))
    second = frontal if protocol == "FF" else profile
    pairs = []
    for fold in folds:
        for name, mated in (("same", True), ("diff", False)):
            for line in (root / "protocol" / protocol / fold / f"{name}.txt").read_text().split():
                a, b = (int(number) for number in line.split(","))
                if a in frontal and b in second:
                    pairs.append((frontal[a], second[b], mated))
    return [(a, b, mated) for a, b, mated in pairs if a.read_bytes() != b.read_bytes()]


def _images(root: Path, kind: str) -> dict[int, Path]:
    rows = (root / "protocol" / f"image_list_{kind}.txt").read_text().splitlines()
    found = {}
    for number, name in (row.split(maxsplit=1) for row in rows if row.strip()):
        found[int(number)] = root / name.strip()
    return found
