"""Two small charts as SVG text: where scores lie on the verbal scale, and a bar for one contribution."""

import math
from html import escape
from itertools import pairwise
from typing import Final

from lineament.explain.scale import BANDS, LN10

_WIDTH: Final = 560
_LEFT: Final = 10
_AXIS: Final = 62


def _ticks(low: float, high: float) -> list[float]:
    step = 1 if high - low <= 12 else 2
    return [float(v) for v in range(int(low), int(high) + 1, step)]


def _marker(x: float, name: str, kind: str, row: int) -> str:
    """A pointer above the axis with its name, in one of two rows so that neighbours stay legible."""
    y = 14 + 15 * row
    anchor = "start" if x < 90 else "end" if x > _WIDTH - 90 else "middle"
    return (
        f'<g class="marker {kind}"><line x1="{x:.1f}" y1="{y + 4}" x2="{x:.1f}" y2="{_AXIS + 16}"/>'
        f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(name)}</text></g>'
    )


def scale_chart(marks: list[tuple[str, str, float]], description: str) -> str:
    """The verbal scale with `marks` (name, kind for the style sheet, natural log-likelihood ratio) upon
    it."""
    values = [score / LN10 for _, _, score in marks]
    low = float(min(-2, *(int(v) - 1 for v in values)))
    high = float(max(7, *(int(v) + 1 for v in values)))

    def place(exponent: float) -> float:
        return _LEFT + (_WIDTH - 2 * _LEFT) * (exponent - low) / (high - low)

    edges = [low, *(math.log10(step.low) for step in BANDS), high]
    bands = []
    for level, (start, end) in enumerate(pairwise(edges)):
        x0, x1 = place(start), place(end)
        bands.append(
            f'<rect class="band b{level}" x="{x0:.1f}" y="{_AXIS}" width="{x1 - x0:.1f}" height="16"/>'
        )
    ticks = [
        f'<text class="tick" x="{place(t):.1f}" y="{_AXIS + 32}" text-anchor="middle">10'
        f'<tspan dy="-5" class="power">{int(t)}</tspan></text>'
        for t in _ticks(low, high)
    ]
    return _chart(bands + ticks + _markers(marks, [place(value) for value in values]), description)


def _markers(marks: list[tuple[str, str, float]], places: list[float]) -> list[str]:
    """One pointer a mark, raised to a higher row while its name would touch a neighbour's."""
    taken: dict[int, float] = {}
    drawn = []
    for i in sorted(range(len(marks)), key=lambda i: places[i]):
        half = 4.2 * len(marks[i][0]) + 6
        row = next((r for r in (2, 1, 0) if places[i] - half > taken.get(r, -1e9)), 0)
        taken[row] = places[i] + half
        drawn.append(_marker(places[i], marks[i][0], marks[i][1], row))
    return drawn


def _chart(pieces: list[str], description: str) -> str:
    return (
        f'<svg class="scale" viewBox="0 0 {_WIDTH} {_AXIS + 40}" role="img" '
        f'aria-label="{escape(description)}">' + "".join(pieces) + "</svg>"
    )


def contribution_bar(value: float, largest: float) -> str:
    """A bar from the middle: to the right for, to the left against the same person; `largest` fills one
    side."""
    length = 0.0 if largest <= 0 else min(1.0, abs(value) / largest) * 49
    x = 50.0 if value >= 0 else 50.0 - length
    side = "for" if value >= 0 else "against"
    return (
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="{side}" x="{x:.2f}" y="1" width="{length:.2f}" height="8"/>'
        '<line x1="50" y1="0" x2="50" y2="10"/></svg>'
    )
