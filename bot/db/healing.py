"""What the comparison with GitHub needs of the database (`jobs/heal.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from bot.db.engine import Database
from bot.db.tables import Analysis, Delivery, Installation, Repository
from bot.domain.analyses import AnalysisKind, AnalysisStatus


@dataclass(frozen=True, slots=True)
class Compared:
    """A repository to compare with GitHub. stuck: an analysis of it waits for another try."""

    github_id: int
    installation_id: int
    account: str
    full_name: str
    private: bool
    known_since: datetime
    stuck: bool


async def find_compared(db: Database) -> list[Compared]:
    """The repositories whose pull requests are analyzed."""
    stuck = exists().where(
        Analysis.repository_id == Repository.id,
        Analysis.kind == AnalysisKind.CHANGE,
        Analysis.status == AnalysisStatus.QUEUED,
        Analysis.attempt > 0,
    )
    query = (
        select(
            Repository.github_id,
            Repository.installation_id,
            Installation.account,
            Repository.full_name,
            Repository.private,
            Repository.created_at,
            stuck.label("stuck"),
        )
        .join(Installation, Installation.id == Repository.installation_id)
        .where(Installation.suspended.is_(False), Repository.auto_analyze)
    )
    async with db.reading() as session:
        return [Compared(*row) for row in await session.execute(query)]


async def stored_deliveries(db: Database, ids: Sequence[str]) -> set[str]:
    """Those of these deliveries that are stored."""
    async with db.reading() as session:
        return set(await session.scalars(select(Delivery.id).where(Delivery.id.in_(ids))))


async def known_keys(db: Database, github_id: int, keys: Sequence[str]) -> set[str]:
    """Those of these changes of a repository that have an analysis."""
    query = (
        select(Analysis.key)
        .join(Repository, Repository.id == Analysis.repository_id)
        .where(Repository.github_id == github_id, Analysis.key.in_(keys))
    )
    async with db.reading() as session:
        return set(await session.scalars(query))


async def known_pulls(db: Database, github_id: int, numbers: Sequence[int]) -> set[int | None]:
    """Those of these pull requests of a repository that were analyzed before."""
    query = (
        select(Analysis.pull_number)
        .join(Repository, Repository.id == Analysis.repository_id)
        .where(Repository.github_id == github_id, Analysis.pull_number.in_(numbers))
        .distinct()
    )
    async with db.reading() as session:
        return set(await session.scalars(query))
