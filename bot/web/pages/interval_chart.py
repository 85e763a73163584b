"""Draws values with their intervals, one below the other, as SVG (a forest plot)."""

from dataclasses import dataclass
from math import floor, log10

from markupsafe import Markup

from bot.web.pages.paper import PAPERS, WIDE, Paper, framed, row_label, tip

_ROW, _RIGHT, _AXIS = 26, 24, 44
_NARROW_ROW = 42
_TICKS = 5


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """A value with its interval. usual: what it is compared with. text: shown while the pointer is over the row."""

    label: str
    value: float
    low: float
    high: float
    usual: float
    text: str


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """Rows over one axis. axis: what is measured, with its unit. is_share: whether values are shown in percent."""

    title: str
    axis: str
    rows: tuple[IntervalRow, ...]
    is_share: bool = False


def interval_svg(chart: IntervalChart) -> Markup:
    """Draw the chart on each paper."""
    return Markup("").join(interval_drawing(chart, paper) for paper in PAPERS)


def interval_drawing(chart: IntervalChart, paper: Paper = WIDE) -> Markup:
    """Draw the chart. The axis begins at 0. An interval that is much longer than the others ends at the edge."""
    values = [row.value for row in chart.rows] + [row.usual for row in chart.rows]
    most = min(max(row.high for row in chart.rows), 2.5 * max(values)) or 1.0
    step = _ROW if paper.labels else _NARROW_ROW
    bottom = step * len(chart.rows) + 4
    parts = [_axis(chart, most, bottom, paper)]
    for number, row in enumerate(chart.rows):
        parts.append(_row(row, most, (number + 1) * step - _ROW / 2 + 2, paper))
    return framed(chart.title, Markup("").join(parts), paper, bottom + _AXIS)


def _row(row: IntervalRow, most: float, middle: float, paper: Paper) -> Markup:
    low, high, value, usual = (_x(one, most, paper) for one in (row.low, row.high, row.value, row.usual))
    return Markup(
        "<g>{tip}{label}"
        '<line class="interval" x1="{low}" y1="{y}" x2="{high}" y2="{y}"/>'
        '<line class="usual" x1="{usual}" y1="{top}" x2="{usual}" y2="{end}"/>'
        '<circle class="value" cx="{value}" cy="{y}" r="5"/></g>'
    ).format(
        tip=tip(row.text),
        label=row_label(row.label, paper, middle - 9, 18),
        low=f"{low:.1f}",
        high=f"{high:.1f}",
        usual=f"{usual:.1f}",
        value=f"{value:.1f}",
        y=f"{middle:.1f}",
        top=f"{middle - 9:.1f}",
        end=f"{middle + 9:.1f}",
    )


def _axis(chart: IntervalChart, most: float, bottom: float, paper: Paper) -> Markup:
    left, right = _begin(paper), paper.width - _RIGHT
    parts = [
        Markup('<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(left, bottom, right, bottom),
        Markup('<text class="name" x="{}" y="{}" text-anchor="end">{}</text>').format(right, bottom + 36, chart.axis),
    ]
    step = _round_step(most / _TICKS)
    for number in range(int(most / step) + 1):
        value = number * step
        shown = f"{value:.0%}" if chart.is_share else f"{value:g}"
        parts.append(
            Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                f"{_x(value, most, paper):.1f}", bottom + 18, shown
            )
        )
    return Markup("").join(parts)


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, … (or .1, .2, .5, …) that is not below this."""
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * 0.999)


def _begin(paper: Paper) -> int:
    return paper.labels or 14


def _x(value: float, most: float, paper: Paper) -> float:
    left = _begin(paper)
    return left + min(1.0, max(0.0, value / most)) * (paper.width - left - _RIGHT)
