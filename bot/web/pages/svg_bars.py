"""Draw bars: rows one below the other, and stacked columns over time."""

from datetime import UTC, datetime
from itertools import groupby
from math import ceil

from markupsafe import Markup

from bot.web.pages.chart import Bars, Chart, Mark, Series
from bot.web.pages.paper import WIDE, Paper, framed, row_label, tip
from bot.web.pages.scale import Scale
from bot.web.pages.svg_parts import frame, px, py, x_tick, x_title, y_ticks, y_title

_TICKS = 5
_BAR, _AXIS = 16, 40
_LABELLED = {"wide": 7, "narrow": 3}
_MONTH = 28 * 86_400
# Lines and dots in the colour of the paper, over the colour of a series.
_TEXTURES = {
    "stripes": '<path class="weave" d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2"/>',
    "dots": '<circle class="grain" cx="2" cy="2" r="1.1"/><circle class="grain" cx="5" cy="5" r="1.1"/>',
}
_PATTERN = '<pattern id="{}" width="6" height="6" patternUnits="userSpaceOnUse">{}</pattern>'


def horizontal_bars(chart: Bars, paper: Paper) -> Markup:
    """Draw one bar per row. A whole bar is as long as the axis."""
    step, left = (24, paper.labels) if paper is WIDE else (38, 2)
    width = paper.width - left - 10
    parts = []
    for number, bar in enumerate(chart.bars):
        top = number * step + (4 if paper is WIDE else 18)
        parts.append(row_label(bar.label, paper, top, _BAR))
        begin = float(left)
        for part in bar.parts:
            length = max(0.0, min(1.0, part.share)) * width
            parts.append(
                Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}">{}</rect>').format(
                    part.kind, f"{begin:.1f}", top, f"{length:.1f}", _BAR, tip(part.text)
                )
            )
            begin += length
    bottom = step * len(chart.bars) + 4
    parts.append(_row_axis(chart, left, left + width, bottom))
    return framed(chart.title, Markup("").join(parts), paper, bottom + _AXIS)


def _row_axis(chart: Bars, left: float, right: float, bottom: float) -> Markup:
    text = Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>')
    line = Markup('<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(left, bottom, right, bottom)
    ends = (
        text.format("tick", left, bottom + 16, "start", "0"),
        text.format("tick", right, bottom + 16, "end", chart.full),
    )
    return Markup("").join([line, *ends, text.format("name", (left + right) / 2, bottom + 34, "middle", chart.axis)])


def columns(chart: Chart, paper: Paper) -> Markup:
    """Draw stacked bars, the first series at the bottom. If there are many bars, only some have a label."""
    stacks = [list(marks) for _, marks in groupby(chart.marks, key=lambda mark: mark.x)]
    most = max(sum(mark.y for mark in stack) for stack in stacks)
    y = Scale(chart.y, 0, (_TICKS - 1) * max(1, ceil(most / (_TICKS - 1))))  # whole numbers at the ticks
    x = Scale(chart.x, 0, len(stacks))
    step = (paper.width - paper.left - paper.right) / len(stacks)
    textures = Markup("").join(_texture(kind, f"{kind}-{paper.name}") for kind in _TEXTURES)
    parts = [Markup("<defs>{}</defs>").format(textures), frame(paper), x_title(x, paper), y_title(y, paper)]
    parts.append(y_ticks(y, paper))
    is_monthly = len(stacks) > 1 and stacks[1][0].x - stacks[0][0].x >= _MONTH
    for number, stack in enumerate(stacks):
        parts += _stack(stack, y, px(x, number + 0.15, paper), step * 0.7, paper)
        if number % max(1, ceil(len(stacks) / _LABELLED[paper.name])) == 0:
            words = f"{datetime.fromtimestamp(stack[0].x, UTC):{'%b %Y' if is_monthly else '%d %b'}}"
            parts.append(x_tick(words, px(x, number + 0.5, paper), paper))
    return framed(chart.title, Markup("").join(parts), paper, paper.height)


def _texture(kind: str, identifier: str) -> Markup:
    return Markup(_PATTERN).format(identifier, Markup(_TEXTURES[kind]))  # noqa: S704 - constants


def _stack(marks: list[Mark], y: Scale, left: float, width: float, paper: Paper) -> list[Markup]:
    parts, total = [], 0.0
    for mark in marks:
        low, high = py(y, total, paper), py(y, total + mark.y, paper)
        total += mark.y
        if mark.y:
            place = f'x="{left:.1f}" y="{high:.1f}" width="{width:.1f}" height="{low - high:.1f}"'
            parts.append(_bar(mark.series, place, tip(mark.text), paper.name))
    return parts


def swatch(series: Series) -> Markup:
    """A sample of a bar of a series, 16 pixels wide and high, with a texture of its own."""
    textures = Markup("") if series.texture == "solid" else _texture(series.texture, f"{series.texture}-{series.name}")
    sample = _bar(series, 'x="1" y="1" width="14" height="14"', Markup(), series.name)
    return Markup("<defs>{}</defs>{}").format(textures, sample)


def _bar(series: Series, place: str, title: Markup, papers: str) -> Markup:
    """A bar, and its texture over it."""
    at = Markup(place)  # noqa: S704 - numbers
    bar = Markup('<rect class="bar {}" {}>{}</rect>').format(series.colour, at, title)
    if series.texture == "solid":
        return bar
    over = Markup('<rect class="texture" fill="url(#{}-{})" {}>{}</rect>')
    return bar + over.format(series.texture, papers, at, title)
