"""The metrics of a repository over time, for its history page."""

from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from bot.db.snapshots import Stored
from bot.domain.trends import FileTrend, MetricTrend, TrendPoint, Trends
from bot.insights.trends import change_in_words, span_in_words
from bot.web.pages.metric_chart import metric_svg, shown_points

YEARS = (1, 3, 5, 10)


@dataclass(frozen=True, slots=True)
class ShownMetric:
    """A metric with its drawing, None if no point lies in the selected time.

    trend: the claimed trend in words; empty without one.
    """

    metric: MetricTrend
    drawing: Markup | None
    points: list[TrendPoint]
    trend: str


@dataclass(frozen=True, slots=True)
class TrendsPart:
    """What the page shows of the trends.

    years: the selected time, up to now.
    last: the last day of the newest period.
    tested: how many metrics were tested for a trend.
    claimed: those with one.
    shown: metrics with values; unknown: those without any.
    """

    years: int
    trends: Trends
    last: date
    tested: int
    claimed: list[MetricTrend]
    shown: list[ShownMetric]
    unknown: list[MetricTrend]
    files: tuple[FileTrend, ...]


def trends_part(stored: Stored[Trends] | None, years: int) -> TrendsPart | None:
    """The part of the page; None if the trends are not computed yet."""
    if stored is None:
        return None
    trends = stored.content
    since = since_of(trends, years)
    known = [metric for metric in trends.metrics if metric.points]
    return TrendsPart(
        years=years,
        trends=trends,
        last=trends.until - timedelta(days=1),
        tested=sum(metric.test is not None for metric in known),
        claimed=[metric for metric in known if metric.claimed],
        shown=[_shown(metric, since, trends) for metric in known],
        unknown=[metric for metric in trends.metrics if not metric.points],
        files=trends.files,
    )


def since_of(trends: Trends, years: int) -> date:
    """The first day of the selected time."""
    return trends.until - timedelta(days=round(365.25 * years))


def _shown(metric: MetricTrend, since: date, trends: Trends) -> ShownMetric:
    words = ""
    if metric.claimed and metric.test:
        change = change_in_words(metric.test, metric.unit)
        words = f"{metric.claimed} from about {change}, {span_in_words(metric.test)}"
    return ShownMetric(metric, metric_svg(metric, since, trends.period), shown_points(metric, since), words)
