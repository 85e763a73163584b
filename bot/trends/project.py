"""The trends of a whole project: every metric by period, and the hotspots that people change more or less often."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.project import Project
from bot.domain.trends import FileTrend, MetricTrend, TrendPoint, Trends, TrendTest
from bot.trends.decide import Decision, decide
from bot.trends.metric import Measured, Metric, Unknown, per_month
from bot.trends.periods import Periods, periods_between
from bot.trends.registry import METRICS

# A file must have so many changes in its last twelve months, or in the twelve before, to be looked at.
_LEAST_FILE_CHANGES = 10
_LEAST_FILE_CHANGE = 0.5
_MOST_FILES = 10
_DIGITS = 6


def trends_of(project: Project, file_changes: Mapping[str, Sequence[int]] | None = None) -> Trends:
    """All metrics of a project, and which of them have a trend.

    file_changes: for each hotspot, when people changed it, in Unix seconds, ascending.
    """
    periods = periods_between(_begin(project), project.now)
    metrics = _metrics(project, periods)
    files, number = _files(file_changes or {}, periods)
    return Trends(
        until=periods.first_day(len(periods)),
        period=periods.kind,
        metrics=metrics,
        files=files,
        files_tested=number,
    )


def _begin(project: Project) -> datetime:
    """When the data begin. Nothing is known of a project without changes and items."""
    begins = [item.created_at for item in project.items]
    if project.changes:
        begins.append(datetime.fromtimestamp(project.changes[0].when, UTC))
    return min(begins, default=project.now)


def _metrics(project: Project, periods: Periods) -> tuple[MetricTrend, ...]:
    measures = [metric.measure(project, periods) for metric in METRICS]
    known = [measure for measure in measures if isinstance(measure, Measured)]
    least = [
        metric.least_change for metric, measure in zip(METRICS, measures, strict=True) if isinstance(measure, Measured)
    ]
    decisions = iter(decide(list(zip(known, least, strict=True)), periods))
    return tuple(
        _unknown(metric, measure) if isinstance(measure, Unknown) else _known(metric, measure, next(decisions), periods)
        for metric, measure in zip(METRICS, measures, strict=True)
    )


def _known(metric: Metric, measured: Measured, decision: Decision, periods: Periods) -> MetricTrend:
    return replace(
        _described(metric),
        points=_points(measured, periods),
        claimed=decision.claimed,
        reason=decision.reason,
        test=decision.test and _shortened(decision.test),
    )


def _points(measured: Measured, periods: Periods) -> tuple[TrendPoint, ...]:
    return tuple(
        TrendPoint(start=periods.first_day(value.position), value=_rounded(value.value), n=value.n)
        for value in measured.values
    )


def _unknown(metric: Metric, unknown: Unknown) -> MetricTrend:
    return replace(_described(metric), reason=unknown.reason)


def _described(metric: Metric) -> MetricTrend:
    return MetricTrend(
        key=metric.key,
        name=metric.name,
        definition=metric.definition,
        unit=metric.unit,
        source=metric.source,
        standard=metric.standard,
        url=metric.url,
        better=metric.better,
    )


def _files(file_changes: Mapping[str, Sequence[int]], periods: Periods) -> tuple[tuple[FileTrend, ...], int]:
    """The hotspots with a trend, the strongest first, and how many were tested."""
    series = {path: _changes_per_month(times, periods) for path, times in file_changes.items() if times}
    busy = {path: measured for path, measured in series.items() if max(_years(measured)) >= _LEAST_FILE_CHANGES}
    decisions = decide([(measured, _LEAST_FILE_CHANGE) for measured in busy.values()], periods)
    found = []
    for (path, measured), decision in zip(busy.items(), decisions, strict=True):
        if decision.claimed and decision.test:
            newest, before = _years(measured)
            found.append(
                FileTrend(
                    path=path,
                    changes=newest,
                    changes_year_before=before,
                    claimed=decision.claimed,
                    points=tuple(point for point in _points(measured, periods) if point.start >= decision.test.since),
                    test=_shortened(decision.test),
                )
            )
    found.sort(key=lambda file: (-abs(file.test.end - file.test.begin), file.path))
    return tuple(found[:_MOST_FILES]), sum(decision.test is not None for decision in decisions)


def _changes_per_month(times: Sequence[int], periods: Periods) -> Measured:
    groups = periods.grouped((when, 1) for when in times)
    return per_month(groups, periods, periods.first_after(times[0]))


def _years(measured: Measured) -> tuple[int, int]:
    """The changes in the last twelve periods, and in the twelve before."""
    counts = [value.n for value in measured.values]
    return sum(counts[-12:]), sum(counts[-24:-12])


def _shortened(test: TrendTest) -> TrendTest:
    return replace(
        test,
        slope=_rounded(test.slope),
        slope_low=_rounded(test.slope_low),
        slope_high=_rounded(test.slope_high),
        begin=_rounded(test.begin),
        end=_rounded(test.end),
        p=_rounded(test.p),
        p_adjusted=_rounded(test.p_adjusted),
    )


def _rounded(value: float) -> float:
    """Six significant digits, which is more than any of these values is known to."""
    return float(f"{value:.{_DIGITS}g}")
