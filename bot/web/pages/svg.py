"""Draw charts as SVG on the server, without scripts.

Every mark has a title that is shown under the pointer. The page also shows the numbers as a table. What a colour means
is also told by a shape or a texture, and the legend shows both.
"""

from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup

from bot.web.pages.chart import SYMBOLS, Bars, Chart, Mark, Series
from bot.web.pages.paper import NARROW, PAPERS, WIDE, Paper, framed, short_label, tip
from bot.web.pages.scale import Scale
from bot.web.pages.svg_bars import columns, horizontal_bars, swatch
from bot.web.pages.svg_parts import axes, px, py

# The approximate width of a letter and height of a line of a label, in pixels.
_LETTER, _LINE = 6.6, 13.0


def svg(chart: Chart | Bars, paper: Paper = WIDE) -> Markup:
    """Draw a chart."""
    if isinstance(chart, Bars):
        return horizontal_bars(chart, paper)
    if any(series.shape == "bars" for series in chart.series):
        return columns(chart, paper)
    return _scatter(chart, paper)


def drawings(chart: Chart | Bars) -> Markup:
    """Draw a chart on each paper, with its legend."""
    return Markup("").join([*(svg(chart, paper) for paper in PAPERS), legend(chart)])


def legend(chart: Chart | Bars) -> Markup:
    """What colours, shapes and sizes mean; empty if there is one meaning only."""
    if isinstance(chart, Bars):
        meanings = [Markup('<li class="{}">{}</li>').format(kind, meaning) for kind, meaning in chart.legend]
    elif len(chart.series) == 1:
        meanings = []
    else:
        meanings = [Markup("<li>{} {}</li>").format(_sample(series), series.name) for series in chart.series]
    if not isinstance(chart, Bars) and chart.note:
        meanings.append(Markup("<li>{}</li>").format(chart.note))
    kind = "legend" if isinstance(chart, Bars) else "legend samples"
    return (
        Markup('<ul class="{}" aria-label="Legend">{}</ul>').format(kind, Markup("").join(meanings))
        if meanings
        else Markup()
    )


def _sample(series: Series) -> Markup:
    """The look of a series, as in the drawing."""
    frame = Markup('<svg class="chart sample" aria-hidden="true" viewBox="0 0 16 16" width="16" height="16">{}</svg>')
    if series.shape == "bars":
        return frame.format(swatch(series))
    if series.shape == "line":
        return frame.format(Markup('<line class="guide {}" x1="0" y1="8" x2="16" y2="8"/>').format(series.colour))
    return frame.format(_symbol(series, 8, 8, 5.5, Markup()))


def _scatter(chart: Chart, paper: Paper) -> Markup:
    """Draw circles and lines over two axes. A label that would overlap an earlier one is left out."""
    x = Scale.of(chart.x, [mark.x for mark in chart.marks])
    y = Scale.of(chart.y, [mark.y for mark in chart.marks])
    parts = [axes(x, y, paper)]
    for series in chart.series:
        if series.shape == "line":
            marks = chart.marks_of(series)
            points = " ".join(f"{px(x, mark.x, paper):.1f},{py(y, mark.y, paper):.1f}" for mark in marks)
            parts.append(Markup('<polyline class="guide {}" points="{}"/>').format(series.colour, points))
    shown = [mark for mark in chart.marks if mark.series.shape == "marks"]
    parts += [_mark(mark, x, y, paper) for mark in shown]
    taken: list[_Label] = []
    for mark in shown if paper is not NARROW else ():
        label = _label(mark, x, y, paper)
        if mark.label and not any(label.overlaps(other) for other in taken):
            taken.append(label)
    parts += [label.drawn() for label in taken]
    return framed(chart.title, Markup("").join(parts), paper, paper.height)


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


def _label(mark: Mark, x: Scale, y: Scale, paper: Paper) -> _Label:
    left, top = px(x, mark.x, paper), py(y, mark.y, paper)
    anchor, distance = ("end", -mark.radius - 4) if left > paper.width * 0.7 else ("start", mark.radius + 4)
    return _Label(short_label(mark.label), left + distance, top + 4, anchor)


def _mark(mark: Mark, x: Scale, y: Scale, paper: Paper) -> Markup:
    radius = mark.radius if paper is WIDE else max(2.5, mark.radius * 0.6)
    return _symbol(mark.series, px(x, mark.x, paper), py(y, mark.y, paper), radius, tip(mark.text))


def _symbol(series: Series, x: float, y: float, radius: float, title: Markup) -> Markup:
    """The shape of a series around a point, with the area of a circle of this radius."""
    kind = SYMBOLS[series.colour]
    if kind == "circle":
        circle = Markup('<circle class="mark {}" cx="{}" cy="{}" r="{}">{}</circle>')
        return circle.format(series.colour, f"{x:.1f}", f"{y:.1f}", f"{radius:.1f}", title)
    if kind == "diamond":
        half = radius * sqrt(3.14159 / 2)
        corners = [(x, y - half), (x + half, y), (x, y + half), (x - half, y)]
    else:
        side = radius * 1.35
        corners = [(x, y - 1.15 * side), (x + side, y + 0.577 * side), (x - side, y + 0.577 * side)]
    points = " ".join(f"{one:.1f},{other:.1f}" for one, other in corners)
    return Markup('<polygon class="mark {}" points="{}">{}</polygon>').format(series.colour, points, title)
