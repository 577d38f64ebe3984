"""The report's section on groups of people."""

from html import escape

from lineament.evaluation.groups import Grouped
from lineament.evaluation.report_text import differential_text, shown, title_of
from lineament.evaluation.score import WORKING, Results


def groups_section(results: Results) -> str:
    """HTML of differentials and failures by group, "" where people are in no groups."""
    if not results.groups:
        return ""
    parts = "".join(f"<h3>{escape(name)}</h3>{_table(one)}" for name, one in results.groups.items())
    return (
        '<section class="card"><h2>Groups of people</h2><p class="note">Every group against itself, at one '
        f"threshold for all (FMR {WORKING:g} over everybody). The worst of several groups is biased upwards "
        f"by chance.</p>{parts}</section>"
    )


def _table(found: Grouped) -> str:
    names = list(found.failures)
    columns = [(rate.upper(), one.groups) for rate, one in found.rates.items()]
    columns += [
        (title_of(kind), {name: by_kind[kind] for name, by_kind in found.failures.items()})
        for kind in ("failure_to_enrol", "failure_to_acquire")
    ]
    heads = "".join(f"<th>{escape(head)}</th>" for head in ("group", *(title for title, _ in columns)))
    rows = "".join(
        f"<tr><td>{escape(name)}</td>"
        + "".join(
            f"<td>{escape(shown(values[name])) if name in values else 'not compared'}</td>"
            for _, values in columns
        )
        + "</tr>"
        for name in names
    )
    said = "".join(f"<p>{escape(differential_text(one))}.</p>" for one in found.rates.values())
    return (
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{said}'
    )
