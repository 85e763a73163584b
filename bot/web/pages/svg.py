"""Draw charts as SVG on the server, without scripts, and with no styles but the classes of the page's style sheet.

Every chart has a title for screen readers. Every mark has a title that is shown under the pointer. The page also shows
the numbers as a table.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from math import ceil, sqrt

from markupsafe import Markup, escape

from bot.web.pages.chart import Axis, Bars, Chart, Mark

WIDTH, HEIGHT = 760, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 30, 20, 44
_TICKS = 5
# The approximate width of a letter and height of a line of a label, in pixels.
_LETTER, _LINE = 6.6, 13.0


def svg(chart: Chart | Bars) -> Markup:
    """Draw a chart."""
    if isinstance(chart, Bars):
        return _horizontal_bars(chart)
    if any(series.shape == "bars" for series in chart.series):
        return _columns(chart)
    return _scatter(chart)


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis with the values at its ends, least and most."""

    axis: Axis
    least: float
    most: float

    @classmethod
    def of(cls, axis: Axis, values: list[float]) -> "Scale":
        """The scale on which all of these values lie."""
        ends = axis.range or (min(values) if axis.unit == "date" else 0.0, max(values))
        return cls(axis, *ends)

    def at(self, value: float) -> float:
        """The position of a value on the axis, 0 to 1."""
        span = self.most - self.least or 1.0
        share = min(1.0, max(0.0, (value - self.least) / span))
        return sqrt(share) if self.axis.compressed else share

    def ticks(self) -> list[float]:
        """The values to write at the axis. Those of a compressed scale are whole, because it is for counts."""
        span = self.most - self.least
        steps = [index / (_TICKS - 1) for index in range(_TICKS)]
        if self.axis.compressed:
            return sorted({float(round(self.least + span * step * step)) for step in steps})
        return [self.least + span * step for step in steps]

    def show(self, value: float) -> str:
        """The text of a value at the axis."""
        if self.axis.unit == "date":
            return f"{datetime.fromtimestamp(value, UTC):%b %Y}"
        return f"{value:.0%}" if self.axis.unit == "percent" else f"{value:,.0f}"


def _scatter(chart: Chart) -> Markup:
    """Draw circles and lines over two axes. A label that would overlap an earlier one is left out."""
    x = Scale.of(chart.x, [mark.x for mark in chart.marks])
    y = Scale.of(chart.y, [mark.y for mark in chart.marks])
    parts = [_axes(x, y)]
    for series in chart.series:
        if series.shape == "line":
            points = " ".join(f"{_px(x, mark.x):.1f},{_py(y, mark.y):.1f}" for mark in chart.marks_of(series))
            parts.append(Markup('<polyline class="guide" points="{}"/>').format(points))
    circles = [mark for mark in chart.marks if mark.series.shape == "marks"]
    parts += [_circle(mark, x, y) for mark in circles]
    taken: list[_Label] = []
    for mark in circles:
        label = _label(mark, x, y)
        if mark.label and not any(label.overlaps(other) for other in taken):
            taken.append(label)
    parts += [label.drawn() for label in taken]
    return _svg(chart.title, Markup("").join(parts), WIDTH, HEIGHT)


@dataclass(frozen=True, slots=True)
class _Label:
    """A label next to a mark.

    x: where the text begins or, with the anchor "end", where it ends, in pixels.
    y: the base line of the text, in pixels.
    """

    text: Markup
    x: float
    y: float
    anchor: str

    def overlaps(self, other: "_Label") -> bool:
        own, theirs = self._span(), other._span()
        return abs(self.y - other.y) < _LINE and own[0] < theirs[1] and theirs[0] < own[1]

    def drawn(self) -> Markup:
        text = Markup('<text class="row" x="{}" y="{}" text-anchor="{}">{}</text>')
        return text.format(f"{self.x:.1f}", f"{self.y:.1f}", self.anchor, self.text)

    def _span(self) -> tuple[float, float]:
        width = _LETTER * len(self.text)
        return (self.x - width, self.x) if self.anchor == "end" else (self.x, self.x + width)


def _label(mark: Mark, x: Scale, y: Scale) -> _Label:
    left, top = _px(x, mark.x), _py(y, mark.y)
    anchor, distance = ("end", -mark.radius - 4) if left > WIDTH * 0.7 else ("start", mark.radius + 4)
    return _Label(short_label(mark.label), left + distance, top + 4, anchor)


