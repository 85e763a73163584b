"""Which analysis of a change is next: the oldest one of each installation that has one waiting."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from bot.db.engine import Database, now
from bot.db.tables import Analysis, Installation, Repository
from bot.domain.analyses import AnalysisKind, AnalysisStatus

_OF_EACH = 3
_INSTALLATIONS = 200


@dataclass(frozen=True, slots=True)
class WaitingAnalysis:
    """An analysis that a worker could take. github_id: of its repository. since: when that became possible."""

    id: UUID
    github_id: int
    since: datetime


async def find_waiting(db: Database) -> dict[int, list[WaitingAnalysis]]:
    """The oldest analyses that wait, a few by installation; the installation that has waited longest is first."""
    place = func.row_number().over(partition_by=Repository.installation_id, order_by=(Analysis.created_at, Analysis.id))
    expired = Analysis.lease_until < now()
    queued = (Analysis.status == AnalysisStatus.QUEUED) & or_(Analysis.lease_until.is_(None), expired)
    dead = (Analysis.status == AnalysisStatus.IN_PROGRESS) & expired
    waiting = (
        select(
            Analysis.id,
            Analysis.created_at,
            Analysis.lease_until,
            Repository.github_id,
            Repository.installation_id,
            place.label("place"),
        )
        .join(Repository, Repository.id == Analysis.repository_id)
        .join(Installation, Installation.id == Repository.installation_id)
        .where(
            or_(queued, dead),
            Analysis.kind == AnalysisKind.CHANGE,
            Installation.suspended.is_(False),
        )
        .subquery()
    )
    query = (
        select(
            waiting.c.id,
            waiting.c.created_at,
            waiting.c.lease_until,
            waiting.c.github_id,
            waiting.c.installation_id,
        )
        .where(waiting.c.place <= _OF_EACH)
        .order_by(waiting.c.created_at)
        .limit(_OF_EACH * _INSTALLATIONS)
    )
    found: dict[int, list[WaitingAnalysis]] = {}
    async with db.reading() as session:
        for row in await session.execute(query):
            since = max(row.created_at, row.lease_until or row.created_at)
            found.setdefault(row.installation_id, []).append(WaitingAnalysis(row.id, row.github_id, since))
    return found
