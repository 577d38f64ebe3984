"""`lineament evaluate pooling RUN`: what several photographs of a person bring as one reference."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from lineament.errors import BadInputError
from lineament.evaluation.metrics import Figure
from lineament.evaluation.peers_table import cell
from lineament.evaluation.pooled_references import Pooled, pooled_references
from lineament.evaluation.report_json import value_json, write_json
from lineament.evaluation.report_text import markdown_table

_console = Console(highlight=False, soft_wrap=True, markup=False)


def pooling(
    run: Path,
    *,
    sizes: Sequence[int] = (1, 2, 4),
    seed: int = 0,
    rounds: int = 200,
    json_out: Path | None = None,
) -> None:
    """Pool sets of references of an exported run, and compare every probe with them.

    Pictures are not read again: the run's templates and qualities are enough. Each person's set is drawn;
    ways of pooling are compared on the same sets.

    Args:
        run: the folder that `lineament evaluate export --system face` made
        sizes: how many references a set holds; people with fewer are left out
        seed: of the sets and of resampling
        rounds: of resampling people for the intervals
        json_out: a file for the figures
    """
    if rounds < 100:
        raise BadInputError(f"an interval needs at least 100 rounds, not {rounds}")
    found = pooled_references(run, sizes, seed=seed, rounds=rounds)
    _console.print(pooling_table(found), end="")
    if json_out is not None:
        rows = [
            {"size": one.size, "way": one.way, "people": one.people, "tar": value_json(one.tar)}
            | {"auc": value_json(one.auc)}
            for one in found
        ]
        write_json(json_out, {"pooled references": rows})


def pooling_table(found: Sequence[Pooled]) -> str:
    """Markdown, a row a way and size."""
    rows = [
        [str(one.size), one.way, f"{one.people:,}", *(cell(value) for value in (one.tar, one.auc))]
        for one in found
        if isinstance(one.tar, Figure)
    ]
    heads = ["photographs", "pooled by", "people", "TAR at FMR 0.01", "area under the curve"]
    return markdown_table(heads, rows)
