"""One person of the report as HTML: verdict, correspondence viewer, table of parts, candidates, provenance.

Everything that comes from outside goes through `html.escape` here.
"""

from html import escape
from typing import Any, Final

from lineament.anatomy import PART_INDEX, PART_TITLES
from lineament.explain.charts import contribution_bar, scale_chart
from lineament.explain.groups import FACE, REGIONS
from lineament.explain.scale import printable, rate_words, ratio_words

Json = dict[str, Any]
MATCH_ROWS: Final = 30


def safe(text: object) -> str:
    """Text of any origin for use between tags or in a double-quoted attribute."""
    return escape(printable(str(text)))


def region_title(region: str) -> str:
    """A region as written in a table."""
    return PART_TITLES[PART_INDEX[region]] if region in PART_INDEX else region


def _swatch(region: str) -> str:
    if region == FACE:
        return '<span class="swatch face" aria-hidden="true"></span>'
    return f'<span class="swatch p{PART_INDEX.get(region, 0)}" aria-hidden="true"></span>'


def _signed(value: float | None) -> str:
    if value is None:
        return "–"
    return "0.00" if abs(value) < 0.005 else f"{value:+.2f}".replace("-", "−")


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def _ratio(score: float, limit: float | None) -> str:
    """The likelihood ratio, or its inverse as 1/n; never more than the calibration supports."""
    beyond = limit is not None and abs(score) > limit
    number = ratio_words(limit if beyond and limit is not None else score)
    side = number if score >= 0 else f"1/{number}"
    if not beyond:
        return f"about {side}"
    return f"{'more' if score >= 0 else 'less'} than {side}"


def verdict(person: Json) -> str:
    """Who is named, in words and on the scale."""
    decision, candidates = person["decision"], person["candidates"]
    named = not decision["abstained"]
    title = safe(decision["subject"]) if named else "Nobody is named"
    label = "Identity named" if named else "Abstention"
    facts = [("Score", _signed(decision["score"])), ("Threshold", _signed(decision["threshold"]))]
    if decision["score"] is not None:
        facts.append(("Likelihood ratio", _ratio(decision["score"], decision["support_limit"])))
    facts += [
        ("Margin to runner-up", _signed(decision["margin"])),
        ("False match rate", rate_words(decision["fmr"])),
    ]
    terms = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    words = [one["text"] for one in person["words"] if one["topic"] == "decision"]
    paragraphs = f'<p class="lead">{safe(words[0])}</p>' + "".join(
        f"<p>{safe(text)}</p>" for text in words[1:]
    )
    marks = [("threshold", "threshold", decision["threshold"])]
    marks += [
        (printable(one["subject"])[:18], kind, one["score"])
        for one, kind in zip(candidates[:2], ("best", "second"), strict=False)
        if one["score"] is not None
    ]
    chart = scale_chart(marks, "Likelihood ratios on the verbal scale; the same figures stand in the text.")
    return (
        f'<div class="verdict {"named" if named else "abstained"}"><div class="saying">'
        f'<p class="label">{label}</p><h2>{title}</h2>{paragraphs}</div>'
        f'<div class="weighing"><dl class="facts">{terms}</dl><figure>{chart}'
        "<figcaption>Likelihood ratio. Bands from the left: no support, weak, moderate, moderately strong, "
        "strong, very strong, extremely strong support (ENFSI 2015).</figcaption></figure></div></div>"
    )


def _traced(word: Json) -> str:
    """A sentence with the places and values of its numbers in the JSON file."""
    pairs = zip(word["sources"], word["values"], strict=True)
    traces = ", ".join(f"{safe(source)} = {safe(value)}" for source, value in pairs)
    return f"<li>{safe(word['text'])}<br><small><code>{traces}</code></small></li>"


def measured_list(person: Json) -> str:
    """What was measured and what made it hard, sentence by sentence; empty where nothing was."""
    words = [one for one in person["words"] if one["topic"] != "decision"]
    if not words:
        return ""
    hard = any(one["topic"] == "hardship" for one in words)
    title = "Measured on this person, and what made it hard" if hard else "Measured on this person"
    return (
        f'<div class="card"><h3>{title}</h3><ul>{"".join(map(_traced, words))}</ul><p class="note">'
        "Lengths are shares of the stature, which a photograph does not show; centimetres are those of the "
        "prototype's stature. Uncertainties are at 95 %. Below each sentence stand the places of its numbers "
        "in the JSON file, under this person, and their values.</p></div>"
    )


def _part_row(part: Json, largest: float) -> str:
    region, face = part["region"], part["region"] == FACE
    matched = f"{part['matched']:,} of {part['possible']:,}"
    similarity = _plain(part["similarity"]) if part["matched"] or part["similarity"] else "–"
    return (
        f'<tr data-part="{PART_INDEX.get(region, 0)}"><th scope="row">{_swatch(region)}'
        f"{safe(region_title(region))}</th><td>{_percent(part['visible'])}</td>"
        f"<td>{'–' if face else matched}</td>"
        f"<td>{'–' if face else _percent(part['rate'])}</td><td>{similarity}</td>"
        f'<td class="barcell">{contribution_bar(part["contribution"] or 0.0, largest)}</td>'
        f'<td data-field="contribution">{_signed(part["contribution"])}</td></tr>'
    )


