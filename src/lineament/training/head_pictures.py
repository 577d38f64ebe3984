"""Head renders kept on disk: made once from a seed, resumed where interrupted, mapped into memory for
training.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from lineament.assets.store import cache_folder
from lineament.runtime.detector import FaceDetector
from lineament.synth.heads import HeadStream
from lineament.synth.landmarks import LANDMARKS
from lineament.synth.people import People
from lineament.synth.reserved import refuse_reserved
from lineament.types import Bool, Float32, Int32
from lineament.writing import replacing

REVISION: Final = "heads-1"
SIZE: Final = 192
SAVE_EVERY: Final = 100
MISSED: Final = 0.3
"""A detection farther from the face, in sizes of it, is of something else."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class HeadPictures:
    """images: (N, S, S, 3) uint8 sRGB. landmarks: (N, L, 2) pixels, centres at +0.5. visible: (N, L).

    angles: (N, 3) yaw, pitch, roll, radians as in `synth.heads.HeadSample`. people: (N,) identity of each.
    """

    images: np.memmap
    landmarks: Float32
    visible: Bool
    angles: Float32
    people: Int32

    def __len__(self) -> int:
        return len(self.people)


def _quiet(_done: int, _of: int) -> None:
    pass


def head_pictures(count: int, people: int, seed: int, progress: Progress = _quiet) -> HeadPictures:
    """`count` renders of `people` identities; what an earlier, interrupted call made is kept.

    About 0.2 s of one core each.
    """
    folder = cache_folder() / "heads" / f"{REVISION}-{refuse_reserved(seed)}-{people}-{count}"
    folder.mkdir(parents=True, exist_ok=True)
    arrays = _open(folder, count)
    done = _done(folder)
    if done < count:
        stream = HeadStream(seed, People.load(people, seed, progress), SIZE)
        for index in range(done, count):
            sample = stream.sample(index)
            arrays.images[index] = sample.image
            arrays.landmarks[index] = sample.landmarks2d
            arrays.visible[index] = sample.visible
            arrays.angles[index] = sample.yaw, sample.pitch, sample.roll
            arrays.people[index] = sample.person
            if (index + 1) % SAVE_EVERY == 0 or index + 1 == count:
                with replacing(folder / "done.json") as partial:
                    partial.write_text(json.dumps(index + 1))
                progress(index + 1, count)
    return arrays


def rough_points(pictures: HeadPictures, progress: Progress = _quiet) -> Float32:
    """Five points (N, 5, 2) that the face detector finds on every third picture, NaN elsewhere and where it
    misses.

    Kept beside the pictures.
    """
    folder = Path(str(pictures.images.filename)).parent
    path = folder / "rough.npy"
    if path.is_file():
        return np.load(path, allow_pickle=False)
    detector = FaceDetector.load(threads=1)
    points = np.full((len(pictures), 5, 2), np.nan, dtype=np.float32)
    for index in range(0, len(pictures), 3):
        truth = pictures.landmarks[index]
        found = detector.detect(np.array(pictures.images[index]))[:1]
        if found and np.abs(found[0].landmarks.mean(axis=0) - truth.mean(axis=0)).max() < MISSED * np.ptp(
            truth
        ):
            points[index] = found[0].landmarks
        progress(index + 1, len(pictures))
    with replacing(path) as partial:
        np.save(partial, points)
    return points


def _done(folder: Path) -> int:
    path = folder / "done.json"
    return int(json.loads(path.read_text())) if path.is_file() else 0


def _open(folder: Path, count: int) -> HeadPictures:
    marks = len(LANDMARKS)
    fields = {
        "images": ((count, SIZE, SIZE, 3), np.uint8),
        "landmarks": ((count, marks, 2), np.float32),
        "visible": ((count, marks), np.bool_),
        "angles": ((count, 3), np.float32),
        "people": ((count,), np.int32),
    }
    arrays = {}
    for name, (shape, dtype) in fields.items():
        path = folder / f"{name}.npy"
        if path.is_file():
            arrays[name] = np.load(path, mmap_mode="r+", allow_pickle=False)
        else:
            arrays[name] = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
    return HeadPictures(**arrays)
