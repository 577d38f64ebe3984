"""A protocol on disk: a folder a person, each whole or not at all, so that an interrupted run goes on."""

import json
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import cv2
from PIL import Image

from lineament.errors import BadInputError, LineamentError
from lineament.synth.people import REVISION as PEOPLE_REVISION
from lineament.synth.protocol_shots import ProtocolMaker, subject
from lineament.synth.protocols import ProtocolName
from lineament.writing import replacing

RECORD: Final = "protocol.json"
REVISION: Final = 2
_ROWS: Final = "pictures.json"


@dataclass(frozen=True, slots=True)
class Asked:
    """What determines every picture: the protocol, its seed, how many people are known and unknown."""

    name: ProtocolName
    seed: int
    known: int
    unknown: int = 0

    @property
    def count(self) -> int:
        """All people."""
        return self.known + self.unknown


def begin(folder: Path, asked: Asked) -> list[int]:
    """Make or check the folder; returns the people who are still to be photographed.

    Raises BadInputError where it holds anything else, or another protocol.
    """
    _maker(asked)
    record = {**asdict(asked), "revision": REVISION, "population": PEOPLE_REVISION}
    path = folder / RECORD
    if path.is_file():
        if _read(path) != record:
            raise BadInputError(f"{folder} holds another protocol; choose another --out")
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInputError(f"{folder} is not empty; choose another --out")
    else:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(path) as partial:
                partial.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise BadInputError(f"cannot write {folder}: {error.strerror}; choose another --out") from error
    return [person for person in range(asked.count) if not _rows_of(folder, person).is_file()]


def write(folder: Path, asked: Asked, people: list[int], workers: int = 1) -> Iterator[int]:
    """Photograph people; yields each one's number of pictures when it is done."""
    if workers == 1:
        for person in people:
            yield write_person(folder, asked, person)
        return
    # Each process draws with one thread, or they wait for each other.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    context = multiprocessing.get_context("spawn")
    count = len(people)
    try:
        with ProcessPoolExecutor(min(workers, max(count, 1)), mp_context=context) as pool:
            yield from pool.map(write_person, [folder] * count, [asked] * count, people)
    except BrokenProcessPool as error:
        raise LineamentError(
            "a worker died, perhaps for lack of memory; run the same command with fewer --workers"
        ) from error


def write_person(folder: Path, asked: Asked, person: int) -> int:
    """Write everything that shows one person; returns the number of pictures."""
    # Sums over several threads end in other last bits.
    cv2.setNumThreads(1)
    rows = []
    try:
        (folder / subject(person)).mkdir(exist_ok=True)
        for shot in _maker(asked).shots(person):
            path = folder / f"{shot.name}.png"
            with replacing(path) as partial:
                Image.fromarray(shot.image).save(partial)
            rows.append({"name": shot.name, "covariates": dict(shot.covariates), "box": shot.box})
        with replacing(_rows_of(folder, person)) as partial:
            partial.write_text(json.dumps(rows), encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"cannot write {folder}: {error.strerror}; make room and run it again") from error
    return len(rows)


def rows(folder: Path, asked: Asked) -> list[dict[str, Any]]:
    """What is known of every picture: name, covariates, box; the path is the name with .png."""
    found: list[dict[str, Any]] = []
    for person in range(asked.count):
        found += _read(_rows_of(folder, person))
    return found


def _rows_of(folder: Path, person: int) -> Path:
    return folder / subject(person) / _ROWS


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInputError(f"{path} is damaged ({error}); remove it and run the command again") from error


@lru_cache(maxsize=1)
def _maker(asked: Asked) -> ProtocolMaker:
    return ProtocolMaker(asked.name, asked.seed, asked.known, asked.unknown)
