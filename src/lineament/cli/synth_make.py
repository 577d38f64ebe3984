"""`lineament synth make | rebuild`: shards of labelled samples for training elsewhere."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.text import Text

from lineament.cli.workshop import workshop
from lineament.errors import BadInputError

if TYPE_CHECKING:
    from lineament.synth.make import Outlook

_console = Console(highlight=False, soft_wrap=True, markup=False)
_EVERY = 20.0
"""Seconds between the lines that a log gets instead of a bar."""


def make(
    *,
    out: Path,
    count: int,
    seed: int = 0,
    people: int = 1000,
    workers: int | None = None,
    shard_size: int = 256,
    picture: Literal["png", "jpeg"] = "png",
    quality: int = 95,
    resume: bool = True,
    ray: str | None = None,
    photoreal: int = 0,
    fix: Sequence[str] = (),
    sweep: Sequence[str] = (),
    set_: Sequence[str] = (),
    balance: Sequence[str] = (),
    framing: Literal["mixed", "whole", "upper", "head", "face"] = "mixed",
    preset: Literal["standard", "first", "first+poses", "first+poses+garments"] = "standard",
    size: str | None = None,
    pairs: Literal["none", "new-clothes", "same-clothes"] = "none",
    sequence: int = 1,
) -> int:
    """Write labelled samples as WebDataset shards with a parquet manifest.

    The same options give the same bytes with any number of workers and after any interruption: run the same
    command again to go on. A larger --count adds samples to a folder.

    Args:
        out: folder of the shards
        count: number of samples
        seed: of samples and people
        people: size of the population
        workers: processes that draw; one for each processor if not given
        shard_size: samples in a shard
        picture: lossless, or smaller
        quality: of JPEG pictures, 1 to 100
        resume: make everything anew although OUT holds shards
        ray: address of a Ray cluster that draws, "auto" for this machine's, "local" to start one here
        photoreal: light paths a pixel of Mitsuba's colour over the same labels; 0 is the rasteriser's
        fix: NAME=VALUE, such as clothing=suit or yaw=45 (degrees)
        sweep: NAME=FIRST:LAST:STEP or NAME=VALUE,VALUE; all else stays the same
        set_: NAME=LOW..HIGH or NAME=VALUE:SHARE,VALUE:SHARE
        balance: NAME, spread evenly over the samples
        framing: what the pictures take in
        preset: distributions of today or of the first release
        size: WIDTHxHEIGHT in pixels
        pairs: two pictures of a person in different clothes, or of different people in the same
        sequence: pictures of one moving person
    """
    _check(count, workers)
    plan = _plan(fix, sweep, set_, balance, framing, preset, size, pairs, sequence)
    return _make(
        out, count, workers, resume, ray, (seed, people, plan, shard_size, picture, quality, photoreal)
    )


def _check(count: int, workers: int | None) -> None:
    if count < 1:
        raise BadInputError(f"--count is at least 1, not {count}")
    if workers is not None and workers < 1:
        raise BadInputError(f"--workers is at least 1, not {workers}")


def _plan(
    fix: Sequence[str],
    sweep: Sequence[str],
    distributions: Sequence[str],
    balance: Sequence[str],
    framing: str,
    preset: str,
    size: str | None,
    pairs: str,
    sequence: int,
) -> str:
    with workshop("synth make"):
        from lineament.synth.options import options_text
    return options_text(
        fix=fix,
        sweep=sweep,
        distributions=distributions,
        balance=balance,
        framing=framing,
        preset=preset,
        size=size,
        pairs=pairs,
        sequence=sequence,
    )


def _make(
    out: Path,
    count: int,
    workers: int | None,
    resume: bool,
    ray: str | None,
    recipe: tuple[int, int, str, int, Literal["png", "jpeg"], int, int],
) -> int:
    with workshop("synth make"):
        from lineament.synth import make as making
        from lineament.synth.crew import Crew, LocalCrew
        from lineament.synth.dataset import Recipe
        from lineament.synth.make_ray import RayCrew
    checked = Recipe(*recipe)
    shards = -(-count // checked.shard_size)
    crew: Crew = RayCrew(ray, workers) if ray else LocalCrew(min(workers or os.cpu_count() or 1, shards))
    with _Bar() as bar:
        listener = making.Listener(bar.begin, bar.advance)
        made = making.make(out, checked, count, crew=crew, resume=resume, listener=listener)
    _console.print(
        f"{made.samples} samples in {made.shards} shards, {making.spoken(made.size)}, {made.fresh} new: {out}"
    )
    return 0


def rebuild(folder: Path, *, index: int) -> int:
    """Make one sample of a folder again and compare it bit for bit.

    Args:
        folder: of shards
        index: of the sample
    """
    with workshop("synth rebuild"):
        from lineament.synth.rebuild import rebuild as make_again
    again = make_again(folder, index)
    if again.differing:
        _console.print(f"sample {index} comes out differently here: {', '.join(again.differing)}")
        return 1
    _console.print(f"sample {index} comes out bit for bit as it is stored")
    return 0


class _Bar:
    """How far a run is: a bar on a terminal, a line now and then in a log."""

    def __init__(self) -> None:
        console = Console(file=sys.stderr, highlight=False)
        self._live = console.is_terminal
        self._progress = Progress(
            BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(), console=console
        )
        self._task: Task | None = None
        self._said = self._began = time.monotonic()

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._live:
            self._progress.stop()

    def begin(self, outlook: "Outlook") -> None:
        """Say what is to come."""
        from lineament.synth.make import spoken

        fresh, kept = outlook.samples - outlook.kept, outlook.kept
        there = f", {kept} are there already" if kept else ""
        print(
            f"{fresh} samples to make{there}: about {spoken(outlook.size)}, {spoken(outlook.free)} free",
            file=sys.stderr,
        )
        number = self._progress.add_task("", total=fresh)
        self._task = self._progress.tasks[number]
        self._said = self._began = time.monotonic()
        if self._live:
            self._progress.start()

    def advance(self, samples: int) -> None:
        """Count samples that were made."""
        task = self._task
        if task is None or task.total is None:
            return
        self._progress.advance(task.id, samples)
        now = time.monotonic()
        if not self._live and now - self._said >= _EVERY:
            self._said = now
            rate = task.completed / (now - self._began)
            left = (task.total - task.completed) / rate / 60
            print(
                f"{task.completed:.0f} of {task.total:.0f}  {rate:.0f} pictures/s  {left:.0f} min left",
                file=sys.stderr,
                flush=True,
            )


class _Rate(ProgressColumn):
    """Pictures a second."""

    def render(self, task: Task) -> Text:
        """The rate of the last half minute."""
        return Text(f"{task.speed:.0f} pictures/s" if task.speed else "")
