"""Counts per day (UTC): analyses, and insights by severity and type."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Date, cast, func, select

from bot.db.engine import Database
from bot.db.tables import Analysis, InsightRow
from bot.domain.analyses import AnalysisStatus


@dataclass(slots=True)
class Day:
    """The counts of one day.

    insights: by severity.
    """

    analyses: int = 0
    failed: int = 0
    insights: Counter[str] = field(default_factory=Counter)
    by_type: Counter[str] = field(default_factory=Counter)


async def days(db: Database, repository_id: UUID, since: datetime) -> dict[date, Day]:
    """The days since `since` that have analyses or insights, in order."""
    result: dict[date, Day] = {}
    analyzed_on, created_on = _day(db, Analysis.created_at), _day(db, InsightRow.created_at)
    analyses = (
        select(analyzed_on, Analysis.status, func.count())
        .where(Analysis.repository_id == repository_id, Analysis.created_at >= since)
        .group_by(analyzed_on, Analysis.status)
    )
    insights = (
        select(created_on, InsightRow.severity, InsightRow.type, func.count())
        .where(
            InsightRow.repository_id == repository_id,
            InsightRow.current.in_([True, False]),
            InsightRow.created_at >= since,
        )
        .group_by(created_on, InsightRow.severity, InsightRow.type)
    )
    async with db.reading() as session:
        for at, status, number in await session.execute(analyses):
            day = result.setdefault(_date(at), Day())
            day.analyses += number
            day.failed += number if status is AnalysisStatus.FAILED else 0
        for at, severity, kind, number in await session.execute(insights):
            day = result.setdefault(_date(at), Day())
            day.insights[severity] += number
            day.by_type[kind] += number
    return dict(sorted(result.items()))


def _day(db: Database, column: ColumnElement[datetime] | object) -> ColumnElement[object]:
    """The UTC day of a time. SQLite stores UTC text; PostgreSQL would use the time zone of the session."""
    if db.is_sqlite:
        return func.date(column)
    return cast(func.timezone("UTC", column), Date)


def _date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def beginning(day: date) -> datetime:
    """The first moment of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
