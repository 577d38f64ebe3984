"""Ctrl-C as a request: the step is finished and saved first, a second one ends at once."""

import signal
import threading
from types import FrameType


class StopRequest:
    """While entered, the first SIGINT only sets `requested`; outside the main thread nothing is changed."""

    def __init__(self) -> None:
        self.requested = False
        self._former: signal.Handlers | object = None

    def __enter__(self) -> "StopRequest":
        if threading.current_thread() is threading.main_thread():
            self._former = signal.signal(signal.SIGINT, self._request)
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _request(self, _signal: int, _frame: FrameType | None) -> None:
        self.requested = True
        self._restore()

    def _restore(self) -> None:
        if self._former is not None:
            signal.signal(signal.SIGINT, self._former)
            self._former = None


def ignore_interrupts(_worker: int) -> None:
    """For worker processes: the terminal sends ctrl-C to them too, but the trainer ends them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
