"""A run's report: one HTML page that opens offline, with nothing in it that asks for anything outside it."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from lineament.evaluation.metrics import Figure, TooFew
from lineament.evaluation.report_charts import charts
from lineament.evaluation.report_errors import errors_section
from lineament.evaluation.report_groups import groups_section
from lineament.evaluation.report_text import cost_texts, number, shown, title_of
from lineament.evaluation.run import Run
from lineament.evaluation.score import WORKING, Results
from lineament.writing import replacing

_TILES = ("tar_at_fmr_0.01", "tar_at_fmr_0.001", "eer", "auc", "rank 1", "mAP")
_RATES = ("tar", "eer", "auc", "failure", "rank", "mAP", "DIR", "min_cllr")


def write_report(path: Path, run: Run, results: Results) -> None:
    """Write the page; thumbnails only where the data set's terms allow. Raises OSError as writing does."""
    with replacing(path) as partial:
        partial.write_text(page_of(run, results), encoding="utf-8")


def page_of(run: Run, results: Results) -> str:
    """The whole page."""
    record = results.record
    style = (files("lineament.evaluation") / "static" / "evaluation.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:"
    title = escape(f"{record.system} on {record.dataset}")
    plots = "".join(
        f'<figure class="card"><h2>{escape(name)}</h2>{svg}<figcaption>{escape(text)}</figcaption></figure>'
        for name, svg, text in charts(results)
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style}</style></head><body>"
        f'<header><p class="brand">Lineament evaluation</p><h1>{title}</h1>'
        f'<p class="lead">{escape(record.protocol)}. {escape(record.about)}.</p></header><main>'
        f'{_tiles(results)}<div class="plots">{plots}</div>'
        f"{_figures(results)}{_nominal(results)}{groups_section(results)}{_costs(results)}"
        f"{errors_section(run, results)}{_provenance(results)}"
        f"</main><footer><p>{escape(record.software)}. Intervals are at 95 %, from resampling people.</p>"
        "</footer></body></html>\n"
    )


def _tiles(results: Results) -> str:
    found = {**results.figures, **results.identification}
    tiles = [
        f"<div class='tile'><dt>{escape(title_of(name))}</dt><dd>{number(value.value)}"
        f"<small>{number(value.low)} to {number(value.high)}</small></dd></div>"
        for name in _TILES
        if isinstance(value := found.get(name), Figure)
    ]
    counts = results.counts
    tiles += [
        f"<div class='tile'><dt>failed {side}</dt><dd>{counts[f'failed {side}']:,}"
        f"<small>of {counts[side]:,}</small></dd></div>"
        for side in ("probes", "references")
    ]
    return f'<dl class="tiles">{"".join(tiles)}</dl>'


def _figures(results: Results) -> str:
    rows = []
    for name, value in {**results.figures, **results.identification}.items():
        bar = _interval(value) if name.startswith(_RATES) and isinstance(value, Figure) else ""
        if isinstance(value, TooFew):
            rows.append([escape(title_of(name)), f'<td class="few" colspan="5">{escape(str(value))}</td>'])
            continue
        cells = (number(value.value), f"{number(value.low)} to {number(value.high)}", f"{value.cases:,}")
        note = f"<td>{bar}</td>" + "".join(f"<td>{cell}</td>" for cell in cells[1:])
        rows.append([escape(title_of(name)), f"<td>{cells[0]}</td>{note}<td>{escape(value.note)}</td>"])
    body = "".join(f"<tr><td>{name}</td>{cells}</tr>" for name, cells in rows)
    counts = ", ".join(f"{count:,} {escape(what)}" for what, count in results.counts.items())
    heads = "".join(f"<th>{head}</th>" for head in ("figure", "value", "", "95 %", "cases", "note"))
    return (
        f'<section class="card"><h2>All figures</h2><p class="note">{counts}. Failures to enrol or to '
        "acquire are counted: they score below every threshold.</p>"
        f"{_table(heads, body)}</section>"
    )


def _table(heads: str, body: str) -> str:
    return f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'


def _interval(value: Figure) -> str:
    low, high, at = (130 * min(1.0, max(0.0, v)) for v in (value.low, value.high, value.value))
    return (
        '<svg class="interval" viewBox="0 0 130 12" aria-hidden="true"><rect y="5" width="130" height="2"/>'
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="6" y2="6"/><circle cx="{at:.1f}" cy="6" r="4"/></svg>'
    )


def _nominal(results: Results) -> str:
    if not results.nominal:
        return ""
    rows = []
    for one in results.nominal:
        verdict = "cannot be told" if isinstance(one.fmr, TooFew) else "holds within a factor of two"
        if one.finding:
            verdict = one.finding + ("" if one.certain else "; the interval reaches within a factor of two")
        factor = f"{one.off:.2f}" if isinstance(one.fmr, Figure) else ""
        kind = ' class="finding"' if one.finding else ""
        cells = (f"{one.nominal:g}", shown(one.fmr), factor, shown(one.fnmr), verdict)
        rows.append(f"<tr{kind}>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
    heads = "".join(
        f"<th>{head}</th>" for head in ("nominal FMR", "actual FMR", "factor", "FNMR there", "verdict")
    )
    population = escape(results.record.comparing.get("calibration", "its population"))
    return (
        f'<section class="card"><h2>Nominal against actual</h2><p class="note">Thresholds of {population}. A '
        "rate off by more than a factor of two is a finding: calibrate on your own people "
        "(<code>lineament calibrate</code>).</p>"
        f"{_table(heads, ''.join(rows))}</section>"
    )


def _costs(results: Results) -> str:
    if not results.costs:
        return ""
    lines = "".join(f"<p>{escape(line)}.</p>" for line in cost_texts(results))
    return (
        '<section class="card"><h2>Hardships</h2><p class="note">Mated comparisons of the same scenes '
        f"with and without each, at FMR {WORKING:g} over everybody.</p>{lines}</section>"
    )


def _provenance(results: Results) -> str:
    record = results.record
    pairs: Sequence[tuple[str, str]] = [
        ("data set", record.dataset),
        ("terms", record.terms),
        ("exported", record.started),
        ("comparisons", record.plan),
        *record.settings.items(),
        *record.comparing.items(),
    ]
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)
    return f'<section class="card"><h2>What was run</h2><dl class="settings">{listed}</dl></section>'
