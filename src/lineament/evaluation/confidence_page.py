"""Judged confidences as lines of text, as JSON, and as one HTML page."""

import base64
import hashlib
import math
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any, Final

import numpy as np

from lineament.evaluation.confidence import JudgedConfidence, Reliability, ReliabilityBin
from lineament.evaluation.metrics import Figure
from lineament.evaluation.plots import Axis, Line, line_chart
from lineament.evaluation.report_json import value_json, values_json
from lineament.evaluation.report_text import number, shown
from lineament.recognition.confidence import Confidence
from lineament.types import Float64

Json = dict[str, Any]
_ROOM: Final = 1.35
"""Top of a chart of shares, so that the legend hides none."""
_TENTHS: Final = tuple((round(0.2 * k, 1), f"{0.2 * k:.1f}") for k in range(6))


def confidence_text(judged: JudgedConfidence | None, photographs: Sequence[Reliability]) -> list[str]:
    """A report as plain lines."""
    lines = []
    if judged is not None:
        for one in (*judged.curves, judged.raw):
            lines.append(
                f"{one.name}: claimed {number(one.claimed)}, right {shown(one.observed)}, "
                f"expected calibration error {_error(one)}"
            )
        lines += [f"  {_bin(one.low, one.high)}: {_claim(one)}" for one in judged.curves[0].bins]
        lines.append(f"from a confidence of {judged.confidence.threshold:g}:")
        lines += [f"  {name}: {shown(value)}" for name, value in judged.figures.items()]
        lines.append("by part:")
        lines += [
            f"  {name}: claimed {number(claim)}, right {shown(value)}"
            for name, (claim, value) in judged.groups.items()
            if math.isfinite(claim)
        ]
    for one in photographs:
        lines.append(f"{one.name}: claimed {number(one.claimed)}, {one.right}: {shown(one.observed)}")
        lines += [f"  {_bin(b.low, b.high)}: {_claim(b)}" for b in one.bins]
    return lines


def confidence_json(
    confidence: Confidence, judged: JudgedConfidence | None, photographs: Sequence[Reliability]
) -> Json:
    """Everything that was measured."""
    content: Json = {"confidence": confidence.model_dump(mode="json")}
    if judged is not None:
        content["synthetic"] = {
            "reliability": [_reliability_json(one) for one in (*judged.curves, judged.raw)],
            "figures": values_json(judged.figures),
            "parts": {
                name: {"claimed": claim if math.isfinite(claim) else None, "observed": value_json(value)}
                for name, (claim, value) in judged.groups.items()
            },
            "operating_curve": [one.model_dump(mode="json") for one in judged.operating],
        }
    content["photographs"] = [_reliability_json(one) for one in photographs]
    return content


def confidence_page(
    confidence: Confidence, judged: JudgedConfidence | None, photographs: Sequence[Reliability]
) -> str:
    """The page; it opens offline and asks for nothing outside itself."""
    style = (files("lineament.evaluation") / "static" / "evaluation.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:"
    charts = []
    if judged is not None:
        charts += [_curve_chart(judged.curves[0], judged.raw), _operating_chart(judged)]
        charts += [_curve_chart(one) for one in judged.curves[1:]]
    charts += [_curve_chart(one) for one in photographs]
    figures = "".join(
        f'<figure class="card"><h2>{escape(name)}</h2>{svg}<figcaption>{escape(text)}</figcaption></figure>'
        for name, svg, text in charts
    )
    title = f"Confidence of correspondences, {confidence.revision} for {confidence.model}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style}</style></head><body>"
        f'<header><p class="brand">Lineament evaluation</p><h1>{escape(title)}</h1>'
        f'<p class="lead">Fitted to {escape(confidence.population)} (seed {confidence.seed}, '
        f"{confidence.correspondences:,} correspondences); judged on others. The confidence is the "
        f"probability that a correspondence lies within {100 * confidence.distance:g} cm of the true place "
        f'on the template.</p></header><main><div class="plots">{figures}</div>{_table(judged)}</main>'
        "<footer><p>Intervals are at 95 %, from resampling pictures.</p></footer></body></html>\n"
    )


