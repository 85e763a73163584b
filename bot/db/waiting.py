"""Which analysis of a change is next: the oldest one of each installation that has one waiting."""

from uuid import UUID

from sqlalchemy import func, or_, select

from bot.db.engine import Database, now
from bot.db.tables import Analysis, Installation, Repository
from bot.domain.analyses import AnalysisKind, AnalysisStatus

_OF_EACH = 3
_INSTALLATIONS = 200


async def find_waiting(db: Database) -> dict[int, list[UUID]]:
    """The oldest analyses that wait, a few by installation; the installation that has waited longest is first."""
    place = func.row_number().over(partition_by=Repository.installation_id, order_by=(Analysis.created_at, Analysis.id))
    expired = Analysis.lease_until < now()
    queued = (Analysis.status == AnalysisStatus.QUEUED) & or_(Analysis.lease_until.is_(None), expired)
    dead = (Analysis.status == AnalysisStatus.IN_PROGRESS) & expired
    waiting = (
        select(Analysis.id, Analysis.created_at, Repository.installation_id, place.label("place"))
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
        select(waiting.c.id, waiting.c.installation_id)
        .where(waiting.c.place <= _OF_EACH)
        .order_by(waiting.c.created_at)
        .limit(_OF_EACH * _INSTALLATIONS)
    )
    found: dict[int, list[UUID]] = {}
    async with db.reading() as session:
        for row in await session.execute(query):
            found.setdefault(row.installation_id, []).append(row.id)
    return found
