"""Charts as plain SVG text: lines with bands, bars, and a matrix; no library, colours by the page's style."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final, Literal

import numpy as np

from lineament.types import Float64

WIDTH: Final = 560
HEIGHT: Final = 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 16, 14, 48
_LEAST: Final = 1e-12

Scale = Literal["linear", "log"]


@dataclass(frozen=True, slots=True)
class Axis:
    """title with its unit, and the ends. ticks: places and labels, chosen when empty."""

    title: str
    low: float
    high: float
    scale: Scale = "linear"
    ticks: tuple[tuple[float, str], ...] = ()

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.scale == "log" and self.low <= 0):
            raise ValueError(f"an axis from {self.low} to {self.high} cannot be drawn")

    def share(self, value: float) -> float:
        """Where `value` lies, 0 at the low end and 1 at the high end, values beyond put at the ends."""
        if self.scale == "log":
            place = math.log(max(value, _LEAST) / self.low) / math.log(self.high / self.low)
        else:
            place = (value - self.low) / (self.high - self.low)
        return min(1.0, max(0.0, place))

    def marks(self) -> tuple[tuple[float, str], ...]:
        """Ticks to draw."""
        if self.ticks:
            return self.ticks
        if self.scale == "log":
            powers = range(
                math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9) + 1
            )
            return tuple((10.0**power, _power(power)) for power in powers)
        step = _step(self.high - self.low)
        count = math.floor((self.high - self.low) / step + 1e-9)
        first = math.ceil(self.low / step - 1e-9) * step
        return tuple((first + i * step, f"{first + i * step:.6g}") for i in range(count + 1))


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """x, y: (n,). low, high: (n,) of the band, or empty. kind: 0.. picks the colour. dots: a dot a point."""

    name: str
    x: Float64
    y: Float64
    kind: int = 0
    low: Float64 = field(default_factory=lambda: np.zeros(0))
    high: Float64 = field(default_factory=lambda: np.zeros(0))
    dots: bool = False
    filled: bool = False


def line_chart(lines: Sequence[Line], across: Axis, up: Axis, description: str) -> str:
    """Lines over two axes, each with its band; a legend where there are several."""

    def x_of(value: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * across.share(value)

    def y_of(value: float) -> float:
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * up.share(value)

    drawn = [*_frame(across, up, x_of, y_of)]
    for line in lines:
        points = [(x_of(float(x)), y_of(float(y))) for x, y in zip(line.x, line.y, strict=True)]
        if len(line.low):
            upper = [(x_of(float(x)), y_of(float(v))) for x, v in zip(line.x, line.high, strict=True)]
            lower = [(x_of(float(x)), y_of(float(v))) for x, v in zip(line.x, line.low, strict=True)]
            drawn.append(f'<polygon class="area k{line.kind}" points="{_path(upper + lower[::-1])}"/>')
            if line.dots:
                drawn += [
                    f'<line class="whisker k{line.kind}" x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" '
                    f'y2="{b[1]:.1f}"/>'
                    for a, b in zip(lower, upper, strict=True)
                ]
        if line.filled:
            floor = y_of(up.low)
            closed = [(points[0][0], floor), *points, (points[-1][0], floor)]
            drawn.append(f'<polygon class="area k{line.kind}" points="{_path(closed)}"/>')
        drawn.append(f'<polyline class="line k{line.kind}" points="{_path(points)}"/>')
        if line.dots:
            drawn += [
                f'<circle class="dot k{line.kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in points
            ]
    return _chart(drawn + (_legend(lines) if len(lines) > 1 else []), description)


def matrix_chart(values: Float64, names: Sequence[str], description: str) -> str:
    """A square of shades, row i column j for values[i, j] in 0..1; NaN stays empty. At most a few dozen."""
    count = len(names)
    side = min(22.0, (WIDTH - 90) / max(1, count))
    size = 90 + side * count
    drawn = []
    for i in range(count):
        for j in range(count):
            value = float(values[i, j])
            if not math.isfinite(value):
                continue
            title = f"{names[i]} as {names[j]}: {value:.2f}"
            x, y, kind = 80 + side * j, 4 + side * i, "cell same" if i == j else "cell"
            drawn.append(
                f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{side - 1:.1f}" '
                f'height="{side - 1:.1f}" fill-opacity="{min(1.0, max(0.0, value)):.3f}">'
                f"<title>{escape(title)}</title></rect>"
            )
    if side >= 9:
        drawn += [
            f'<text class="tick" x="74" y="{4 + side * (i + 0.7):.1f}" text-anchor="end">'
            f"{escape(name[:10])}</text>"
            for i, name in enumerate(names)
        ]
    drawn.append(f'<text class="title" x="{80 + side * count / 2:.1f}" y="{side * count + 26:.1f}" '
                 'text-anchor="middle">taken for</text>')  # fmt: skip
    return _chart(drawn, description, size, side * count + 34)


def _frame(
    across: Axis, up: Axis, x_of: Callable[[float], float], y_of: Callable[[float], float]
) -> list[str]:
    left, right, top, bottom = _LEFT, WIDTH - _RIGHT, _TOP, HEIGHT - _BOTTOM
    drawn = []
    for value, label in up.marks():
        y = y_of(value)
        drawn.append(f'<line class="grid" x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>')
        drawn.append(f'<text class="tick" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for value, label in across.marks():
        x = x_of(value)
        drawn.append(f'<line class="grid" x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}"/>')
        drawn.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{label}</text>')
    drawn.append(f'<rect class="frame" x="{left}" y="{top}" width="{right - left}" height="{bottom - top}"/>')
    middle = (left + right) / 2
    drawn.append(
        f'<text class="title" x="{middle:.0f}" y="{HEIGHT - 8}" text-anchor="middle">'
        f"{escape(across.title)}</text>"
    )
    centre = (top + bottom) / 2
    drawn.append(
        f'<text class="title" transform="translate(15 {centre:.0f}) rotate(-90)" text-anchor="middle">'
        f"{escape(up.title)}</text>"
    )
    return drawn


def _legend(lines: Sequence[Line]) -> list[str]:
    widest = max(len(line.name) for line in lines)
    x, drawn = WIDTH - _RIGHT - 40 - 6.6 * widest, []
    drawn.append(
        f'<rect class="legend" x="{x - 10:.0f}" y="{_TOP + 6}" width="{WIDTH - _RIGHT - x + 4:.0f}" '
        f'height="{18 * len(lines) + 8}" rx="5"/>'
    )
    for row, line in enumerate(lines):
        y = _TOP + 20 + 18 * row
        drawn.append(f'<line class="line k{line.kind}" x1="{x:.0f}" y1="{y}" x2="{x + 20:.0f}" y2="{y}"/>')
        drawn.append(f'<text class="tick key" x="{x + 27:.0f}" y="{y + 4}">{escape(line.name)}</text>')
    return drawn


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _step(span: float) -> float:
    """A round step that gives about six ticks."""
    rough = span / 6
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * k for k in (1, 2, 2.5, 5, 10) if power * k >= rough * (1 - 1e-9))


def _power(power: int) -> str:
    if -2 <= power <= 2:
        return f"{10.0**power:g}"
    return f'10<tspan dy="-5" class="power">{power}</tspan>'


def _chart(drawn: Sequence[str], description: str, width: float = WIDTH, height: float = HEIGHT) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(description)}">{"".join(drawn)}</svg>'
    )
