"""`lineament evaluate gains RUNS...`: what our alignment brings to each recogniser."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from lineament.errors import BadInputError
from lineament.evaluation.gains import gains_of, gains_table

_console = Console(highlight=False, soft_wrap=True, markup=False)


def gains(runs: Sequence[Path], *, rounds: int = 1000, seed: int = 0) -> None:
    """Compare each network's run by its own alignment with its run by ours, paired over the same people.

    Prints a table in Markdown. The runs are those of `lineament evaluate peers`, with --systems such as
    sface sface+ours dlib dlib+ours, or --models NETWORK.onnx.

    Args:
        runs: folders that `lineament evaluate peers` filled (its --out)
        rounds: of resampling people for the intervals
        seed: of the resampling
    """
    if rounds < 100:
        raise BadInputError(f"an interval needs at least 100 rounds, not {rounds}")
    _console.print(gains_table(gains_of(runs, rounds=rounds, seed=seed)), end="")
