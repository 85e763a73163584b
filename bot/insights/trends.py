"""Trends in words: one insight for each trend that is more than noise, with its numbers. Pure.

Nothing here names or ranks people. `bot/trends` computes the numbers; docs/trends.md says how.
"""

from dataclasses import asdict
from datetime import date

from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, fingerprint
from bot.domain.trends import FileTrend, MetricTrend, PeriodKind, Trends, TrendTest
from bot.text import code, count

_CONFIDENCE = Confidence(0.9, "tested against chance, corrected for autocorrelation and the number of series")
_PER_YEAR: dict[PeriodKind, float] = {"week": 365.25 / 7, "month": 12}
_SAMPLES = {"commits": "change", "issues": "issue", "pull_requests": "pull request", "releases": "release"}


def trend_insights(trends: Trends) -> list[Insight]:
    """All trends that are claimed: of metrics, then of files."""
    metrics = [_metric(metric, metric.test, trends) for metric in trends.metrics if metric.claimed and metric.test]
    return metrics + [_file(file, trends.period) for file in trends.files]


def value_in_words(value: float, unit: str) -> str:
    """A value with its unit: `about 12 %`, `3.4 days`. Values below 0, which a trend line can reach, are 0."""
    shown = max(0.0, value)
    if unit == "share":
        return f"{shown:.0%}" if shown >= 0.1 or shown == 0 else f"{shown:.1%}"
    return f"{number(shown)} {unit}"


def number(value: float) -> str:
    """A number with two or three significant digits."""
    size = abs(value)
    return f"{value:,.0f}" if size >= 10 or value == int(value) else f"{value:.1f}" if size >= 1 else f"{value:.2g}"


def change_in_words(test: TrendTest, unit: str) -> str:
    """The ends of the trend line: `2.1 to about 4 changes per week`."""
    begin = value_in_words(test.begin, unit)
    return f"{begin.removesuffix(f' {unit}')} to about {value_in_words(test.end, unit)}"


def span_in_words(test: TrendTest) -> str:
    """The tested time: `from August 2023 to July 2026`."""
    return f"from {test.since:%B %Y} to {test.until:%B %Y}"


def test_in_words(test: TrendTest, unit: str, period: PeriodKind, sample: str) -> str:
    """The slope with its interval, the p value, and what they rest on."""
    per_year = _PER_YEAR[period]
    low, slope, high = (one * per_year for one in (test.slope_low, test.slope, test.slope_high))
    factor, shown = (100, "percentage points") if unit == "share" else (1, unit)
    return (
        f"That is {_signed(slope * factor)} {shown} a year (95 % interval {_signed(low * factor)} to "
        f"{_signed(high * factor)}; p = {_p(test.p_adjusted)}; {count(test.periods, period)}, {count(test.n, sample)})."
    )


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{number(abs(value))}"


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"


def _metric(metric: MetricTrend, test: TrendTest, trends: Trends) -> Insight:
    rule = f"repository/trend/{metric.key}"
    begin, end = value_in_words(test.begin, metric.unit), value_in_words(test.end, metric.unit)
    is_worse = metric.better is not None and metric.better != metric.claimed
    words = test_in_words(test, metric.unit, trends.period, _SAMPLES[metric.source])
    return Insight(
        type=InsightType.TREND,
        rule=rule,
        title=f"{metric.name}: {metric.claimed} from about {change_in_words(test, metric.unit)}",
        description=f"The trend line goes from {begin} to {end}, {span_in_words(test)}. {words} {metric.definition}",
        remedy="Look at the chart on the history page: when did it begin, and what changed then?" if is_worse else "",
        severity=Severity.LOW if is_worse else Severity.INFO,
        confidence=_CONFIDENCE,
        evidence={
            "metric": metric.key,
            "unit": metric.unit,
            "standard": metric.standard,
            "direction": metric.claimed,
            **_evidence(test, trends.period),
        },
        tags=("trends", metric.source),
        fingerprint=fingerprint(rule),
    )


def _file(file: FileTrend, period: PeriodKind) -> Insight:
    rule = "repository/trend/file-changes"
    unit = "changes per month"
    more = "more" if file.claimed == "up" else "less"
    begin, end = value_in_words(file.test.begin, unit), value_in_words(file.test.end, unit)
    return Insight(
        type=InsightType.TREND,
        rule=rule,
        title=f"{code(file.path)} changes {more} and {more} often: {count(file.changes, 'change')} in a year",
        description=f"There were {file.changes_year_before:,} in the year before. The trend line goes from {begin} to "
        f"{end}, {span_in_words(file.test)}. {test_in_words(file.test, unit, period, 'change')} Bots and changes of "
        "more than 100 files do not count.",
        remedy="If these are new features, nothing is to be done; if they are fixes, look for a common cause."
        if file.claimed == "up"
        else "",
        severity=Severity.INFO,
        confidence=_CONFIDENCE,
        evidence={
            "path": file.path,
            "unit": unit,
            "direction": file.claimed,
            "changes": file.changes,
            "changes_year_before": file.changes_year_before,
            **_evidence(file.test, period),
        },
        locations=(Location(file.path, 1, 1),),
        tags=("trends", "commits"),
        fingerprint=fingerprint(rule, file.path),
    )


def _evidence(test: TrendTest, period: PeriodKind) -> dict[str, object]:
    """The test as JSON values. The tested points are in the snapshot, and in REST.

    They would end every dismissal (`domain.dismissals`): with each month a point goes and another one comes.
    """
    facts = {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(test).items()}
    return {**facts, "period": period}
