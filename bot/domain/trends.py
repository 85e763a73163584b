"""Trends of a repository: metrics by week or month, and whether each is more than noise. docs/trends.md explains them.

The names of the fields are the keys in the database and in the REST API. A field with a default is left out of both
where it has that value.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["up", "down"]
PeriodKind: TypeAlias = Literal["week", "month"]
MetricSource: TypeAlias = Literal["commits", "issues", "pull_requests", "releases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """The value of a metric in one period.

    start: the first day of the period, in UTC.
    value: in the unit of the metric.
    n: how many changes, issues, … the value is computed from.
    """

    start: date
    value: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendTest:
    """Whether a series has a trend: the slope of Theil and Sen, and the test of Mann and Kendall.

    since: the first day of the tested periods.
    until: the last day of the tested periods.
    periods: tested periods with a value.
    n: how many changes, issues, … these values are computed from, in all.
    slope: the change of the value from one period to the next.
    slope_low: the lower end of the 95 % confidence interval of the slope.
    slope_high: its upper end.
    begin: the trend line in the first tested period.
    end: the trend line in the last tested period.
    autocorrelation: the correlation of neighbouring periods that the test assumes: the upper bound of the estimate.
    p: two-sided; corrected for the autocorrelation.
    p_adjusted: corrected for the number of tested series, too.
    """

    since: date
    until: date
    periods: int
    n: int
    slope: float
    slope_low: float
    slope_high: float
    begin: float
    end: float
    autocorrelation: float
    p: float
    p_adjusted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricTrend:
    """A metric over time.

    key: identifies the metric; it never changes.
    name: what the metric is called, for people.
    definition: what is computed from what, in one or two sentences.
    unit: of the values; a `share` is 0 to 1.
    source: the stored data that the metric is computed from.
    standard: who defined the metric, and its name there; empty for a metric of our own.
    url: of that definition.
    better: the direction that most projects want; null if neither is better.
    points: the oldest first. Periods without enough data are left out.
    claimed: the direction of the trend; null if there is no more than noise.
    reason: why there is no trend, or no value at all, as a sentence; empty where a trend is claimed.
    test: null if the series was not tested.
    """

    key: str
    name: str
    definition: str
    unit: str
    source: MetricSource
    standard: str = ""
    url: str = ""
    better: Direction | None = None
    points: tuple[TrendPoint, ...] = ()
    claimed: Direction | None = None
    reason: str = ""
    test: TrendTest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTrend:
    """A hotspot that people change more and more often, or less and less.

    path: of the file at the newest commit of the index.
    changes: of the file by people, in the last twelve months.
    changes_year_before: in the twelve months before.
    claimed: the direction of the trend.
    points: the number of changes per month in the tested periods, the oldest first.
    test: of these.
    """

    path: str
    changes: int
    changes_year_before: int
    claimed: Direction
    points: tuple[TrendPoint, ...]
    test: TrendTest


@dataclass(frozen=True, slots=True, kw_only=True)
class Trends:
    """The metrics of a repository over time.

    until: the end of the newest complete period, which is the first day after it.
    period: what one point stands for.
    metrics: all metrics, in the order in which they are shown. Those without data have a reason.
    files: the hotspots with a trend, the strongest first.
    files_tested: how many hotspots were tested.
    """

    until: date
    period: PeriodKind
    metrics: tuple[MetricTrend, ...]
    files: tuple[FileTrend, ...] = ()
    files_tested: int = 0
