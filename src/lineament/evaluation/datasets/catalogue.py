"""Every data set by the name that the command line takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from lineament.errors import BadInputError
from lineament.evaluation.datasets import (
    aflw2000,
    arl_vtf,
    briar,
    ccp,
    cfp,
    cmu_faces,
    coco,
    densepose,
    facescape,
    ijbc,
    lfw,
    lsp,
    ltcc,
    market1501,
    multipie,
    octopus,
    orl,
    people,
    pku_reid,
    prcc,
    scan_faces,
    umist,
)
from lineament.evaluation.datasets.dataset import About, DataSet

Use = Literal["recognition", "registration"]


@dataclass(frozen=True, slots=True)
class Entry:
    """about: what it is. open: checks a folder and reads it. use: whether its people are known by name."""

    about: About
    open: Callable[[Path], DataSet]
    use: Use = "recognition"


_ENTRIES: Final = (
    Entry(people.ABOUT, people.open),
    Entry(cfp.ABOUT, cfp.open),
    Entry(umist.ABOUT, umist.open),
    Entry(cmu_faces.ABOUT, cmu_faces.open),
    Entry(orl.ABOUT, orl.open),
    Entry(scan_faces.ABOUT, scan_faces.open),
    Entry(lfw.ABOUT, lfw.open),
    Entry(ijbc.ABOUT, ijbc.open),
    Entry(multipie.ABOUT, multipie.open),
    Entry(facescape.MODELS, facescape.open_models),
    Entry(facescape.VIEWS, facescape.open_views),
    Entry(arl_vtf.ABOUT, arl_vtf.open),
    Entry(briar.ABOUT, briar.open),
    Entry(market1501.ABOUT, market1501.open),
    Entry(prcc.ABOUT, prcc.open),
    Entry(ltcc.ABOUT, ltcc.open),
    Entry(pku_reid.ABOUT, pku_reid.open),
    Entry(octopus.ABOUT, octopus.open),
    Entry(ccp.ABOUT, ccp.open, "registration"),
    Entry(lsp.ABOUT, lsp.open, "registration"),
    Entry(coco.ABOUT, coco.open, "registration"),
    Entry(densepose.ABOUT, densepose.open, "registration"),
    Entry(aflw2000.ABOUT, aflw2000.open, "registration"),
)
DATA_SETS: Final[Mapping[str, Entry]] = {entry.about.name: entry for entry in _ENTRIES}


def open_data_set(name: str, folder: Path) -> DataSet:
    """Check that `folder` holds the data set `name` and read it.

    Raises BadInputError where the name is unknown, or the folder is not what its name promises; the message
    says where the data set is to be had.
    """
    entry = DATA_SETS.get(name)
    if entry is None:
        raise BadInputError(f"there is no data set {name!r}; known are {', '.join(DATA_SETS)}")
    if not folder.is_dir():
        raise BadInputError(f"{folder} is not a folder; name that of {name} (source: {entry.about.source})")
    try:
        return entry.open(folder)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(
            f"{folder} cannot be read as {name} ({error}); source: {entry.about.source}"
        ) from error
