"""Figures in words and in tables of plain text and Markdown."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from lineament.evaluation.metrics import Figure, TooFew
from lineament.evaluation.metrics.confusion import Confusion
from lineament.evaluation.metrics.differentials import Differential
from lineament.evaluation.metrics.discard import DiscardCurve
from lineament.evaluation.score import Results

TITLES: Final[Mapping[str, str]] = {
    "eer": "equal error rate",
    "auc": "area under the curve",
    "d_prime": "d'",
    "cllr": "Cllr, bits",
    "min_cllr": "minimum Cllr, bits",
    "failure_to_enrol": "failure to enrol",
    "failure_to_acquire": "failure to acquire",
    "rank 1": "rank-1 rate",
}


def title_of(name: str) -> str:
    """A figure's name for readers."""
    if name.startswith("tar_at_fmr_"):
        return f"TAR at FMR {float(name.rpartition('_')[2]):g}"
    return TITLES.get(name, name)


def shown(value: Figure | TooFew) -> str:
    """The number with its interval at 95 % and its cases, or why there is none."""
    if isinstance(value, TooFew):
        return str(value)
    note = f"; {value.note}" if value.note else ""
    return f"{number(value.value)} ({number(value.low)} to {number(value.high)}, n = {value.cases:,}{note})"


def number(value: float) -> str:
    """Three decimals, more where the number is small."""
    if value == 0 or abs(value) >= 0.01:
        return f"{value:.3f}"
    return f"{value:.2g}"


def text_of(results: Results) -> list[str]:
    """A report as plain lines."""
    record = results.record
    lines = [f"{record.system} on {record.protocol}"]
    lines.append("  " + ", ".join(f"{count:,} {what}" for what, count in results.counts.items()))
    for name, value in {**results.figures, **results.identification}.items():
        lines.append(f"  {title_of(name)}: {shown(value)}")
    for one in results.nominal:
        finding = f"; FINDING: {one.finding}" if one.finding else ""
        finding += "" if one.certain or not one.finding else ", as far as the interval tells"
        lines.append(f"  actual FMR at nominal {one.nominal:g}: {shown(one.fmr)}{finding}")
    lines += [] if results.confusion is None else [f"  {confusion_text(results.confusion)}"]
    for name, found in results.groups.items():
        lines += [f"  by {name}, {differential_text(one)}" for one in found.rates.values()]
    if isinstance(results.discard, DiscardCurve):
        lines.append(f"  error versus discard, area: {shown(results.discard.area)}")
        lines.append(f"  error versus discard, relative: {shown(results.discard.relative)}")
    lines += [f"  {one}" for one in cost_texts(results)]
    for why, count in results.failed.items():
        lines.append(f"  {count:,} failed: {why}")
    return lines


def cost_texts(results: Results) -> list[str]:
    """What each hardship costs, a line each."""
    lines = []
    for name, cost in results.costs.items():
        moved = "" if cost.score is None else f"; score {shown(cost.score)}"
        lines.append(
            f"{name} against the same scenes without: accepted {cost.plain:.3f} -> {cost.hard:.3f}, "
            f"change {shown(cost.accepted)}{moved}"
        )
    return lines


def confusion_text(found: Confusion) -> str:
    """How many probes are returned rightly, and who is most often taken for whom."""
    wrong = found.count - np.diag(np.diag(found.count))
    most = sorted(((int(wrong[at]), *at) for at in zip(*np.nonzero(wrong), strict=True)), reverse=True)[:3]
    rows, columns = [*found.names, "somebody not enrolled"], [*found.names, "nobody at all"]
    told = "".join(f"; {rows[row]} taken for {columns[column]}: {count}" for count, row, column in most)
    return f"{found.correct:,} of {int(found.count.sum()):,} probes returned rightly{told}"


def confusion_csv(found: Confusion) -> str:
    """The whole matrix: a row for each true identity, a column for each returned one."""
    heads = ",".join(json.dumps(name, ensure_ascii=False) for name in (*found.names, "nobody"))
    names = [*found.names, "not enrolled"]
    rows = [
        ",".join([json.dumps(name, ensure_ascii=False), *map(str, counts)])
        for name, counts in zip(names, found.count, strict=True)
    ]
    return "\n".join([f"true,{heads}", *rows]) + "\n"


def differential_text(one: Differential) -> str:
    """The worst group and the ratios in words."""
    worst = f"worst group {one.worst}" if one.worst else "no errors in any group"
    return (
        f"{one.rate.upper()}: {worst}; to the geometric mean {shown(one.ratio)}; "
        f"to the best group {shown(one.to_best)}"
    )


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; bars within cells are escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return (
        "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines) + "\n"
    )
