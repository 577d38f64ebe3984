"""Renders to fit face quality on: many pictures of each person, kept on disk, good ones and bad ones."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from lineament.assets.store import cache_folder
from lineament.synth.head_sample import HeadCovariates
from lineament.synth.heads import HeadStream
from lineament.synth.people import People
from lineament.synth.reserved import refuse_reserved
from lineament.types import Bool, Float32, Int32
from lineament.writing import replacing

REVISION: Final = "quality-2"
"""Raise it whenever `synth.heads` draws other pictures."""
SIZE: Final = 192
SAVE_EVERY: Final = 50
MILD: Final = 0.8
"""Stops of exposure, and share of the resolution, within which a picture is taken for a good one."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class QualityPictures:
    """images: (N, S, S, 3) uint8 sRGB. people: (N,) who is shown. yaws: (N,) radians, true. clear: (N,)
    nothing before the face, no blur, mild exposure and resolution.
    """

    images: np.memmap
    people: Int32
    yaws: Float32
    clear: Bool

    def __len__(self) -> int:
        return len(self.people)


def _quiet(_done: int, _of: int) -> None:
    pass


def quality_pictures(count: int, people: int, seed: int, progress: Progress = _quiet) -> QualityPictures:
    """`count` renders of `people` identities; what an earlier, interrupted call made is kept.

    About 0.2 s of one core each. Raises BadInputError for a seed kept for evaluation.
    """
    folder = cache_folder() / "faces" / f"{REVISION}-{refuse_reserved(seed)}-{people}-{count}"
    folder.mkdir(parents=True, exist_ok=True)
    images = _images(folder / "images.npy", count)
    table: list[tuple[int, float, bool]] = _held(folder)
    if len(table) < count:
        stream = HeadStream(seed, People.load(people, seed), SIZE)
        for index in range(len(table), count):
            sample = stream.sample(index)
            images[index] = sample.image
            table.append((sample.person, float(sample.yaw), _clear(sample.covariates)))
            if (index + 1) % SAVE_EVERY == 0 or index + 1 == count:
                images.flush()
                with replacing(folder / "table.json") as partial:
                    partial.write_text(json.dumps(table))
                progress(index + 1, count)
    who, yaws, clear = zip(*table[:count], strict=True)
    return QualityPictures(
        images, np.array(who, np.int32), np.array(yaws, np.float32), np.array(clear, np.bool_)
    )


def _clear(made: HeadCovariates) -> bool:
    camera = made.sensor
    sharp = camera.blur == "none" and camera.resolution >= MILD
    return made.occlusion.kind == "none" and sharp and abs(camera.exposure) <= MILD


def _held(folder: Path) -> list[tuple[int, float, bool]]:
    path = folder / "table.json"
    if not path.is_file():
        return []
    return [(int(who), float(yaw), bool(clear)) for who, yaw, clear in json.loads(path.read_text())]


def _images(path: Path, count: int) -> np.memmap:
    if path.is_file():
        kept: np.memmap = np.load(path, mmap_mode="r+", allow_pickle=False)
        return kept
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(count, SIZE, SIZE, 3))
