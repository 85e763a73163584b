"""The trends of a repository as SVG: one column for each week."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from markupsafe import Markup

from bot.db.trends import Day
from bot.domain.insights import Severity
from bot.web.pages.charts import Column, columns


def by_week(days: Mapping[date, Day], since: date, until: date) -> dict[date, Day]:
    """The weeks of a span by their Monday, also those in which nothing happened."""
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


def trends_chart(weeks: Mapping[date, Day]) -> Markup | None:
    """New insights by week, the severe ones at the bottom; None when there were none."""
    total: Counter[str] = Counter()
    for week in weeks.values():
        total.update(week.insights)
    if not total:
        return None
    made = [
        Column(
            f"{monday:%d %b}",
            [
                (
                    week.insights[severity.value],
                    severity.value,
                    f"Week of {monday}: {week.insights[severity.value]} {severity.value}",
                )
                for severity in reversed(Severity)
            ],
        )
        for monday, week in weeks.items()
    ]
    return columns("New insights by week", "new insights", made)
