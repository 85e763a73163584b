"""Analyses of whole repositories: a person starts one, and its insights replace those of earlier ones."""

import statistics
from collections.abc import Collection
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import audit
from bot.db.analyses import Claimed
from bot.db.audit import Actor
from bot.db.engine import Database, now, rows_changed
from bot.db.github_tables import ItemRow
from bot.db.history_tables import Snapshot
from bot.db.reports import save_report
from bot.db.stored_analyses import StoredAnalysis, stored_analysis
from bot.db.tables import Analysis, InsightRow, Installation, Repository
from bot.domain.analyses import FINAL_STATUSES, WHOLE_REPOSITORY_KINDS, AnalysisKind, AnalysisStatus, Scope
from bot.domain.change import Report
from bot.domain.insights import InsightType
from bot.domain.snapshots import Hotspots, kind_of
from bot.domain.steps import DONE

_RUNS = 20


async def start(db: Database, repository_id: UUID, scope: Scope, by: Actor, *, key: str = "") -> StoredAnalysis | None:
    """Register an analysis of the whole repository; None if it does not exist. The caller enqueues it.

    key: unique in the repository; None is returned if it has such an analysis. Empty for one that can be repeated.
    """
    async with db.writing() as session:
        repository = await session.get(Repository, repository_id)
        if repository is None or (key and await _has(session, repository_id, key)):
            return None
        identifier = uuid4()
        row = Analysis(
            id=identifier,
            repository_id=repository_id,
            kind=scope.kind,
            key=key or f"full:{identifier}",  # unique: a repeated request starts another analysis
            subject="full",
            ref=repository.default_branch,
            head_sha="",
            status=AnalysisStatus.QUEUED,
            scope=asdict(scope),
            step="",
            progress=0.0,
            created_at=now(),
        )
        session.add(row)
        audit.record(session, by, "repository.analyze", (repository_id, repository.full_name), asdict(scope))
        await session.flush()
        return stored_analysis(row)


async def _has(session: AsyncSession, repository_id: UUID, key: str) -> bool:
    query = select(Analysis.id).where(Analysis.repository_id == repository_id, Analysis.key == key)
    return await session.scalar(query) is not None


async def find_due(db: Database, *, older_than: timedelta, at_once: int) -> list[UUID]:
    """Repositories whose full analysis is due: the newest is older than `older_than`, and there is something new.

    New is a commit of the default branch, or an issue or a pull request that changed. A repository that never had such
    an analysis is due when it is known for so long, and its history is indexed.
    at_once: how many may be analyzed at the same time; those that are count.
    """
    moment = now()
    newest = (
        select(func.max(Analysis.created_at))
        .where(Analysis.repository_id == Repository.id, Analysis.kind == AnalysisKind.FULL)
        .correlate(Repository)
        .scalar_subquery()
    )
    at_head = exists().where(
        Analysis.repository_id == Repository.id,
        Analysis.kind == AnalysisKind.FULL,
        Analysis.created_at == newest,
        Analysis.head_sha == Snapshot.head_sha,
    )
    changed = exists().where(ItemRow.repository_id == Repository.id, ItemRow.updated_at > newest)
    query = (
        select(Repository.id)
        .join(Installation, Installation.id == Repository.installation_id)
        .join(Snapshot, and_(Snapshot.repository_id == Repository.id, Snapshot.kind == kind_of(Hotspots)))
        .where(
            Repository.auto_analyze,
            Installation.suspended.is_(False),
            Repository.created_at < moment - older_than,
            or_(newest.is_(None), and_(newest < moment - older_than, or_(~at_head, changed))),
        )
        .order_by(newest.asc().nulls_first(), Repository.created_at)
    )
    async with db.reading() as session:
        free = at_once - await count_unfinished(session)
        return list(await session.scalars(query.limit(free))) if free > 0 else []


