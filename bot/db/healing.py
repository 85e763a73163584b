"""What the comparison with GitHub needs of the database (`jobs/heal.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update

from bot.db.engine import Database
from bot.db.forgotten import forget_repositories
from bot.db.history_tables import Snapshot
from bot.db.tables import Analysis, Delivery, Installation, Repository
from bot.domain.analyses import AnalysisKind, AnalysisStatus
from bot.domain.snapshots import Hotspots, kind_of


@dataclass(frozen=True, slots=True)
class Compared:
    """A repository to compare with GitHub.

    gone_since: since when GitHub does not know it; None if it does.
    stuck: an analysis of it waits for another try.
    """

    github_id: int
    installation_id: int
    account: str
    full_name: str
    private: bool
    known_since: datetime
    default_branch: str
    gone_since: datetime | None
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
            Repository.default_branch,
            Repository.gone_since,
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


async def newest_head(db: Database, github_id: int, subject: str) -> str | None:
    """The head of the newest analysis of a branch; None if it has none."""
    query = (
        select(Analysis.head_sha)
        .join(Repository, Repository.id == Analysis.repository_id)
        .where(Repository.github_id == github_id, Analysis.subject == subject)
        .order_by(Analysis.created_at.desc())
        .limit(1)
    )
    async with db.reading() as session:
        return await session.scalar(query)


async def indexed_head(db: Database, github_id: int) -> str | None:
    """The commit of the default branch that the stored history describes; None if there is none."""
    query = (
        select(Snapshot.head_sha)
        .join(Repository, Repository.id == Snapshot.repository_id)
        .where(Repository.github_id == github_id, Snapshot.kind == kind_of(Hotspots))
    )
    async with db.reading() as session:
        return await session.scalar(query)


async def note_gone(db: Database, github_id: int, since: datetime | None) -> None:
    """Store since when GitHub does not know a repository; None: it does."""
    async with db.writing() as session:
        await session.execute(update(Repository).where(Repository.github_id == github_id).values(gone_since=since))


async def forget_gone(db: Database, repository: Compared) -> None:
    """Forget a repository that GitHub does not know any more. The audit log says since when."""
    since = repository.gone_since.isoformat(timespec="seconds") if repository.gone_since else ""
    async with db.writing() as session:
        await forget_repositories(session, [repository.github_id], {"not_found_since": since})