def _silent_row(region: str, why: str) -> str:
    return (
        f'<tr class="dim"><th scope="row">{_swatch(region)}{safe(region_title(region))}</th>'
        f'<td colspan="4" class="left">{why}</td><td class="barcell"></td><td>–</td></tr>'
    )


def _rows(candidate: Json) -> str:
    """Regions in their fixed order, those that say nothing with the reason."""
    parts = {part["region"]: part for part in candidate["parts"]}
    largest = max((abs(part["contribution"] or 0.0) for part in parts.values()), default=0.0)
    others = [region for region in parts if region not in REGIONS]
    rows = []
    for region in (*REGIONS, *others):
        if region in candidate["silent"]:
            rows.append(_silent_row(region, candidate["silent"][region]))
        elif region in parts:
            rows.append(_part_row(parts[region], largest))
    return "".join(rows)


def parts_table(candidate: Json) -> str:
    """Every region's evidence; contributions, offset and score add up before the reader's eyes."""
    rows, name = _rows(candidate), safe(candidate["subject"])
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Evidence by part for {name}">'
        f'<table class="parts"><caption>Evidence by part, photograph against {name}</caption>'
        '<colgroup><col><col class="wide"><col><col class="wide"><col><col><col></colgroup><thead><tr>'
        '<th scope="col">Part</th><th scope="col">Visible</th><th scope="col">Points matched</th>'
        '<th scope="col">Rate</th><th scope="col">Similarity</th>'
        '<th scope="col" colspan="2">Contribution <small>against | for</small></th>'
        f"</tr></thead><tbody>{rows}</tbody><tfoot>"
        f'<tr><th scope="row" colspan="6">Sum of contributions</th><td data-field="sum">'
        f"{_signed(candidate['sum_of_contributions'])}</td></tr>"
        f'<tr><th scope="row" colspan="6">Offset (calibration)</th><td data-field="offset">'
        f"{_signed(candidate['offset'])}</td></tr>"
        f'<tr class="total"><th scope="row" colspan="6">Score (log-likelihood ratio)</th>'
        f'<td data-field="score">{_signed(candidate["score"])}</td></tr></tfoot></table></div>'
    )


def candidates_table(person: Json) -> str:
    """All candidates by falling score."""
    candidates = person["candidates"]
    if not candidates:
        return "<p>No enrolled person could be compared.</p>"
    more = person["compared"] - len(candidates)
    cut = f", the first {len(candidates)} of {person['compared']:,}" if more else ""
    top = candidates[0]["score"] or 0.0
    rows = "".join(
        f'<tr><td class="left">{i + 1}</td><th scope="row">{safe(one["subject"])}</th>'
        f"<td>{_signed(one['score'])}</td>"
        f"<td>{_signed((one['score'] or 0.0) - top)}</td><td class='left'>{safe(one['support'])}</td></tr>"
        for i, one in enumerate(candidates)
    )
    return (
        f'<div class="scroll"><table><caption>Candidates by falling score{cut}</caption>'
        '<thead><tr><th scope="col" class="left">Rank</th>'
        '<th scope="col" class="left">Subject</th><th scope="col">Score</th><th scope="col">To the best</th>'
        f'<th scope="col" class="left">Support</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def provenance(person: Json) -> str:
    """Which records and models the shown comparisons rest upon."""
    rows = []
    for one in person["candidates"]:
        held = one["prototype"]
        if held is None:
            continue
        face = f"; face {safe(held['face_model'])} ({held['face_views']} views)" if held["face_model"] else ""
        rows.append(
            f'<tr><th scope="row">{safe(held["subject"])}</th><td>{safe(held["source"])}, '
            f"{held['sites_measured']:,} of {held['sites']:,} points measured, "
            f"fit {1000 * (held['residual_metres'] or 0.0):.1f} mm</td><td>{safe(held['model'])}; "
            f"{safe(held['template'])}{face}</td><td>{safe(held['consent']) or '–'}</td>"
            f"<td>{safe(held['purpose']) or '–'}</td></tr>"
        )
    probe_model = person["registration_model"]
    line = (
        f"<p>The photograph was registered with <code>{safe(probe_model)}</code>.</p>" if probe_model else ""
    )
    if not rows:
        return line
    return (
        f'{line}<div class="scroll"><table class="records"><caption>Enrolment records</caption><thead><tr>'
        '<th scope="col">Subject</th><th scope="col">Enrolled from</th><th scope="col">Model revisions</th>'
        '<th scope="col">Consent reference</th><th scope="col">Purpose</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def limits_list(person: Json) -> str:
    """The limits of the statement."""
    return "<ul class='limits'>" + "".join(f"<li>{safe(text)}</li>" for text in person["limits"]) + "</ul>"
