"""Making shards: what is there is checked, what is missing is made, by however many workers."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lineament.errors import BadInputError
from lineament.synth.crew import Crew, LocalCrew
from lineament.synth.dataset import (
    Description,
    Recipe,
    locked,
    manifest_path,
    prepare,
    shard_path,
    shard_samples,
    sweep,
)
from lineament.synth.manifest import combine, finished, sound
from lineament.synth.shard_task import ProbeTask, ShardTask, unwritten
from lineament.synth.source import OpenSource, PeopleSource

ROOM: Final = 1.05
"""Room for the manifest and the system's own beside the shards."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a run has before it: samples in all, those that are there already, bytes to come, bytes free."""

    samples: int
    kept: int
    size: float
    free: int


@dataclass(frozen=True, slots=True)
class Made:
    """A finished folder: samples, shards, bytes of the shards, samples that this run made."""

    samples: int
    shards: int
    size: int
    fresh: int


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told how far a run is: `begins` once, `made` with the number of samples since the last call."""

    begins: Callable[[Outlook], None] = lambda _: None
    made: Callable[[int], None] = lambda _: None


def make(
    folder: Path,
    recipe: Recipe,
    count: int,
    *,
    crew: Crew | None = None,
    resume: bool = True,
    open_source: OpenSource | None = None,
    listener: Listener | None = None,
) -> Made:
    """Bring `folder` to `count` samples of `recipe`, whatever is there of it already.

    The bytes depend on the recipe and the count alone: neither on the crew (one local process when None) nor
    on interruptions. resume: False makes everything anew. open_source: another source of samples than the
    people of the recipe. Raises BadInputError, one line, for a folder of other data, a bad count, a full
    disk.
    """
    if count < 1:
        raise BadInputError(f"--count is at least 1, not {count}")
    prepare(folder)
    with _disk(folder), locked(folder):
        held = _held(folder, resume)
        if held is not None:
            held.check(folder, recipe, count)
        try:
            sweep(folder)
            missing = _missing(folder, recipe, count) if held is not None else _shards(recipe, count)
            if missing:
                run = _Run(folder, recipe, count, open_source or PeopleSource(recipe), listener or Listener())
                with crew or LocalCrew(1) as staff:
                    run.make(staff, held, missing)
            return _finish(folder, recipe, count, missing)
        finally:
            sweep(folder)


@dataclass(frozen=True, slots=True)
class _Run:
    folder: Path
    recipe: Recipe
    count: int
    open_source: OpenSource
    listener: Listener

    def make(self, staff: Crew, held: Description | None, missing: Sequence[int]) -> None:
        """Make the missing shards; the first samples tell whether they fit to those that are `held`."""
        probe = staff.probe(ProbeTask(self.recipe, self.open_source))
        description = Description(self.recipe, self.count, probe.fingerprint)
        if held is None:
            sweep(self.folder, everything=True)
        else:
            held.check_fingerprint(self.folder, probe.fingerprint)
        fresh = _samples(self.recipe, self.count, missing)
        free = shutil.disk_usage(self.folder).free
        outlook = Outlook(self.count, self.count - fresh, fresh * probe.sample_bytes, free)
        _check_room(self.folder, outlook)
        manifest_path(self.folder).unlink(missing_ok=True)
        description.write(self.folder)
        self.listener.begins(outlook)
        folder = self.folder.absolute()
        tasks = [ShardTask(folder, description, self.open_source, number) for number in missing]
        staff.make(tasks, self.listener.made)


def _held(folder: Path, resume: bool) -> Description | None:
    """What `folder` is to be continued from, None for a start from nothing."""
    return Description.read(folder) if resume else None


def _shards(recipe: Recipe, count: int) -> range:
    return range(-(-count // recipe.shard_size))


def _samples(recipe: Recipe, count: int, shards: Sequence[int]) -> int:
    return sum(len(shard_samples(recipe, number, count)) for number in shards)


def _missing(folder: Path, recipe: Recipe, count: int) -> list[int]:
    """The shards that are not there, or not as they were written."""

    def missing(number: int) -> bool:
        return not sound(folder, number, len(shard_samples(recipe, number, count)))

    shards = _shards(recipe, count)
    with ThreadPoolExecutor(os.cpu_count()) as readers:
        return [number for number, wanted in zip(shards, readers.map(missing, shards), strict=True) if wanted]


def _finish(folder: Path, recipe: Recipe, count: int, missing: Sequence[int]) -> Made:
    shards = _shards(recipe, count)
    for number in shards:
        if not shard_path(folder, number).is_file() or finished(folder, number) is None:
            raise BadInputError(
                f"{shard_path(folder, number)} was made elsewhere: give a folder that all workers share"
            )
    combine(folder, shards)
    size = sum(shard_path(folder, number).stat().st_size for number in shards)
    return Made(count, len(shards), size, _samples(recipe, count, missing))


def _check_room(folder: Path, outlook: Outlook) -> None:
    if outlook.size * ROOM > outlook.free:
        raise BadInputError(
            f"{outlook.samples - outlook.kept} samples need about {spoken(outlook.size)}, but the disk of "
            f"{folder} has {spoken(outlook.free)} left: make room, choose another folder or a smaller --count"
        )


def spoken(size: float) -> str:
    """A number of bytes in words: "1.3 GB"."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadInputError(unwritten(Path(error.filename or folder), error)) from error
