"""`lineament embed PHOTOS... --out e.npz`: one face embedding a photograph, by any recogniser."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from rich.console import Console
from rich.progress import track

from lineament.errors import BadInputError
from lineament.runtime.card_reader import CardReader
from lineament.runtime.faces import EMBEDDING_SIZE, FaceReader
from lineament.runtime.photograph import load_photograph
from lineament.runtime.recogniser_card import RecogniserCard
from lineament.types import Face, UInt8
from lineament.writing import replacing

POOR: Final = 0.5
"""Quality below which the reasons are told at once; all are written."""
_errors = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


class _Reader(Protocol):
    @property
    def model(self) -> str: ...

    def best(self, image: UInt8) -> Face | None: ...


def embed(
    photos: Sequence[Path],
    *,
    out: Path,
    recogniser: Path | None = None,
    card: Path | None = None,
    threads: int | None = None,
) -> None:
    """Embed the most prominent face of each photograph and write `out` (.npz).

    It holds names (n,), embeddings (n, D) of unit length (D is 128 unless another recogniser is named), yaw
    (n,) radians, quality (n,) 0..1, reasons (n,) what lowers it in words, found (n,) and model, the name of
    recogniser and alignment: embeddings of different models must not be compared. A photograph without a
    face, or one that cannot be read, stays in the list with found False and zeros (yaw NaN); why goes to
    standard error, as do the reasons of poor pictures.

    Raises BadInputError when none can be read or `out` cannot be written.

    Args:
        photos: photographs
        out: the .npz file to write
        recogniser: any network for aligned faces (.onnx) in place of SFace
        card: how that network wants its faces (JSON); looked for beside it if not given, as NAME.card.json,
            NAME.json or card.json
        threads: processor threads to use
    """
    if not photos:
        raise BadInputError("no photographs were named; give at least one")
    _check_out(out)
    reader, size = _opened(recogniser, card, threads)
    faces: list[Face | None] = []
    problems = 0
    for photo in track(photos, "embedding", console=_errors, transient=True, disable=len(photos) < 3):
        try:
            image = load_photograph(photo)
        except BadInputError as problem:
            problems += 1
            _errors.print(str(problem))
            faces.append(None)
            continue
        face = reader.best(image)
        if face is None:
            _errors.print(f"{str(photo)!r}: no face found")
        elif face.quality < POOR and face.reasons:
            _errors.print(f"{str(photo)!r}: quality {face.quality:.2f}: {'; '.join(face.reasons)}")
        faces.append(face)
    if problems == len(photos):
        raise BadInputError(f"none of the {problems} photographs can be read; nothing was written")
    _write(out, [str(photo) for photo in photos], faces, reader.model, size)


def _opened(recogniser: Path | None, card: Path | None, threads: int | None) -> tuple[_Reader, int]:
    """The reader, and the length of its embeddings."""
    if recogniser is None:
        if card is not None:
            raise BadInputError("--card describes a network; name that with --recogniser")
        return FaceReader.load(threads), EMBEDDING_SIZE
    own = CardReader.load(recogniser, None if card is None else RecogniserCard.load(card), threads)
    return own, own.size


def _check_out(out: Path) -> None:
    if out.suffix != ".npz":
        raise BadInputError(f"{str(out)!r} must end in .npz; choose such a name for --out")
    if out.is_dir() or not out.parent.is_dir():
        raise BadInputError(f"{str(out)!r} cannot be written; name a file in a folder that exists")


def _write(out: Path, names: list[str], faces: list[Face | None], model: str, size: int) -> None:
    nothing = np.zeros(size, dtype=np.float32)
    try:
        with replacing(out) as partial:
            np.savez(
                partial,
                names=np.array(names),
                embeddings=np.stack([nothing if face is None else face.embedding for face in faces]),
                yaw=np.array([np.nan if face is None else face.yaw for face in faces], dtype=np.float32),
                quality=np.array([0.0 if face is None else face.quality for face in faces], dtype=np.float32),
                reasons=np.array(["" if face is None else "; ".join(face.reasons) for face in faces]),
                found=np.array([face is not None for face in faces]),
                model=np.array(model),
            )
    except OSError as problem:
        raise BadInputError(
            f"{str(out)!r} cannot be written ({problem.strerror}); choose another place"
        ) from problem
