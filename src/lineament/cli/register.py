"""`lineament register PHOTO... --out regs/`: the raw 2D-3D registration, one .npz a photograph."""

from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from lineament.errors import BadInputError, NothingFoundError
from lineament.runtime.faces import FaceReader
from lineament.runtime.people import body_box
from lineament.runtime.photograph import load_photograph
from lineament.runtime.photograph_maps import PhotographMaps
from lineament.runtime.registrar import Registrar
from lineament.writing import replacing

_errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def register(photos: tuple[Path, ...], *, out: Path) -> None:
    """Write each photograph's registration: parts, person probability, template coordinates of each pixel.

    Each file holds `parts` (H, W) uint8, `probability` (H, W) float16, `canonical` (H, W, 3) float16 metres,
    `person` (H, W) uint8 (0 nobody, then in the order of `people`), `box` (4,) of the largest person and
    `people` (P, 4).

    Args:
        photos: photographs
        out: folder to write into
    """
    if not photos:
        raise BadInputError("no photographs were named; give at least one")
    names = [photo.stem for photo in photos]
    if len(set(names)) < len(names):
        raise BadInputError("two photographs have the same name; register them into different folders")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"cannot write to {out}: {error.strerror}; choose another --out") from error
    registrar, reader = Registrar.load(), FaceReader.load()
    empty, unreadable = 0, 0
    for photo in track(photos, "registering", console=_errors, transient=True, disable=len(photos) < 2):
        try:
            image = load_photograph(photo)
        except BadInputError as error:
            unreadable += 1
            _errors.print(f"lineament: {error}")
            continue
        bodies = registrar.people(image, hints=[body_box(face, image.shape) for face in reader.faces(image)])
        if not bodies:
            empty += 1
            _errors.print(f"lineament: no person was found in {photo.name}")
        _save(out / f"{photo.stem}.npz", registrar.full_resolution(image, bodies))
    if unreadable == len(photos):
        raise BadInputError("none of the photographs could be read")
    if empty + unreadable == len(photos):
        raise NothingFoundError(f"no person was found in {len(photos)} photograph(s)")
    if unreadable:
        raise BadInputError(
            f"{unreadable} of {len(photos)} photographs could not be read; the others are written"
        )


def _save(path: Path, maps: PhotographMaps) -> None:
    box = maps.boxes[0] if len(maps.boxes) else np.zeros(4, np.float32)
    try:
        with replacing(path) as partial:
            np.savez_compressed(
                partial,
                parts=maps.parts,
                probability=maps.probability,
                canonical=maps.canonical,
                box=box,
                person=maps.people,
                people=maps.boxes,
            )
    except OSError as error:
        raise BadInputError(f"cannot write {path}: {error.strerror}; free space or change --out") from error
