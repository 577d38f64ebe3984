"""The report as one HTML page that opens offline: nothing in it asks for anything outside the file."""

import base64
import hashlib
import json
from html import escape
from importlib.resources import files
from typing import Any

from lineament.anatomy import PART_COLOURS, PART_TITLES
from lineament.explain.pictures import data_address
from lineament.explain.sections import (
    candidates_table,
    limits_list,
    measured_list,
    parts_table,
    provenance,
    safe,
    verdict,
)
from lineament.types import UInt8

Json = dict[str, Any]
_SUMS = (
    "Contributions are natural logarithms of likelihood ratios: adding them and the offset gives the "
    "score. They are shown rounded; the JSON file beside this page holds them in full."
)


def _source(name: str) -> str:
    return (files("lineament.explain") / "static" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def _style() -> str:
    swatches = "".join(
        f".swatch.p{i}{{background:rgb({r},{g},{b})}}" for i, (r, g, b) in enumerate(PART_COLOURS.tolist())
    )
    return _source("report.css") + swatches


def _embedded(data: Json) -> str:
    """JSON that cannot end its script element, whatever it holds."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _overview(record: Json, photograph: UInt8) -> str:
    """The whole photograph with a numbered frame round each person."""
    height, width = photograph.shape[:2]
    scale = width / record["photograph"]["width"]
    size = max(height, width) / 28
    frames = []
    for person in record["people"]:
        if person["box"] is None:
            continue
        x0, y0, x1, y1 = (scale * v for v in person["box"])
        frame = f'x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}"'
        label = f'<text x="{x0 + 4:.1f}" y="{y0 + size:.1f}" font-size="{size:.0f}">{person["number"]}</text>'
        frames.append(f'<rect class="under" {frame}/><rect {frame}/>{label}')
    return (
        f'<figure class="overview"><div class="stage"><img src="{data_address(photograph, 82)}" '
        f'width="{width}" height="{height}" alt="The photograph {safe(record["photograph"]["name"])}; '
        "people found in it "
        f"are framed and "
        f'numbered."><svg viewBox="0 0 {width} {height}" aria-hidden="true">{"".join(frames)}</svg></div>'
        "<figcaption>The whole photograph</figcaption></figure>"
    )


def _top(record: Json, photograph: UInt8) -> str:
    about = record["photograph"]
    facts = [
        ("Photograph", safe(about["name"])),
        ("Size", f"{about['width']} × {about['height']} pixels"),
        ("People", str(len(record["people"]))),
        ("Written", safe(record["written"])),
        ("Software", safe(record["software"])),
        ("SHA-256 of the pixels", f"<code>{about['sha256_of_pixels']}</code>"),
    ]
    return (
        f'<header class="top"><div><p class="brand">Lineament · recognition '
        f"report</p><h1>{safe(record['title'])}</h1>"
        '<dl class="about">'
        + "".join(f"<div><dt>{k}</dt><dd>{v}</dd></div>" for k, v in facts)
        + f"</dl></div>{_overview(record, photograph)}</header>"
    )


def _tabs(record: Json) -> str:
    if len(record["people"]) < 2:
        return ""
    tabs = []
    for person in record["people"]:
        decision = person["decision"]
        name = "nobody named" if decision["abstained"] else safe(decision["subject"])
        tabs.append(f'<li><a href="#person-{person["number"]}">{person["number"]}: {name}</a></li>')
    return f'<nav aria-label="People in the photograph"><ol>{"".join(tabs)}</ol></nav>'


def _person(person: Json, viewer: str, shown: int) -> str:
    tables = "".join(
        f'<div data-candidate="{i}"{" hidden" if i else ""}>{parts_table(one)}</div>'
        for i, one in enumerate(person["candidates"][:shown])
    )
    held = provenance(person)
    records = f'<div class="card"><h3>Records and models</h3>{held}</div>' if held else ""
    evidence = f'<div class="card">{tables}<p class="note">{_SUMS}</p></div>' if tables else ""
    return (
        f'<section class="person" id="person-{person["number"]}" aria-label="Person {person["number"]}">'
        f"{verdict(person)}{viewer}{evidence}{measured_list(person)}"
        f'<div class="card">{candidates_table(person)}</div>'
        f"{records}"
        f'<div class="card"><h3>Limits of this statement</h3>{limits_list(person)}</div></section>'
    )


def render_page(
    record: Json, photograph: UInt8, viewers: list[str], payload: Json, library: str, shown: int
) -> str:
    """The page.

    record: see facts.py. photograph: (h, w, 3) small copy. viewers: one block of HTML a person. payload:
    prototypes and people for the scripts. library: source of three.js. The content security policy admits
    these scripts and this style sheet by their hashes and data: pictures, and nothing else.
    """
    data = {
        **payload,
        "partColours": PART_COLOURS.tolist(),
        "partTitles": list(PART_TITLES),
    }
    style = _style()
    scripts = [library, _source("viewer.js"), _source("page.js")]
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src "
        f"{' '.join(map(_hash, scripts))}; base-uri 'none'; form-action 'none'"
    )
    pairs = zip(record["people"], viewers, strict=True)
    sections = "".join(_person(person, viewer, shown) for person, viewer in pairs)
    nobody = (
        ""
        if record["people"]
        else '<div class="card"><p class="lead">No person was found in the photograph.</p></div>'
    )
    code = "".join(f"<script>{script}</script>\n" for script in scripts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">\n'
        f"<title>{safe(record['title'])}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"{_top(record, photograph)}\n<main>\n"
        f"{_tabs(record)}{nobody}{sections}\n</main>\n"
        f"<footer><p>Likelihood ratios in words: {safe(record['scale'])}. 3D view: three.js, MIT "
        f"licence.</p></footer>\n"
        '<script type="application/json" '
        f'id="report-data">{_embedded(data)}</script>\n{code}</body>\n</html>\n'
    )
