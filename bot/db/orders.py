"""Carry out orders: many in one transaction. The caller enqueues the analyses afterwards."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import assert_never
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import deliveries
from bot.db.engine import Database, now
from bot.db.grants import expire_github_access, revoke_authorization
from bot.db.item_orders import carry_out_item_orders
from bot.db.open_pulls import delete_touched_in
from bot.db.refused_sync import retry_refused_sync
from bot.db.tables import Analysis, Installation, Repository
from bot.domain.analyses import AnalysisKind, AnalysisStatus
from bot.domain.deliveries import DeliveryStatus
from bot.domain.orders import (
    AnalyzeChange,
    ClosePull,
    DeleteInstallation,
    DeleteRepositories,
    InstallationRef,
    ItemOrder,
    Order,
    RepositoryRef,
    RerunAnalysis,
    RetryRefusedSync,
    RevokeAuthorization,
    SaveInstallation,
    SuspendInstallation,
    UpdateRepository,
)


async def carry_out(
    db: Database, orders: Sequence[Order], settled: Mapping[DeliveryStatus, Sequence[str]] | None = None
) -> list[UUID]:
    """Carry out orders and set the status of their deliveries, in one transaction.

    Returns the ids of the queued analyses, each once. Consecutive changes and items are written with a few statements
    for all of them, because on SQLite the inbox waits for the write lock meanwhile.
    """
    waiting: dict[UUID, None] = {}
    async with db.writing() as session:
        for in_bulk, some in groupby(orders, lambda order: isinstance(order, AnalyzeChange | ItemOrder)):
            if in_bulk:
                waiting |= dict.fromkeys(await _carry_out_many(session, list(some)))
            else:
                for order in some:
                    waiting |= dict.fromkeys(await _carry_out_one(session, order))
        await deliveries.settle(session, settled or {})
    return list(waiting)


async def _carry_out_many(session: AsyncSession, orders: Sequence[Order]) -> Sequence[UUID]:
    """Carry out changes, then what is to be saved of items; the ids of the analyses that were queued."""
    changes = [order for order in orders if isinstance(order, AnalyzeChange)]
    waiting = await _register_changes(session, changes) if changes else []
    if on_items := [order for order in orders if isinstance(order, ItemOrder)]:
        await carry_out_item_orders(session, on_items)
    return waiting


async def _carry_out_one(session: AsyncSession, order: Order) -> Sequence[UUID]:
    """Carry out one order; the ids of the analyses that it queued."""
    if isinstance(order, AnalyzeChange | ItemOrder):
        return await _carry_out_many(session, [order])
    match order:
        case RerunAnalysis():
            return await _rerun(session, order.analysis_id)
        case SaveInstallation():
            await _save_installation(session, order.installation, suspended=False)
            await save_repositories(session, order.repositories)
            await expire_github_access(session)
        case SuspendInstallation():
            await _save_installation(session, order.installation, suspended=True)
            await expire_github_access(session)
        case DeleteInstallation():
            await session.execute(delete(Installation).where(Installation.id == order.installation_id))
            await expire_github_access(session)
        case UpdateRepository():
            await save_repositories(session, [order.repository])
            await expire_github_access(session)
        case DeleteRepositories():
            await session.execute(delete(Repository).where(Repository.github_id.in_(order.github_ids)))
            await expire_github_access(session)
        case ClosePull():
            await delete_touched_in(session, order.github_id, order.number)
        case RevokeAuthorization():
            await revoke_authorization(session, order.github_id)
        case RetryRefusedSync():
            await retry_refused_sync(session, order.installation_id)
        case _:
            assert_never(order)
    return ()


async def _register_changes(session: AsyncSession, changes: Sequence[AnalyzeChange]) -> list[UUID]:
    """Create an analysis for each new change; the ids of the analyses that were queued by this call."""
    repositories = await save_repositories(session, [change.repository for change in changes])
    by_name: dict[tuple[UUID, str], AnalyzeChange] = {}
    for change in changes:
        name = (repositories[change.repository.github_id].id, change.key)
        by_name[name] = change if name not in by_name else replace(change, rerun=change.rerun or by_name[name].rerun)
    known = await _known_analyses(session, by_name)
    waiting: list[UUID] = []
    for name, change in by_name.items():
        if name in known:
            analysis_id, status = known[name]
            if change.rerun and status.is_final:
                waiting += await _rerun(session, analysis_id)
        elif repositories[change.repository.github_id].auto_analyze:
            analysis = _new_analysis(name[0], change)
            session.add(analysis)
            waiting.append(analysis.id)
    return waiting


async def _known_analyses(
    session: AsyncSession, names: Collection[tuple[UUID, str]]
) -> dict[tuple[UUID, str], tuple[UUID, AnalysisStatus]]:
    """(id, status) of the existing analyses, by repository and key."""
    rows = await session.execute(
        select(Analysis.repository_id, Analysis.key, Analysis.id, Analysis.status).where(
            Analysis.repository_id.in_({repository_id for repository_id, _ in names}),
            Analysis.key.in_({key for _, key in names}),
        )
    )
    return {(row.repository_id, row.key): (row.id, row.status) for row in rows}


def _new_analysis(repository_id: UUID, change: AnalyzeChange) -> Analysis:
    return Analysis(
        id=uuid4(),
        repository_id=repository_id,
        kind=AnalysisKind.CHANGE,
        key=change.key,
        subject=change.subject,
        pull_number=change.pull_number,
        ref=change.ref,
        head_sha=change.head_sha,
        base_sha=change.base_sha,
        status=AnalysisStatus.QUEUED,
        created_at=now(),
    )


async def _rerun(session: AsyncSession, analysis_id: UUID) -> Sequence[UUID]:
    known = await session.get(Analysis, analysis_id)
    if known is None or not known.status.is_final or known.kind is not AnalysisKind.CHANGE:
        return ()
    _requeue(known)
    return (known.id,)


def _requeue(analysis: Analysis) -> None:
    """Reset an analysis to queued. A completed check run cannot be reopened, so the next attempt creates a new one."""
    analysis.status = AnalysisStatus.QUEUED
    analysis.check_run_id = None
    analysis.lease_until = None
    analysis.attempt = 0
    analysis.error = None
    analysis.created_at = now()


async def _save_installation(session: AsyncSession, ref: InstallationRef, *, suspended: bool | None) -> None:
    row = await session.get(Installation, ref.id)
    if row is None:
        session.add(Installation(id=ref.id, account=ref.account, suspended=bool(suspended), created_at=now()))
        await session.flush()
        return
    row.account = ref.account or row.account
    if suspended is not None:
        row.suspended = suspended


async def save_repositories(session: AsyncSession, refs: Sequence[RepositoryRef]) -> dict[int, Repository]:
    """Insert or update repositories by GitHub's id, because their names can change."""
    newest = {ref.github_id: ref for ref in refs}
    found = await session.scalars(select(Repository).where(Repository.github_id.in_(newest)))
    rows = {row.github_id: row for row in found}
    moved = {
        ref.installation.id: ref.installation
        for github_id, ref in newest.items()
        if github_id not in rows or rows[github_id].installation_id != ref.installation.id
    }
    for installation in moved.values():
        await _save_installation(session, installation, suspended=None)
    for github_id, ref in newest.items():
        if github_id not in rows:
            rows[github_id] = Repository(
                id=uuid4(), github_id=github_id, default_branch="", facts={}, auto_analyze=True, created_at=now()
            )
            rows[github_id].updated_at = now()
            session.add(rows[github_id])
        _save_facts(rows[github_id], ref)
    await session.flush()
    return rows


def _save_facts(row: Repository, ref: RepositoryRef) -> None:
    """Set only the columns that differ, so that an unchanged repository needs no UPDATE."""
    columns = {
        "installation_id": ref.installation.id,
        "full_name": ref.full_name,
        "private": ref.private,
        "default_branch": ref.default_branch or row.default_branch,
    }
    if ref.default_branch is not None:
        # What a person said when they registered the repository stays (`db.repositories.Given`).
        given = {"given": row.facts["given"]} if "given" in row.facts else {}
        columns["facts"] = given | {
            "description": ref.description,
            "url": ref.url,
            "language": ref.language,
            "stars": ref.stars,
            "forks": ref.forks,
            "watchers": ref.watchers,
            "size": ref.size,
            "owner": {
                "id": ref.owner_id,
                "username": ref.full_name.partition("/")[0],
                "avatar_url": ref.owner_avatar,
            },
        }
    for name, value in columns.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            row.updated_at = now()