async def count_unfinished(session: AsyncSession) -> int:
    """How many analyses of whole repositories wait or run."""
    unfinished = (Analysis.kind.in_(WHOLE_REPOSITORY_KINDS), Analysis.status.not_in(FINAL_STATUSES))
    return await session.scalar(select(func.count(Analysis.id)).where(*unfinished)) or 0


async def scope_of(db: Database, analysis_id: UUID) -> Scope | None:
    """What an analysis of a whole repository covers; None if it does not exist or is of a change."""
    query = select(Analysis.kind, Analysis.scope).where(Analysis.id == analysis_id)
    async with db.reading() as session:
        found = (await session.execute(query)).one_or_none()
    if found is None or not found.kind.is_whole_repository:
        return None
    return Scope(**{**(found.scope or {}), "kind": found.kind})


async def estimate(db: Database, repository_id: UUID, kind: AnalysisKind) -> float | None:
    """The median duration of recent analyses of this kind, else of all kinds, in seconds; None without any."""
    query = (
        select(Analysis.kind, Analysis.started_at, Analysis.finished_at)
        .where(
            Analysis.repository_id == repository_id,
            Analysis.kind.in_(WHOLE_REPOSITORY_KINDS),
            Analysis.status == AnalysisStatus.COMPLETED,
        )
        .order_by(Analysis.created_at.desc(), Analysis.id.desc())
        .limit(_RUNS)
    )
    async with db.reading() as session:
        runs = [
            (row.kind, (row.finished_at - row.started_at).total_seconds())
            for row in await session.execute(query)
            if row.started_at and row.finished_at
        ]
    seconds = [took for its_kind, took in runs if its_kind is kind] or [took for _, took in runs]
    return round(statistics.median(seconds), 1) if seconds else None


async def cancel(db: Database, analysis_id: UUID, by: Actor) -> bool:
    """Cancel an analysis of a whole repository; its worker stops at its next write. False if it has already ended."""
    async with db.writing() as session:
        done = await session.execute(
            update(Analysis)
            .where(
                Analysis.id == analysis_id,
                Analysis.status.not_in(FINAL_STATUSES),
                Analysis.kind.in_(WHOLE_REPOSITORY_KINDS),
            )
            .values(
                status=AnalysisStatus.FAILED,
                attempt=Analysis.attempt + 1,  # fences the worker: it cannot write any more
                error=f"Cancelled by {by.name}.",
                step=DONE,
                finished_at=now(),
                lease_until=None,
            )
        )
        cancelled = bool(rows_changed(done))
        if cancelled:
            row = await session.get_one(Analysis, analysis_id)
            repository = await session.get_one(Repository, row.repository_id)
            audit.record(session, by, "analysis.cancel", (analysis_id, repository.full_name))
        return cancelled


async def insights_count(db: Database, analysis_id: UUID) -> int:
    """How many insights an analysis has."""
    async with db.reading() as session:
        query = select(func.count(InsightRow.id)).where(InsightRow.analysis_id == analysis_id)
        return await session.scalar(query) or 0


async def save_whole_report(db: Database, claimed: Claimed, report: Report, covered: Collection[InsightType]) -> bool:
    """Store the report on a whole repository; False if this attempt no longer holds the analysis.

    covered: insight types whose earlier results this replaces; those insights are no longer current.
    """
    if not await save_report(db, claimed, report):
        return False
    async with db.writing() as session:
        earlier = select(Analysis.id).where(
            Analysis.repository_id == claimed.repository_id,
            Analysis.kind.in_(WHOLE_REPOSITORY_KINDS),
            Analysis.id != claimed.id,
        )
        await session.execute(
            update(InsightRow)
            .where(
                InsightRow.repository_id == claimed.repository_id,
                InsightRow.current.is_(True),
                InsightRow.type.in_([one.value for one in covered]),
                InsightRow.analysis_id.in_(earlier),
            )
            .values(current=False, updated_at=now())
            .execution_options(synchronize_session=False)
        )
    return True
