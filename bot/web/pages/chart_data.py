"""The data of a chart for `static/charts.js`, the script with which a person explores the chart. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from bot.text import plain
from bot.web.pages.chart import SYMBOLS, Axis, Chart, Colour, Series, Symbol, Texture

Value = float | str


@dataclass(frozen=True, slots=True)
class AxisData:
    """An axis for the script.

    title: what is measured.
    kind: how the values are shown.
    range: from and to; empty if the values determine it.
    """

    title: str
    kind: Literal["number", "log", "percent", "date"]
    range: list[Value]


@dataclass(frozen=True, slots=True)
class SeriesData:
    """A series for the script.

    text: shown at each point; empty if no point has a text.
    sizes: the diameters of circles, in pixels; empty for other shapes.
    """

    name: str
    colour: Colour
    x: list[Value]
    y: list[float]
    text: list[str]
    sizes: list[float]
    shape: Literal["marks", "bars", "line"]
    symbol: Symbol
    texture: Texture


@dataclass(frozen=True, slots=True)
class ChartData:
    """The chart for the script. stacked: whether the bars are stacked."""

    title: str
    x: AxisData
    y: AxisData
    series: list[SeriesData]
    stacked: bool


def chart_data(chart: Chart) -> ChartData:
    """Make the data of a chart."""
    return ChartData(
        title=chart.title,
        x=_axis(chart.x),
        y=_axis(chart.y),
        series=[_series(chart, series) for series in chart.series],
        stacked=any(series.shape == "bars" for series in chart.series),
    )


def _axis(axis: Axis) -> AxisData:
    ends = [_value(axis, end) for end in axis.range or ()]
    return AxisData(axis.title, "log" if axis.compressed else axis.unit, ends)


def _series(chart: Chart, series: Series) -> SeriesData:
    marks = chart.marks_of(series)
    return SeriesData(
        name=series.name,
        colour=series.colour,
        x=[_value(chart.x, mark.x) for mark in marks],
        y=[mark.y for mark in marks],
        text=[plain(mark.text, 400) for mark in marks] if any(mark.text for mark in marks) else [],
        sizes=[2 * mark.radius for mark in marks] if series.shape == "marks" else [],
        shape=series.shape,
        symbol=SYMBOLS[series.colour],
        texture=series.texture,
    )


def _value(axis: Axis, value: float) -> Value:
    return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M}" if axis.unit == "date" else value