def _horizontal_bars(chart: Bars) -> Markup:
    """Draw one bar per row."""
    height, left, width = 24, 300, WIDTH - 300 - 10
    parts = []
    for number, bar in enumerate(chart.bars):
        top = number * height
        parts.append(
            Markup('<text class="row" x="{}" y="{}" text-anchor="end">{}</text>').format(
                left - 8, top + 16, short_label(bar.label)
            )
        )
        begin = float(left)
        for part in bar.parts:
            length = max(0.0, min(1.0, part.share)) * width
            parts.append(
                Markup('<rect class="{}" x="{}" y="{}" width="{}" height="16"><title>{}</title></rect>').format(
                    part.kind, f"{begin:.1f}", top + 4, f"{length:.1f}", part.text
                )
            )
            begin += length
    return _svg(chart.title, Markup("").join(parts), WIDTH, height * len(chart.bars) + 4)


def _columns(chart: Chart) -> Markup:
    """Draw stacked bars, the first series at the bottom. The name of a series is a class of the style sheet.

    If there are many bars, only some have a label.
    """
    stacks = [list(marks) for _, marks in groupby(chart.marks, key=lambda mark: mark.x)]
    most = max(sum(mark.y for mark in stack) for stack in stacks)
    y = Scale(chart.y, 0, (_TICKS - 1) * max(1, ceil(most / (_TICKS - 1))))  # whole numbers at the ticks
    step = (WIDTH - _LEFT - _RIGHT) / len(stacks)
    parts = [_frame(), _name(y), _ticks(y)]
    for number, stack in enumerate(stacks):
        parts += _stack(stack, y, _LEFT + step * (number + 0.15), step * 0.7)
        if number % max(1, len(stacks) // 7) == 0:
            parts.append(
                Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                    f"{_LEFT + step * (number + 0.5):.1f}",
                    HEIGHT - _BOTTOM + 18,
                    f"{datetime.fromtimestamp(stack[0].x, UTC):%d %b}",
                )
            )
    return _svg(chart.title, Markup("").join(parts), WIDTH, HEIGHT)


def _stack(marks: list[Mark], y: Scale, left: float, width: float) -> list[Markup]:
    parts, total = [], 0.0
    for mark in marks:
        low, high = _py(y, total), _py(y, total + mark.y)
        total += mark.y
        if mark.y:
            parts.append(
                Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>').format(
                    mark.series.name, f"{left:.1f}", f"{high:.1f}", f"{width:.1f}", f"{low - high:.1f}", mark.text
                )
            )
    return parts


def framed(title: str, body: Markup, height: float) -> Markup:
    """A drawing with its title for screen readers, WIDTH pixels wide."""
    return _svg(title, body, WIDTH, ceil(height))


def _svg(title: str, body: Markup, width: int, height: int) -> Markup:
    return Markup('<svg class="chart" role="img" viewBox="0 0 {} {}" aria-label="{}"><title>{}</title>{}</svg>').format(
        width, height, title, title, body
    )


def _axes(x: Scale, y: Scale) -> Markup:
    bottom = HEIGHT - _BOTTOM
    name = Markup('<text class="name" x="{}" y="{}" text-anchor="end">{}</text>')
    parts = [_frame(), name.format(WIDTH - _RIGHT, HEIGHT - 6, x.axis.title), _name(y)]
    for tick in x.ticks():
        place = f"{_px(x, tick):.1f}"
        parts.append(
            Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                place, bottom + 18, x.show(tick)
            )
        )
    return Markup("").join([*parts, _ticks(y)])


def _frame() -> Markup:
    bottom, line = HEIGHT - _BOTTOM, Markup('<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>')
    return line.format(_LEFT, bottom, WIDTH - _RIGHT, bottom) + line.format(_LEFT, _TOP, _LEFT, bottom)


def _name(y: Scale) -> Markup:
    return Markup('<text class="name" x="{}" y="{}">{}</text>').format(_LEFT + 6, _TOP + 10, y.axis.title)


def _ticks(y: Scale) -> Markup:
    text = Markup('<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>')
    return Markup("").join(text.format(_LEFT - 8, f"{_py(y, tick) + 4:.1f}", y.show(tick)) for tick in y.ticks())


def _circle(mark: Mark, x: Scale, y: Scale) -> Markup:
    return Markup('<circle class="mark {}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
        mark.series.colour, f"{_px(x, mark.x):.1f}", f"{_py(y, mark.y):.1f}", f"{mark.radius:.1f}", mark.text
    )


def _px(scale: Scale, value: float) -> float:
    return _LEFT + scale.at(value) * (WIDTH - _LEFT - _RIGHT)


def _py(scale: Scale, value: float) -> float:
    return HEIGHT - _BOTTOM - scale.at(value) * (HEIGHT - _TOP - _BOTTOM)


def short_label(label: str, most: int = 40) -> Markup:
    """A label with at most so many characters. The end of a path is kept, because it says more than its beginning."""
    return escape(label if len(label) <= most else "…" + label[-most + 1 :])
