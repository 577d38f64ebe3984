"""Registration judged on the data sets with labelled bodies: one call a data set."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, get_args

from lineament.errors import BadInputError
from lineament.evaluation.datasets import ccp, lsp, octopus
from lineament.evaluation.metrics import Figure
from lineament.evaluation.registration import joints_in_parts, person_masks
from lineament.runtime.faces import FaceReader
from lineament.runtime.people import body_box
from lineament.runtime.registrar import Registrar
from lineament.types import DenseRegistration, UInt8

BodyData = Literal["ccp", "octopus", "lsp"]
BODY_DATA: Final[tuple[BodyData, ...]] = get_args(BodyData)


def judge_bodies(
    dataset: BodyData,
    folder: Path,
    registrar: Registrar,
    reader: FaceReader,
    progress: Callable[[Path], None] = lambda path: None,
) -> dict[str, Figure]:
    """Person masks (ccp, octopus) or joints in parts (lsp) of photographs in `folder`.

    Raises BadInputError when the folder does not hold the data set.
    """

    def find(image: UInt8) -> list[DenseRegistration]:
        return registrar.people(image, hints=[body_box(face, image.shape) for face in reader.faces(image)])

    try:
        if dataset == "lsp":
            return dict(joints_in_parts(lsp.read(folder), registrar, find, progress))
        photographs = ccp.read(folder) if dataset == "ccp" else octopus.read(folder)
        return dict(person_masks(photographs, registrar, find, progress))
    except (OSError, ValueError, KeyError) as error:
        raise BadInputError(
            f"{folder} cannot be read as {dataset} ({error}); name the data set's own, whole folder"
        ) from error
