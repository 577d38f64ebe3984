"""Processes of this machine that work through tasks; they share nothing, neither locks nor memory."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Protocol

from lineament.errors import LineamentError
from lineament.synth.shard_task import ONE_THREAD, Failure, Probe, ProbeTask, Result, ShardTask, Task

Told = Callable[[int], None]
"""Called with the number of samples that were made since the last call."""


class Crew(Protocol):
    """Who works through tasks; enter it before use."""

    def __enter__(self) -> "Crew":
        """Start the workers."""

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """End them."""

    def probe(self, task: ProbeTask) -> Probe:
        """Draw the first samples."""

    def make(self, tasks: Sequence[ShardTask], told: Told) -> None:
        """Make shards; raises LineamentError, one line, when one of them fails."""


class Stretches:
    """Tasks dealt out so that each worker gets neighbours: their pictures show the same dressed people, which
    cost more to make than the pictures. Who has nothing left takes half of the longest stretch.
    """

    def __init__(self, tasks: Sequence[Task], workers: int) -> None:
        cuts = [len(tasks) * worker // workers for worker in range(workers + 1)]
        self._left = [list(tasks[start:end]) for start, end in pairwise(cuts)]

    def next(self, worker: int) -> Task | None:
        """The next task of a worker, None when all are dealt out."""
        if not self._left[worker]:
            longest = max(self._left, key=len)
            half = len(longest) // 2
            self._left[worker] = longest[half:]
            del longest[half:]
        return self._left[worker].pop(0) if self._left[worker] else None


class LocalCrew:
    """`workers` processes, started afresh so that nothing of this process's threads and locks gets in."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._staff: dict[Connection, BaseProcess] = {}

    def __enter__(self) -> "LocalCrew":
        context = multiprocessing.get_context("spawn")
        with _interrupts_ignored(), _environment(ONE_THREAD):
            for number in range(self._workers):
                ours, theirs = context.Pipe()
                worker = context.Process(target=_work, args=(theirs, number > 0), daemon=True)
                worker.start()
                # A worker that dies is noticed by the end of its pipe, of which this was a second end.
                theirs.close()
                self._staff[ours] = worker
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        for worker in self._staff.values():
            worker.terminate()
        for pipe, worker in self._staff.items():
            worker.join()
            pipe.close()
        self._staff = {}

    def probe(self, task: ProbeTask) -> Probe:
        """Draw the first samples in one of the processes."""
        found: list[Result] = []
        self._run([task], lambda _: None, found.append)
        if not isinstance(found[0], Probe):
            raise TypeError(f"a probe gave {found[0]!r}")
        return found[0]

    def make(self, tasks: Sequence[ShardTask], told: Told) -> None:
        """Make shards, each by the next process that is free."""
        self._run(tasks, told, lambda _: None)

    def _run(self, tasks: Sequence[Task], told: Told, done: Callable[[Result], None]) -> None:
        stretches = Stretches(tasks, len(self._staff))
        number = {pipe: place for place, pipe in enumerate(self._staff)}
        busy: set[Connection] = set()

        def occupy(pipe: Connection) -> None:
            busy.discard(pipe)
            task = stretches.next(number[pipe])
            if task is not None:
                self._send(pipe, task)
                busy.add(pipe)

        for pipe in self._staff:
            occupy(pipe)
        while busy:
            for pipe in wait(list(busy)):
                assert isinstance(pipe, Connection)
                result = self._receive(pipe)
                if result is None:
                    told(1)
                elif isinstance(result, Failure):
                    raise result.error()
                else:
                    done(result)
                    occupy(pipe)

    def _send(self, pipe: Connection, task: Task) -> None:
        try:
            pipe.send(task)
        except ConnectionError:
            self._lament(pipe)

    def _receive(self, pipe: Connection) -> Result | None:
        try:
            return pipe.recv()
        except (EOFError, ConnectionError):
            return self._lament(pipe)

    def _lament(self, pipe: Connection) -> None:
        worker = self._staff[pipe]
        worker.join()
        code = worker.exitcode or 0
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        memory = ", perhaps for want of memory: try fewer --workers" if code == -signal.SIGKILL else ""
        raise LineamentError(
            f"a worker process {how}{memory}; what is finished is kept: run the same command again to go on"
        )


def _work(pipe: Connection, quiet: bool) -> None:
    """A worker's life: tasks in, results out, None after each sample, until nobody is at the other end.

    quiet: another worker says already what libraries and assets have to say.
    """
    if quiet:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    # The terminal sends ctrl-C to workers too, but who started them ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        while True:
            task: Task = pipe.recv()
            pipe.send(task.run(lambda: pipe.send(None)))
    except (EOFError, ConnectionError):
        return


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Processes started within this block ignore ctrl-C from their first moment on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Processes started within this block find these variables in their environment."""
    former = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in former.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
