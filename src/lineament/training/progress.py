"""What a run says while it goes: a live line on a terminal, plain lines in a log."""

import sys
import time
from collections.abc import Mapping

from rich.console import Console
from rich.live import Live
from rich.text import Text

from lineament.training.checkpoint import RunState


class ProgressLine:
    """One line about the run; on a terminal it is redrawn in place, elsewhere printed every `every`
    seconds. quiet: says nothing, as all ranks but the first.
    """

    def __init__(self, every: float = 20.0, quiet: bool = False) -> None:
        self._quiet = quiet
        self._console = Console(file=sys.stderr, highlight=False, quiet=quiet)
        drawn = self._console.is_terminal and not quiet
        self._live = Live(console=self._console, auto_refresh=False) if drawn else None
        self._every = every
        self._last = -every
        self._samples = 0

    def __enter__(self) -> "ProgressLine":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, state: RunState, fraction: float, losses: Mapping[str, float]) -> None:
        """Report `state` at `fraction` 0..1 of the run with its smoothed losses."""
        now = time.monotonic()
        if self._quiet or now - self._last < (0.5 if self._live else self._every):
            return
        rate = (state.samples - self._samples) / (now - self._last) if self._samples else float("nan")
        self._last, self._samples = now, state.samples
        left = state.seconds * (1 / fraction - 1) / 60 if fraction > 0.001 else float("nan")
        values = "  ".join(f"{name} {value:.3f}" for name, value in losses.items() if name != "step")
        line = f"{fraction:5.1%}  step {state.step}  {rate:.0f} pictures/s  {left:.0f} min left  {values}"
        if self._live:
            self._live.update(Text(line), refresh=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def say(self, line: str) -> None:
        """Print one line that stays."""
        self._console.print(line, markup=False)
