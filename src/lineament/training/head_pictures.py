"""Head renders kept on disk: made once from a seed, resumed where interrupted, mapped into memory for
training.

Several processes may fill one folder, started together or one by one: each takes the next block of people
that nobody holds. Finished blocks are flagged in blocks.npy, a held one is locked by the system until its
process ends. done.json is the number of leading pictures that are finished: `pictures_so_far` opens these
while the rest is being made.
"""

import json
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from lineament.assets.store import cache_folder
from lineament.runtime.detector import FaceDetector
from lineament.synth.head_places import NAMED, VERTICES
from lineament.synth.head_sample import HeadSample
from lineament.synth.heads import SIZE, HeadStream
from lineament.synth.people import People
from lineament.synth.reserved import refuse_reserved
from lineament.training.head_clouds import mapped, open_clouds
from lineament.types import Bool, Float32, Int32
from lineament.writing import replacing

REVISION: Final = "heads-2"
BLOCK: Final = 10
"""People whose pictures one process makes before it says so."""
MISSED: Final = 0.3
"""A detection farther from the face, in sizes of it, is of something else."""

Progress = Callable[[int, int], None]


def _unknown(*shape: int) -> Callable[[], Float32]:
    return lambda: np.zeros((0, *shape), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class HeadPictures:
    """images: (N, S, S, 3) uint8 sRGB. landmarks: (N, L, 2) pixels, centres at +0.5, in the order of
    `synth.head_places.VERTICES`: named ones first. visible: (N, L).

    angles: (N, 3) yaw, pitch, roll, radians as in `synth.heads.HeadSample`. people: (N,) identity of each;
    pictures of one person follow each other. rotation: (N, 3, 3) from the head's frame (`synth.head_places`)
    to the camera's; translation: (N, 3) metres; intrinsics: (N, 3) focal length and principal point x, y,
    pixels; these three are empty where nobody knows them.
    """

    images: np.memmap
    landmarks: Float32
    visible: Bool
    angles: Float32
    people: Int32
    rotation: Float32 = field(default_factory=_unknown(3, 3))
    translation: Float32 = field(default_factory=_unknown(3))
    intrinsics: Float32 = field(default_factory=_unknown(3))

    def __len__(self) -> int:
        return len(self.people)


def _quiet(_done: int, _of: int) -> None:
    pass


def head_pictures(
    count: int, people: int, seed: int, progress: Progress = _quiet, processes: int = 1
) -> HeadPictures:
    """`count` renders of `people` identities, as many of each; what an interrupted call made is kept.

    About 25 ms of one core each. The same bytes whatever the number of processes.
    """
    folder = _folder(count, people, seed)
    folder.mkdir(parents=True, exist_ok=True)
    _arrays(folder, count)
    if processes == 1 or _finished(folder, count, people) == count:
        _fill(folder, count, people, seed, progress)
    else:
        jobs = (folder, count, people, seed)
        with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
            for job in [pool.submit(_fill, *jobs) for _ in range(processes)]:
                job.result()
        # A block that a killed process held is still to do.
        _fill(folder, count, people, seed, progress)
    return _arrays(folder, count)


def pictures_so_far(count: int, people: int, seed: int) -> HeadPictures:
    """Those leading ones of `head_pictures(count, people, seed)` that are finished; it makes none."""
    folder = _folder(count, people, seed)
    folder.mkdir(parents=True, exist_ok=True)
    pictures, ready = _arrays(folder, count), _finished(folder, count, people)
    return HeadPictures(*(getattr(pictures, name)[:ready] for name in _fields(count)))


def rough_points(pictures: HeadPictures, progress: Progress = _quiet) -> Float32:
    """Five points (N, 5, 2) that the face detector finds on every third picture, NaN elsewhere and where it
    misses.

    Kept beside the pictures.
    """
    folder = Path(str(pictures.images.filename)).parent
    path = folder / f"rough-{len(pictures)}.npy"
    if path.is_file():
        return np.load(path, allow_pickle=False)
    detector = FaceDetector.load(threads=1)
    points = np.full((len(pictures), 5, 2), np.nan, dtype=np.float32)
    for index in range(0, len(pictures), 3):
        truth = pictures.landmarks[index, :NAMED]
        found = detector.detect(np.array(pictures.images[index]))[:1]
        if found and np.abs(found[0].landmarks.mean(axis=0) - truth.mean(axis=0)).max() < MISSED * np.ptp(
            truth
        ):
            points[index] = found[0].landmarks
        progress(index + 1, len(pictures))
    with replacing(path) as partial:
        np.save(partial, points)
    return points


def _folder(count: int, people: int, seed: int) -> Path:
    return cache_folder() / "heads" / f"{REVISION}-{refuse_reserved(seed)}-{people}-{count}"


def _fill(folder: Path, count: int, people: int, seed: int, progress: Progress = _quiet) -> None:
    """Make every block that is not finished and that no other process holds."""
    views = -(-count // people)
    arrays, flags = _arrays(folder, count), _flags(folder, count, people)
    stream = None
    for block in range(len(flags)):
        if flags[block]:
            continue
        with _held(folder, block) as mine:
            if not mine or flags[block]:
                continue
            if stream is None:
                population = People.load(people, seed)
                stream = HeadStream(seed, population, SIZE, views)
                clouds = open_clouds(folder.parent, people, seed)
            for index in range(block * BLOCK * views, min((block + 1) * BLOCK * views, count)):
                sample = stream.sample(index)
                _put(arrays, index, sample)
                if index % views == 0:
                    clouds.put(sample.person, *stream.identity(sample.person))
            flags[block] = 1
        ready = _finished(folder, count, people)
        with replacing(folder / "done.json") as partial:
            partial.write_text(json.dumps(ready))
        progress(ready, count)


def _put(arrays: HeadPictures, index: int, sample: HeadSample) -> None:
    arrays.images[index] = sample.image
    arrays.landmarks[index] = sample.landmarks2d
    arrays.visible[index] = sample.visible
    arrays.angles[index] = sample.yaw, sample.pitch, sample.roll
    arrays.people[index] = sample.person
    arrays.rotation[index], arrays.translation[index] = sample.rotation, sample.translation
    arrays.intrinsics[index] = sample.camera.K[0, 0], sample.camera.K[0, 2], sample.camera.K[1, 2]


@contextmanager
def _held(folder: Path, block: int) -> Iterator[bool]:
    """Whether this process alone holds a block; the system lets it go when the process ends, however."""
    with (folder / f"block-{block}.lock").open("wb") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except (ImportError, OSError):
            # Without locks two processes may make one block twice, with the same bytes.
            pass
        yield True


def _flags(folder: Path, count: int, people: int) -> np.memmap:
    views = -(-count // people)
    return mapped(folder / "blocks.npy", (-(-count // (BLOCK * views)),), np.uint8)


def _finished(folder: Path, count: int, people: int) -> int:
    """Number of leading pictures whose blocks are finished."""
    flags = np.array(_flags(folder, count, people))
    blocks = len(flags) if flags.all() else int(flags.argmin())
    return min(blocks * BLOCK * -(-count // people), count)


def _fields(count: int) -> dict[str, tuple[tuple[int, ...], type]]:
    marks = len(VERTICES)
    return {
        "images": ((count, SIZE, SIZE, 3), np.uint8),
        "landmarks": ((count, marks, 2), np.float32),
        "visible": ((count, marks), np.bool_),
        "angles": ((count, 3), np.float32),
        "people": ((count,), np.int32),
        "rotation": ((count, 3, 3), np.float32),
        "translation": ((count, 3), np.float32),
        "intrinsics": ((count, 3), np.float32),
    }


def _arrays(folder: Path, count: int) -> HeadPictures:
    return HeadPictures(
        **{name: mapped(folder / f"{name}.npy", *shape) for name, shape in _fields(count).items()}
    )
