"""Repositories for the API and the pages, each with the status of its newest analysis."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from bot.db.engine import Database
from bot.db.page import Page
from bot.db.tables import Analysis, Repository
from bot.domain.analyses import STATUS_OF_REPOSITORY, AnalysisStatus, RepositoryStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryView:
    """A repository with the status of its newest analysis. facts: GitHub's (`domain.orders.RepositoryRef`)."""

    id: UUID
    github_id: int
    installation_id: int
    full_name: str
    private: bool
    default_branch: str
    facts: dict[str, Any]
    auto_analyze: bool
    notification_settings: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    last_analyzed: datetime | None
    analysis_status: RepositoryStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryFilter:
    """Criteria for a list of repositories; None means any.

    github_ids: the repositories that the user can see.
    also_public: include all public repositories.
    """

    language: str | None = None
    q: str | None = None
    analysis_status: RepositoryStatus | None = None
    github_ids: frozenset[int] | None = None
    also_public: bool = False


async def list_repositories(
    db: Database,
    *,
    limit: int,
    offset: int,
    filters: RepositoryFilter = RepositoryFilter(),
) -> Page[RepositoryView]:
    """Repositories by name."""
    query = select(Repository)
    if filters.github_ids is not None:
        visible: ColumnElement[bool] = Repository.github_id.in_(filters.github_ids)
        query = query.where(or_(visible, Repository.private.is_(False)) if filters.also_public else visible)
    if filters.language:
        query = query.where(func.lower(_LANGUAGE) == filters.language.lower())
    if filters.q:
        query = query.where(Repository.full_name.icontains(filters.q, autoescape=True))
    if filters.analysis_status:
        query = query.where(_newest_status() == filters.analysis_status.value)
    async with db.reading() as session:
        total = await session.scalar(query.with_only_columns(func.count(Repository.id))) or 0
        rows = list(
            await session.scalars(query.order_by(Repository.full_name, Repository.id).limit(limit).offset(offset))
        )
        states = await _states(session, [row.id for row in rows])
        return Page([_view(row, states.get(row.id)) for row in rows], total)


async def find_repository(db: Database, full_name: str) -> RepositoryView | None:
    """The repository of that name, ignoring case; of several, the one that was updated last."""
    query = select(Repository).where(func.lower(Repository.full_name) == full_name.lower())
    async with db.reading() as session:
        row = await session.scalar(query.order_by(Repository.updated_at.desc()).limit(1))
        return _view(row, (await _states(session, [row.id])).get(row.id)) if row else None


async def repository_named(db: Database, full_name: str) -> RepositoryView | None:
    """The repository with exactly this name, found by an index; of several, the one that was updated last."""
    query = select(Repository).where(Repository.full_name == full_name).order_by(Repository.updated_at.desc()).limit(1)
    async with db.reading() as session:
        row = await session.scalar(query)
        return _view(row, None) if row else None


def _newest_status() -> ColumnElement[str]:
    """The `analysis_status` of `_view`, as an SQL expression."""
    newest = (
        select(Analysis.status)
        .where(Analysis.repository_id == Repository.id)
        .order_by(Analysis.created_at.desc(), Analysis.id.desc())
        .limit(1)
        .correlate(Repository)
        .scalar_subquery()
    )
    states = {before.value: after.value for before, after in STATUS_OF_REPOSITORY.items()}
    return case(states, value=newest, else_=RepositoryStatus.PENDING.value)


async def get_repository(db: Database, repository_id: UUID) -> RepositoryView | None:
    """One repository, or None."""

    def read(session: Session) -> RepositoryView | None:
        row = session.get(Repository, repository_id)
        if row is None:
            return None
        newest = session.execute(_NEWEST, {"repository_id": repository_id}).scalar()
        finished = session.execute(_FINISHED, {"repository_id": repository_id}).scalar()
        return _view(row, (newest, finished) if newest else None)

    return await db.read(read)


async def github_id_of(db: Database, repository_id: UUID) -> int | None:
    """A repository's id on GitHub; None if it is unknown."""
    return await db.read(lambda session: session.execute(_GITHUB_ID, {"repository_id": repository_id}).scalar())


_GITHUB_ID = select(Repository.github_id).where(Repository.id == bindparam("repository_id"))
_NEWEST = (
    select(Analysis.status)
    .where(Analysis.repository_id == bindparam("repository_id"))
    .order_by(Analysis.created_at.desc(), Analysis.id.desc())
    .limit(1)
)
_FINISHED = select(func.max(Analysis.finished_at)).where(
    Analysis.repository_id == bindparam("repository_id"), Analysis.status == AnalysisStatus.COMPLETED
)


async def _states(session: AsyncSession, ids: list[UUID]) -> dict[UUID, tuple[AnalysisStatus, datetime | None]]:
    """(status of the newest analysis, when one was last completed) by repository."""
    newest = (
        select(
            Analysis.repository_id,
            Analysis.status,
            func.row_number().over(partition_by=Analysis.repository_id, order_by=Analysis.created_at.desc()).label("n"),
        )
        .where(Analysis.repository_id.in_(ids))
        .subquery()
    )
    statuses = {row[0]: row[1] for row in await session.execute(select(newest).where(newest.c.n == 1))}
    finished = {
        row[0]: row[1]
        for row in await session.execute(
            select(Analysis.repository_id, func.max(Analysis.finished_at))
            .where(Analysis.repository_id.in_(ids), Analysis.status == AnalysisStatus.COMPLETED)
            .group_by(Analysis.repository_id)
        )
    }
    return {key: (status, finished.get(key)) for key, status in statuses.items()}


_GIVEN = ("description", "language")
_LANGUAGE = func.coalesce(
    func.nullif(Repository.facts["language"].as_string(), ""), Repository.facts[("given", "language")].as_string()
)


def _facts(stored: dict[str, Any]) -> dict[str, Any]:
    """GitHub's facts; where GitHub says nothing, what was said at the registration (`db.repositories.Given`)."""
    given = stored.get("given") or {}
    facts = {name: value for name, value in stored.items() if name != "given"}
    return facts | {name: facts.get(name) or given.get(name) for name in _GIVEN}


def _view(row: Repository, state: tuple[AnalysisStatus, datetime | None] | None) -> RepositoryView:
    status, last = state or (AnalysisStatus.QUEUED, None)
    return RepositoryView(
        id=row.id,
        github_id=row.github_id,
        installation_id=row.installation_id,
        full_name=row.full_name,
        private=row.private,
        default_branch=row.default_branch,
        facts=_facts(row.facts),
        auto_analyze=row.auto_analyze,
        notification_settings=row.notification_settings,
        created_at=row.created_at,
        updated_at=row.updated_at,
        last_analyzed=last,
        analysis_status=STATUS_OF_REPOSITORY.get(status, RepositoryStatus.PENDING),
    )
