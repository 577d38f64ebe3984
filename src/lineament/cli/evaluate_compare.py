"""`lineament evaluate compare A B`: paired differences of two runs of one protocol."""

from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from lineament.evaluation.compare import compare as compare_runs
from lineament.evaluation.report_json import value_json, write_json
from lineament.evaluation.report_text import number, title_of
from lineament.evaluation.run import Run

_console = Console(highlight=False, soft_wrap=True, markup=False)


def compare(
    first: Path, second: Path, *, rounds: int = 1000, seed: int = 0, json_out: Path | None = None
) -> None:
    """What the second run does better or worse than the first, on the same people and comparisons.

    People are resampled alike for both, so that what both find hard does not blur the difference.

    Args:
        first: a run
        second: another run of the same protocol
        rounds: of resampling people for the intervals
        seed: of the resampling
        json_out: write the differences here too
    """
    runs = Run.load(first), Run.load(second)
    found = compare_runs(*runs, rounds=rounds, seed=seed)
    names = [run.record.system for run in runs]
    _console.print(f"{names[1]} minus {names[0]} on {runs[0].record.protocol}")
    for name, one in found.items():
        told = "" if one.sure else " (may be chance)"
        _console.print(
            f"  {title_of(name)}: {number(one.first)} to {number(one.second)}, by {one.by.value:+.3f} "
            f"({one.by.low:+.3f} to {one.by.high:+.3f}){told}"
        )
    if json_out is not None:
        content = {
            name: {**asdict(one), "by": value_json(one.by), "sure": one.sure} for name, one in found.items()
        }
        write_json(json_out, {"first": names[0], "second": names[1], "differences": content})
