"""The work that processes are given: drawing the first samples for a look, and making one shard.

The same in a local process and on a cluster. A task never raises: what went wrong comes back as a Failure.
"""

import hashlib
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

import cv2

from lineament.errors import BadInputError, LineamentError
from lineament.synth.dataset import Description, Recipe, durable, rows_path, shard_path, shard_samples
from lineament.synth.manifest import write_rows
from lineament.synth.shards import Source, encode, write_shard
from lineament.synth.source import OpenSource

PROBES: Final = 4
ONE_THREAD: Final = {
    name: "1"
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
}
"""Sums over several threads end in other last bits: every process that draws has one."""

Tick: TypeAlias = Callable[[], None]
"""Called after each sample; a broken pipe raised by it ends the work, since nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task was not done: one line, and the exit code of the error that it was."""

    line: str
    exit_code: int

    def error(self) -> LineamentError:
        """What to raise in the user's process."""
        kind = BadInputError if self.exit_code == BadInputError.exit_code else LineamentError
        return kind(self.line)


@dataclass(frozen=True, slots=True)
class Probe:
    """The first samples: a digest of their bytes, and the mean number of bytes that one takes in a shard."""

    fingerprint: str
    sample_bytes: float


@dataclass(frozen=True, slots=True)
class ProbeTask:
    """Draws samples 0 to PROBES - 1 of a source, and forgets them."""

    recipe: Recipe
    open_source: OpenSource

    def run(self, tick: Tick) -> Probe | Failure:
        """The look at the first samples."""
        return _caught("the first samples", lambda: probe(self.recipe, self.open_source))


@dataclass(frozen=True, slots=True)
class ShardTask:
    """Makes shard `number` of a folder."""

    folder: Path
    description: Description
    open_source: OpenSource
    number: int

    def run(self, tick: Tick) -> int | Failure:
        """Make the shard; returns its number."""
        return _caught(shard_path(self.folder, self.number).name, lambda: self._make(tick))

    def _make(self, tick: Tick) -> int:
        recipe = self.description.recipe
        seen = probe(recipe, self.open_source)
        self.description.check_fingerprint(self.folder, seen.fingerprint)
        path = shard_path(self.folder, self.number)
        try:
            with durable(path) as file:
                indices = shard_samples(recipe, self.number, self.description.count)
                written = write_shard(file, recipe, indices, opened(self.open_source), tick)
            path = rows_path(self.folder, self.number)
            write_rows(self.folder, self.number, recipe.seed, written)
        except ConnectionError:
            raise
        except OSError as error:
            raise BadInputError(unwritten(path, error)) from error
        return self.number


Task: TypeAlias = ProbeTask | ShardTask
Result: TypeAlias = Probe | int | Failure


def unwritten(path: Path, error: OSError) -> str:
    """One line about a file that could not be written."""
    return (
        f"cannot write {path}: {error.strerror or error}; what is finished is kept: "
        "make room, then run the same command again"
    )


@cache
def opened(open_source: OpenSource) -> Source:
    """The source, opened once in a process."""
    # Threads beside a process for each core only wait for each other.
    cv2.setNumThreads(1)
    return open_source()


@cache
def probe(recipe: Recipe, open_source: OpenSource) -> Probe:
    """The first samples of a source, as this process makes them."""
    source = opened(open_source)
    digest, size = hashlib.sha256(), 0
    for index in range(PROBES):
        for content in encode(recipe, index, *source(index)).values():
            digest.update(content)
            size += tarfile.BLOCKSIZE * (1 + -(-len(content) // tarfile.BLOCKSIZE))
    return Probe(digest.hexdigest(), size / PROBES)


def _caught(what: str, work: Callable[[], Probe | int]) -> Result:
    try:
        return work()
    except ConnectionError:
        raise
    except LineamentError as error:
        return Failure(str(error), error.exit_code)
    except ModuleNotFoundError as missing:
        return Failure(
            f"synth make needs the workshop (no module {missing.name}); run: pip install 'lineament[train]'",
            BadInputError.exit_code,
        )
    except Exception as error:
        told = " ".join(str(error).split())
        return Failure(f"{what} could not be made: {type(error).__name__}: {told}", LineamentError.exit_code)
