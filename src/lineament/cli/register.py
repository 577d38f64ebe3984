"""`lineament register PHOTO... --out regs/`: the dense 2D-3D registration, a .npz and .json a photograph."""

from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.progress import track

from lineament.dense.folder import write
from lineament.dense.overlay import overlay
from lineament.dense.person import DenseReader
from lineament.errors import BadInputError, NothingFoundError
from lineament.runtime.photograph import load_photograph
from lineament.types import UInt8
from lineament.writing import replacing

_errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def register(
    photos: tuple[Path, ...],
    *,
    out: Path,
    fit: bool = True,
    pictures: bool = False,
    model: Path | None = None,
) -> None:
    """Write each photograph's registration at its own resolution, for everybody in it.

    NAME.npz holds the maps (part, person, probability, place on the template), and of each person which of
    the template's sites are seen, the orientation, the joints, and the fitted body with its covariance;
    NAME.json says the same in words and numbers. docs/register.md describes every entry.

    Args:
        photos: photographs
        out: folder to write into
        fit: fit the body model to everybody, a tenth to half a second each; --no-fit leaves 3D joints out
        pictures: write NAME.png too, the photograph with parts, joints and directions drawn in
        model: folder of another registration model or variant (image.onnx, config.json)
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
    reader = DenseReader.load(model)
    empty, unreadable = 0, 0
    for photo in track(photos, "registering", console=_errors, transient=True, disable=len(photos) < 2):
        try:
            image = load_photograph(photo)
        except BadInputError as error:
            unreadable += 1
            _errors.print(f"lineament: {error}")
            continue
        read = reader.read(image, fit=fit)
        if not read.people:
            empty += 1
            _errors.print(f"lineament: no person was found in {photo.name}")
        write(out / f"{photo.stem}.npz", photo.name, read, reader.model)
        if pictures:
            _save(out / f"{photo.stem}.png", overlay(image, read, reader.model))
    if unreadable == len(photos):
        raise BadInputError("none of the photographs could be read")
    if empty + unreadable == len(photos):
        raise NothingFoundError(f"no person was found in {len(photos)} photograph(s)")
    if unreadable:
        raise BadInputError(
            f"{unreadable} of {len(photos)} photographs could not be read; the others are written"
        )


def _save(path: Path, picture: UInt8) -> None:
    try:
        with replacing(path) as partial:
            Image.fromarray(picture).save(partial)
    except OSError as error:
        raise BadInputError(f"cannot write {path}: {error.strerror}; free space or change --out") from error
