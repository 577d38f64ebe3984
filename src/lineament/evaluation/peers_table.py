"""One table of several systems on one protocol."""

from collections.abc import Sequence
from dataclasses import dataclass

from lineament.evaluation.metrics import Figure, TooFew
from lineament.evaluation.report_text import markdown_table, number, title_of
from lineament.evaluation.score import Results

_FIRST = ("tar_at_fmr_0.01", "tar_at_fmr_0.001", "eer", "auc")


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One system and what it reached."""

    system: str
    about: str
    results: Results


def table_of(rows: Sequence[Row]) -> str:
    """Markdown: figures with their intervals at 95 %, failures in the same table, and who is who below."""
    names = [n for n in _FIRST if any(isinstance(row.results.figures.get(n), Figure) for row in rows)]
    ranked = [n for n in ("rank 1", "mAP") if any(n in row.results.identification for row in rows)]
    heads = ["system", *(title_of(n) for n in (*names, *ranked)), "failed probes", "failed references"]
    body = []
    for row in rows:
        found = {**row.results.figures, **row.results.identification}
        counts = row.results.counts
        failed = [f"{counts[f'failed {side}']:,} of {counts[side]:,}" for side in ("probes", "references")]
        body.append([row.system, *(cell(found[name]) for name in (*names, *ranked)), *failed])
    counts = rows[0].results.counts
    said = ", ".join(
        f"{counts[what]:,} {what}" for what in ("people", "mated comparisons", "non-mated comparisons")
    )
    about = "\n".join(f"- {row.system}: {row.about}" for row in rows)
    return f"{rows[0].results.record.protocol}: {said}\n\n{markdown_table(heads, body)}\n{about}\n"


def cell(value: Figure | TooFew) -> str:
    """A figure short enough for a table."""
    if isinstance(value, TooFew):
        return "too few"
    return f"{number(value.value)} ({number(value.low)} to {number(value.high)})"
