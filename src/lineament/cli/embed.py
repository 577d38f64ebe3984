"""`lineament embed PHOTOS... --out e.npz`: one face embedding a photograph."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from lineament.errors import BadInputError
from lineament.runtime.faces import EMBEDDING_SIZE, FaceReader
from lineament.runtime.photograph import load_photograph
from lineament.types import Face
from lineament.writing import replacing

_errors = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


def embed(photos: Sequence[Path], *, out: Path, threads: int | None = None) -> None:
    """Embed the largest face of each photograph and write `out` (.npz).

    It holds names (n,), embeddings (n, 128) of unit length, yaw (n,) radians, quality (n,) 0..1, found (n,)
    and model. A photograph without a face, or one that cannot be read, stays in the list with found False and
    zeros (yaw NaN); why goes to standard error.

    Raises BadInputError when none can be read or `out` cannot be written.

    Args:
        photos: photographs
        out: the .npz file to write
        threads: processor threads to use
    """
    if not photos:
        raise BadInputError("no photographs were named; give at least one")
    _check_out(out)
    reader = FaceReader.load(threads)
    faces: list[Face | None] = []
    problems = 0
    for photo in track(photos, "embedding", console=_errors, transient=True, disable=len(photos) < 3):
        face = None
        try:
            face = reader.best(load_photograph(photo))
            if face is None:
                _errors.print(f"{str(photo)!r}: no face found")
        except BadInputError as problem:
            problems += 1
            _errors.print(str(problem))
        faces.append(face)
    if problems == len(photos):
        raise BadInputError(f"none of the {problems} photographs can be read; nothing was written")
    _write(out, [str(photo) for photo in photos], faces, reader.model)


def _check_out(out: Path) -> None:
    if out.suffix != ".npz":
        raise BadInputError(f"{str(out)!r} must end in .npz; choose such a name for --out")
    if out.is_dir() or not out.parent.is_dir():
        raise BadInputError(f"{str(out)!r} cannot be written; name a file in a folder that exists")


def _write(out: Path, names: list[str], faces: list[Face | None], model: str) -> None:
    nothing = np.zeros(EMBEDDING_SIZE, dtype=np.float32)
    try:
        with replacing(out) as partial:
            np.savez(
                partial,
                names=np.array(names),
                embeddings=np.stack([nothing if face is None else face.embedding for face in faces]),
                yaw=np.array([np.nan if face is None else face.yaw for face in faces], dtype=np.float32),
                quality=np.array([0.0 if face is None else face.quality for face in faces], dtype=np.float32),
                found=np.array([face is not None for face in faces]),
                model=np.array(model),
            )
    except OSError as problem:
        raise BadInputError(
            f"{str(out)!r} cannot be written ({problem.strerror}); choose another place"
        ) from problem
