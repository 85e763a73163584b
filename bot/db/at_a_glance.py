"""What a list shows of each repository: the open remarks by severity, and how many changes there were lately."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.dismissals import held_ids
from bot.db.engine import Database
from bot.db.history_tables import Snapshot
from bot.db.open_analyses import is_open
from bot.db.tables import Analysis, InsightRow
from bot.domain.analyses import WHOLE_REPOSITORY_KINDS, AnalysisStatus
from bot.domain.insights import Severity, Standing
from bot.domain.snapshots import kind_of
from bot.domain.trends import Trends

# The first metric of the snapshot `trends`. Only its points are read: the whole snapshot can have a megabyte.
ACTIVITY = "changes"
_MOST_POINTS = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A repository at a glance.

    remarks: the number of open remarks by severity (`is_open`); dismissed ones do not count.
    analyzed: whether an analysis of the whole repository was completed.
    activity: changes per week in the newest periods of the trends, the oldest first; empty if that is not known.
    """

    remarks: Mapping[Severity, int]
    analyzed: bool
    activity: tuple[float, ...] = ()

    @property
    def total(self) -> int:
        """The number of open remarks."""
        return sum(self.remarks.values())

    @property
    def worst(self) -> Severity | None:
        """The highest severity of an open remark; None without one."""
        return max((one for one, number in self.remarks.items() if number), key=lambda one: one.rank, default=None)

    @property
    def health(self) -> str:
        """`poor` with a critical or high remark, `fair` with a medium one, else `good`; `unknown` without analysis.

        A repository whose pull requests only were analyzed is `unknown` as long as they have no remark.
        """
        if self.worst is None:
            return "good" if self.analyzed else "unknown"
        if self.worst.rank >= Severity.HIGH.rank:
            return "poor"
        return "fair" if self.worst is Severity.MEDIUM else "good"


async def glance(db: Database, repository_id: UUID) -> Glance:
    """One repository at a glance, without its activity."""
    async with db.reading() as session:
        remarks = await _remarks(session, [repository_id])
        analyzed = await _analyzed(session, [repository_id])
    return Glance(remarks=remarks[repository_id], analyzed=repository_id in analyzed)


async def glances(db: Database, ids: Collection[UUID]) -> dict[UUID, Glance]:
    """These repositories at a glance."""
    if not ids:
        return {}
    async with db.reading() as session:
        remarks = await _remarks(session, ids)
        analyzed = await _analyzed(session, ids)
        activity = await _activity(session, ids)
    return {one: Glance(remarks=remarks[one], analyzed=one in analyzed, activity=activity.get(one, ())) for one in ids}


async def _remarks(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Counter[Severity]]:
    # Not the bare column: SQLite would take the index that ends in it, and read every note, too.
    severity = func.lower(InsightRow.severity)
    query = (
        select(InsightRow.repository_id, severity, func.count())
        .where(
            InsightRow.repository_id.in_(ids),
            InsightRow.current.is_(True),
            InsightRow.standing == Standing.REMARK.value,
            is_open(InsightRow.__table__.c.analysis_id),
            or_(InsightRow.dismissal_id.is_(None), InsightRow.dismissal_id.not_in(held_ids(ids))),
        )
        .group_by(InsightRow.repository_id, severity)
    )
    counts: dict[UUID, Counter[Severity]] = {one: Counter() for one in ids}
    for repository_id, word, number in await session.execute(query):
        counts[repository_id][Severity(word)] = number
    return counts


async def _analyzed(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    query = select(Analysis.repository_id).where(
        Analysis.repository_id.in_(ids),
        Analysis.kind.in_(WHOLE_REPOSITORY_KINDS),
        Analysis.status == AnalysisStatus.COMPLETED,
    )
    return set(await session.scalars(query.distinct()))


async def _activity(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, tuple[float, ...]]:
    """The points of the metric, picked from the snapshot by the database."""
    key, points = Snapshot.content[("metrics", 0, "key")].as_string(), Snapshot.content[("metrics", 0, "points")]
    query = select(Snapshot.repository_id, key, points)
    rows = await session.execute(query.where(Snapshot.repository_id.in_(ids), Snapshot.kind == kind_of(Trends)))
    return {repository_id: _values(value) for repository_id, name, value in rows if name == ACTIVITY}


def _values(points: Any) -> tuple[float, ...]:
    given = points if isinstance(points, list) else []
    values = [one.get("value") for one in given[-_MOST_POINTS:] if isinstance(one, dict)]
    return tuple(float(value) for value in values if isinstance(value, int | float))
