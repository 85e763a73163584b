"""The charts of new insights: by week for the page, by day for the script."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from bot.db.trends import Day, beginning
from bot.domain.insights import Severity
from bot.web.pages.chart import Axis, Chart, Colour, Mark, Series, Texture

_COLOURS: dict[Severity, Colour] = {
    Severity.INFO: "quiet",
    Severity.LOW: "link",
    Severity.MEDIUM: "warn",
    Severity.HIGH: "bad",
    Severity.CRITICAL: "bad",
}
_TEXTURES: dict[Severity, Texture] = {Severity.HIGH: "stripes", Severity.MEDIUM: "dots"}
# The severe ones come first, at the bottom.
_BARS = {
    severity: Series(severity.value, _COLOURS[severity], "bars", _TEXTURES.get(severity, "solid"))
    for severity in reversed(Severity)
}
_SHOWN_DAYS = timedelta(days=30)


def by_week(days: Mapping[date, Day], since: date, until: date) -> dict[date, Day]:
    """The weeks of a period by their Monday, including weeks without any event."""
    monday = since - timedelta(days=since.weekday())
    weeks = {monday + timedelta(weeks=number): Day() for number in range((until - monday).days // 7 + 1)}
    for when, day in days.items():
        week = weeks.get(when - timedelta(days=when.weekday()))
        if week is not None:
            week.analyses += day.analyses
            week.failed += day.failed
            week.insights.update(day.insights)
            week.by_type.update(day.by_type)
    return weeks


def weekly_chart(weeks: Mapping[date, Day]) -> Chart | None:
    """The number of new insights by week; None if there are none."""
    total: Counter[str] = Counter()
    for week in weeks.values():
        total.update(week.insights)
    if not total:
        return None
    return Chart(
        title="New insights by week",
        x=Axis("week, by its Monday (UTC)", "date"),
        y=Axis("new insights per week"),
        series=tuple(_BARS.values()),
        marks=_insights(weeks, "Week of "),
    )


def daily_chart(days: Mapping[date, Day], until: date) -> Chart | None:
    """The number of new insights and of analyses by day; None if there are none of either."""
    if not days:
        return None
    analyses = Series("analyses", "good", "line")
    bars = _insights(days, "")
    runs = [
        Mark(analyses, _x(when), day.analyses, f"{when}: {day.analyses} analyses, {day.failed} failed")
        for when, day in days.items()
    ]
    some = {mark.series.name for mark in bars if mark.y}
    series = [series for series in _BARS.values() if series.name in some]
    begin = min(*days, until - _SHOWN_DAYS)
    return Chart(
        title="New insights and analyses by day",
        x=Axis("day (UTC)", "date", range=(_x(begin), _x(until + timedelta(days=1)))),
        y=Axis("new insights, and analyses, per day"),
        series=(*series, analyses),
        marks=(*bars, *runs),
    )


def _insights(counts: Mapping[date, Day], prefix: str) -> tuple[Mark, ...]:
    return tuple(
        Mark(series, _x(when), number := day.insights[severity.value], f"{prefix}{when}: {number} {severity}")
        for when, day in counts.items()
        for severity, series in _BARS.items()
    )


def _x(day: date) -> float:
    return beginning(day).timestamp()
