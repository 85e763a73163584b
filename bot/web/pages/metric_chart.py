"""A small drawing of one metric: a point for each period, and the trend line with its interval if a trend is claimed.

Like `svg.py`, it has no styles but the classes of the page's style sheet.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from markupsafe import Markup

from bot.db.trends import beginning
from bot.domain.trends import Direction, MetricTrend, PeriodKind, TrendPoint, TrendTest
from bot.insights.trends import number
from bot.web.pages.chart import Axis, Chart, Mark, Series

WIDTH, HEIGHT = 380, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 14, 26, 26
_LONGEST: dict[PeriodKind, timedelta] = {"week": timedelta(days=8), "month": timedelta(days=32)}
_VALUES = Series("value", "link", "line")
_TREND = Series("trend line", "warn", "line")
_LOW, _HIGH = Series("95 % interval, low", "quiet", "line"), Series("95 % interval, high", "quiet", "line")


@dataclass(frozen=True, slots=True)
class TrendLine:
    """The trend line and the lines of its interval, at the first and the last of some points.

    value, low, high: (begin, end).
    """

    value: tuple[float, float]
    low: tuple[float, float]
    high: tuple[float, float]


def shown_points(metric: MetricTrend, since: date | None) -> list[TrendPoint]:
    """The points in the selected time."""
    return [point for point in metric.points if since is None or point.start >= since]


def trend_line(test: TrendTest, points: list[TrendPoint]) -> tuple[list[TrendPoint], TrendLine] | None:
    """The tested ones of the points, and the line through them. None if fewer than two are shown.

    The lines of the interval have its slopes, and meet the trend line in the middle of the tested time.
    """
    tested = [point for point in points if test.since <= point.start <= test.until]
    if len(tested) < 2 or test.slope == 0:
        return None
    periods = (test.end - test.begin) / test.slope
    whole = (test.until - test.since).days or 1

    def at(point: TrendPoint, slope: float) -> float:
        share = min(1.0, (point.start - test.since).days / whole * (periods + 1) / periods)
        return (test.begin + test.end) / 2 + slope * periods * (share - 0.5)

    ends = tested[0], tested[-1]
    low, value, high = (
        (at(ends[0], slope), at(ends[1], slope)) for slope in (test.slope_low, test.slope, test.slope_high)
    )
    return tested, TrendLine(value, low, high)


def metric_chart(metric: MetricTrend, since: date | None) -> Chart | None:
    """The chart that a person explores; None without points."""
    points = shown_points(metric, since)
    if not points:
        return None
    marks = [Mark(_VALUES, _x(point), point.value, _text(point, metric)) for point in points]
    series = [_VALUES]
    line = trend_line(metric.test, points) if metric.claimed and metric.test else None
    if line:
        tested, lines = line
        ends = tested[0], tested[-1]
        for one, values in ((_TREND, lines.value), (_LOW, lines.low), (_HIGH, lines.high)):
            series.append(one)
            marks += [Mark(one, _x(point), max(0.0, value)) for point, value in zip(ends, values, strict=True)]
    axis = Axis(_unit(metric), "percent" if metric.unit == "share" else "number")
    return Chart(metric.name, Axis("first day of the period (UTC)", "date"), axis, tuple(series), tuple(marks))


def metric_svg(metric: MetricTrend, since: date | None, period: PeriodKind) -> Markup | None:
    """The drawing for the page; None without points. A gap in the data is a gap in the line."""
    points = shown_points(metric, since)
    if not points:
        return None
    line = trend_line(metric.test, points) if metric.claimed and metric.test else None
    most = max([point.value for point in points] + list(line[1].value if line else ())) or 1.0
    scale = _Scale(points[0].start, max((points[-1].start - points[0].start).days, 1), most)
    parts = [_axes(scale, metric, points)]
    if line:
        parts.append(_band(scale, *line))
    for one, other in pairwise(points):
        if other.start - one.start <= _LONGEST[period]:
            parts.append(_segment("series", scale, (one.start, one.value), (other.start, other.value)))
    parts += [_dot(scale, point, metric) for point in points]
    if line:
        tested, lines = line
        ends = (tested[0].start, lines.value[0]), (tested[-1].start, lines.value[1])
        parts.append(_segment("trend", scale, *ends))
    title = f"{metric.name}, {_unit(metric)}, {_words(metric.claimed)}"
    return Markup(
        '<svg class="chart small" role="img" viewBox="0 0 {} {}" aria-label="{}"><title>{}</title>{}</svg>'
    ).format(WIDTH, HEIGHT, title, title, Markup("").join(parts))


@dataclass(frozen=True, slots=True)
class _Scale:
    """begin: the day at the left. days: the width in days. most: the value at the top."""

    begin: date
    days: int
    most: float

    def x(self, day: date) -> float:
        return _LEFT + (day - self.begin).days / self.days * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        share = min(1.0, max(0.0, value / self.most))
        return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)


def _axes(scale: _Scale, metric: MetricTrend, points: list[TrendPoint]) -> Markup:
    bottom, line = HEIGHT - _BOTTOM, Markup('<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>')
    text = Markup('<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>')
    parts = [line.format(_LEFT, bottom, WIDTH - _RIGHT, bottom), line.format(_LEFT, _TOP, _LEFT, bottom)]
    parts.append(Markup('<text class="name" x="{}" y="{}">{}</text>').format(2, 12, _unit(metric)))
    for share in (0.0, 0.5, 1.0):
        value = scale.most * share
        parts.append(text.format(_LEFT - 6, f"{scale.y(value) + 4:.1f}", "end", _tick(value, metric)))
    first, last = points[0].start, points[-1].start
    middle = first + (last - first) / 2
    days = [(first, "start")]
    if last - first > timedelta(days=90):
        days += [(middle, "middle"), (last, "end")]
    parts += [text.format(f"{scale.x(day):.1f}", bottom + 17, anchor, f"{day:%b %Y}") for day, anchor in days]
    return Markup("").join(parts)


def _band(scale: _Scale, tested: list[TrendPoint], lines: TrendLine) -> Markup:
    """The area between the lines of the interval, which cross in the middle."""
    begin, end = tested[0].start, tested[-1].start
    corners = [(begin, lines.low[0]), (end, lines.low[1]), (end, lines.high[1]), (begin, lines.high[0])]
    points = " ".join(f"{scale.x(day):.1f},{scale.y(value):.1f}" for day, value in corners)
    return Markup('<polygon class="band" points="{}"/>').format(points)


def _segment(kind: str, scale: _Scale, begin: tuple[date, float], end: tuple[date, float]) -> Markup:
    places = [f"{place:.1f}" for day, value in (begin, end) for place in (scale.x(day), scale.y(value))]
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, *places)


def _dot(scale: _Scale, point: TrendPoint, metric: MetricTrend) -> Markup:
    place = f"{scale.x(point.start):.1f}", f"{scale.y(point.value):.1f}"
    dot = Markup('<circle class="dot" cx="{}" cy="{}" r="2"><title>{}</title></circle>')
    return dot.format(*place, _text(point, metric))


def _text(point: TrendPoint, metric: MetricTrend) -> str:
    return f"{point.start:%d %b %Y}: {_value(point.value, metric)} (n = {point.n:,})"


def _tick(value: float, metric: MetricTrend) -> str:
    return f"{value:.0%}" if metric.unit == "share" else number(value)


def _value(value: float, metric: MetricTrend) -> str:
    return f"{value:.1%}" if metric.unit == "share" else f"{number(value)} {metric.unit}"


def _unit(metric: MetricTrend) -> str:
    return "share of changes" if metric.unit == "share" else metric.unit


def _words(claimed: Direction | None) -> str:
    return f"trend: {claimed}" if claimed else "no trend"


def _x(point: TrendPoint) -> float:
    return beginning(point.start).timestamp()
