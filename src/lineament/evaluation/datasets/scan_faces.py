"""Scanned faces: people with expressions, photographs from three sides, point clouds and expert landmarks.

Files are `<person>/<expression>/{front,left,right}.jpg`, `landmarks3d.txt` (mm) and, for some, `points.npz`.
"""

from pathlib import Path
from typing import Final

from lineament.evaluation.datasets.dataset import About, DataSet, Record
from lineament.evaluation.datasets.folder import folders, name_of, pictures

ABOUT: Final = About(
    "scan-faces",
    "photographs from three sides beside point clouds, several expressions",
    "as the volunteers authorised: public, scientific use",
    "the holder of the scans",
)


def open(folder: Path) -> DataSet:
    """The photographs; "scan" is the place of the point cloud of the same take, where there is one."""
    records = []
    for subject in folders(folder):
        for take in folders(subject):
            scan = take / "points.npz"
            told: dict[str, str | float] = {"expression": take.name}
            if scan.is_file():
                told["scan"] = scan.relative_to(folder).as_posix()
            for path in pictures(take):
                covariates = {**told, "view": path.stem}
                records.append(Record(name_of(folder, path), path, subject.name, covariates))
    return ABOUT.data_set(folder, records)