def _curve_chart(found: Reliability, other: Reliability | None = None) -> tuple[str, str, str]:
    lines = [Line("as claimed", np.array([0.0, 1.0]), np.array([0.0, 1.0]), 3)]
    lines.append(_observed("observed", found, 0))
    if other is not None:
        lines.append(_observed(other.name, other, 1))
    counts = ", ".join(f"{_bin(one.low, one.high)}: {one.count:,}" for one in found.bins)
    svg = line_chart(
        lines,
        Axis("confidence", 0.0, 1.0),
        Axis("share that is right", 0.0, _ROOM, ticks=_TENTHS),
        f"reliability {found.name}",
    )
    about = f"Expected calibration error {_error(found)}."
    if found.error is None:
        about = (
            "This is less than is claimed: honest confidences lie below what is observed, and rise with it."
        )
    text = f"Right: {found.right}. {about} Cases {counts}."
    return f"Reliability: {found.name}", svg, text


def _observed(name: str, found: Reliability, kind: int) -> Line:
    bins = [one for one in found.bins if isinstance(one.observed, Figure)]

    def column(end: str) -> Float64:
        return np.array([getattr(one.observed, end) for one in bins], dtype=np.float64)

    claimed = np.array([one.claimed for one in bins], dtype=np.float64)
    return Line(name, claimed, column("value"), kind, column("low"), column("high"), dots=True)


def _operating_chart(judged: JudgedConfidence) -> tuple[str, str, str]:
    kept = [one for one in judged.operating if one.inlier_share is not None]
    at = np.array([one.threshold for one in kept])
    chosen = judged.confidence.threshold
    lines = [
        Line("right, of the kept", at, np.array([one.inlier_share for one in kept], dtype=np.float64), 2),
        Line("inlier recall", at, np.array([one.inlier_recall for one in kept]), 0),
        Line("correspondence rate", at, np.array([one.correspondence_rate for one in kept]), 1),
        Line("operating point", np.array([chosen, chosen]), np.array([0.0, 1.0]), 3),
    ]
    svg = line_chart(
        lines,
        Axis("least confidence", 0.0, 1.0),
        Axis("share", 0.0, _ROOM, ticks=_TENTHS),
        "operating point and its curve",
    )
    text = (
        "The operating point was chosen on the people of the fit: there, right minus wrong correspondences "
        "are most. Rate and recall count all labelled pixels, those of people who were not found too."
    )
    return "Operating point", svg, text


def _table(judged: JudgedConfidence | None) -> str:
    if judged is None:
        return ""
    rows = [(name.replace("_", " "), shown(value)) for name, value in judged.figures.items()]
    rows += [
        (f"{name}, claimed {number(claim)}", shown(value))
        for name, (claim, value) in judged.groups.items()
        if math.isfinite(claim)
    ]
    body = "".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in rows)
    return (
        f'<section class="card"><h2>At the operating point, and by part</h2><table>{body}</table></section>'
    )


def _reliability_json(found: Reliability) -> Json:
    return {
        "of": found.name,
        "right": found.right,
        "claimed": found.claimed if math.isfinite(found.claimed) else None,
        "observed": value_json(found.observed),
        "expected_calibration_error": None if found.error is None else value_json(found.error),
        "bins": [
            {
                "low": one.low,
                "high": one.high,
                "claimed": one.claimed,
                "observed": value_json(one.observed),
                "count": one.count,
            }
            for one in found.bins
        ],
    }


def _error(found: Reliability) -> str:
    return "unknown" if found.error is None else shown(found.error)


def _bin(low: float, high: float) -> str:
    return f"{low:.1f} to {high:.1f}"


def _claim(one: ReliabilityBin) -> str:
    return f"claimed {number(one.claimed)}, right {shown(one.observed)}"
