"""Small charts as inline SVG, for a page that is read offline: text in, text out, no library.

Colours and fonts come from the page's style sheet by class, so that one chart serves light and dark. Numbers
are drawn in viewBox units, one unit about one CSS pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 640
ROW = 26  # height of one line of a dot chart
LABEL = 210  # room for the labels at its left
NUMBERS = 150  # room for the figures at its right
PLOT_HEIGHT = 240
MARGIN = 44


@dataclass(frozen=True, slots=True)
class Dot:
    """One line of a dot chart: a value with its interval, 0..1."""

    label: str
    value: float
    low: float
    high: float


def _svg(height: float, label: str, body: Sequence[str], width: float = WIDTH) -> str:
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" aria-label="{escape(label)}">'
        + "".join(body)
        + "</svg>"
    )


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _circle(x: float, y: float, radius: float, kind: str, title: str = "") -> str:
    note = f"<title>{escape(title)}</title>"
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" class="{kind}">{note}</circle>'


def dots(rows: Sequence[Dot], label: str) -> str:
    """Values with their intervals as dots and whiskers on one axis from 0 to 1."""
    left, right = LABEL, WIDTH - NUMBERS
    foot = ROW * len(rows) + 6
    body = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = left + (right - left) * tick
        body += [_line(x, 2, x, foot, "grid"), _text(x, foot + 16, f"{tick:g}", "tick", "middle")]
    for number, row in enumerate(rows):
        y = ROW * (number + 0.5) + 4
        x, low, high = (left + (right - left) * value for value in (row.value, row.low, row.high))
        interval = f"{row.low:.3f}–{row.high:.3f}"
        body += [
            _text(left - 12, y + 4, row.label, "name", "end"),
            _line(low, y, high, y, "whisker"),
            _circle(x, y, 4.5, "dot", f"{row.label}: {row.value:.3f} ({interval})"),
            _text(right + 14, y + 4, f"{row.value:.3f}", "value"),
            _text(right + 60, y + 4, interval, "tick"),
        ]
    return _svg(foot + 24, label, body)


def bars(labels: Sequence[str], counts: Sequence[int], label: str, *, muted: Sequence[int] = ()) -> str:
    """Counts as bars; the bars whose numbers stand in ``muted`` have the colour of what went wrong."""
    top = max([*counts, 1])
    step = (WIDTH - 2 * MARGIN) / max(len(counts), 1)
    height, floor = PLOT_HEIGHT - 2 * MARGIN, PLOT_HEIGHT - MARGIN
    body = [_line(MARGIN, floor, WIDTH - MARGIN, floor, "axis")]
    for number, (name, count) in enumerate(zip(labels, counts, strict=True)):
        x, tall = MARGIN + step * number, height * count / top
        kind = "bar wrong" if number in muted else "bar"
        body.append(
            f'<rect x="{x + step * 0.12:.1f}" y="{floor - tall:.1f}" width="{step * 0.76:.1f}" '
            f'height="{tall:.1f}" class="{kind}"><title>{escape(name)}: {count}</title></rect>'
        )
        middle = x + step / 2
        if count:
            body.append(_text(middle, floor - tall - 6, str(count), "tick", "middle"))
        body.append(_text(middle, floor + 18, name, "tick", "middle"))
    return _svg(PLOT_HEIGHT, label, body)


@dataclass(frozen=True, slots=True)
class Axes:
    """What the two axes of a square plot say; both run from 0 to 1 unless ``top`` is given."""

    x: str
    y: str
    top: float = 1.0


def _frame(axes: Axes, side: float) -> list[str]:
    """The grid, the numbers and the names of both axes."""
    body = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = MARGIN + side * tick, MARGIN / 2 + side * (1 - tick)
        body += [
            _line(x, MARGIN / 2, x, MARGIN / 2 + side, "grid"),
            _line(MARGIN, y, MARGIN + side, y, "grid"),
            _text(x, MARGIN / 2 + side + 16, f"{tick:g}", "tick", "middle"),
            _text(MARGIN - 6, y + 4, f"{tick * axes.top:.3g}", "tick", "end"),
        ]
    body.append(_text(MARGIN + side / 2, MARGIN / 2 + side + 34, axes.x, "tick", "middle"))
    body.append(_text(MARGIN, MARGIN / 2 - 8, axes.y, "tick", "start"))
    return body


def curve(points: Sequence[tuple[float, float]], axes: Axes, label: str) -> str:
    """A line through points (x, y), x in 0..1 and y in 0..``axes.top``."""
    side = 300.0
    path = " ".join(f"{MARGIN + side * x:.1f},{MARGIN / 2 + side * (1 - y / axes.top):.1f}" for x, y in points)
    body = [*_frame(axes, side), f'<polyline points="{path}" class="curve"/>']
    return _svg(side + MARGIN * 1.5, label, body, side + 2 * MARGIN)


def reliability_plot(points: Sequence[tuple[float, float, int]], axes: Axes, label: str) -> str:
    """Circles at (confidence, share right), as large as their bin, beside a perfect one's diagonal."""
    side = 300.0
    largest = max([count for _, _, count in points], default=1)
    body = [*_frame(axes, side), _line(MARGIN, MARGIN / 2 + side, MARGIN + side, MARGIN / 2, "diagonal")]
    for confidence, right, count in points:
        title = f"confidence {confidence:.2f}, right {right:.2f}, {count} questions"
        x, y = MARGIN + side * confidence, MARGIN / 2 + side * (1 - right)
        body.append(_circle(x, y, 3 + 9 * (count / largest) ** 0.5, "dot", title))
    return _svg(side + MARGIN * 1.5, label, body, side + 2 * MARGIN)


def histogram(values: Sequence[float], label: str, *, bins: int = 16) -> str:
    """Durations in milliseconds as a histogram of equal widths."""
    low, high = min(values), max(values)
    width = (high - low) / bins or 1.0
    counts = [0] * bins
    for value in values:
        counts[min(int((value - low) / width), bins - 1)] += 1
    digits = 0 if width >= 1 else 1 if width >= 0.1 else 2
    return bars([f"{low + width * i:.{digits}f}" for i in range(bins)], counts, label)
