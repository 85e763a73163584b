"""Carry out orders: many in one transaction. The caller enqueues the analyses afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import assert_never
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import deliveries
from bot.db.engine import Database, now
from bot.db.forgotten import forget_installation, forget_repositories, forgotten_among
from bot.db.grants import expire_github_access, revoke_authorization
from bot.db.item_orders import carry_out_item_orders
from bot.db.open_pulls import delete_touched_in
from bot.db.refused_sync import retry_refused_sync
from bot.db.tables import Installation, Repository
from bot.db.wanted import known_analyses, new_analysis, requeue, rerun_analysis, rerun_head, want_again
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
    RerunHead,
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
            return await rerun_analysis(session, order.analysis_id, order.delivery_id)
        case RerunHead():
            return await _rerun_head(session, order.or_else)
        case SaveInstallation():
            await _save_installation(session, order.installation, suspended=False)
            await save_repositories(session, order.repositories, anew=True)
            await expire_github_access(session)
        case SuspendInstallation():
            await _save_installation(session, order.installation, suspended=True)
            await expire_github_access(session)
        case DeleteInstallation():
            await forget_installation(session, order.installation_id)
            await expire_github_access(session)
        case UpdateRepository():
            await save_repositories(session, [order.repository])
            await expire_github_access(session)
        case DeleteRepositories():
            await forget_repositories(session, order.github_ids)
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
    for change in (one for one in changes if one.repository.github_id in repositories):
        name = (repositories[change.repository.github_id].id, change.key)
        earlier = by_name.get(name, change)
        by_name[name] = replace(
            change, rerun=change.rerun or earlier.rerun, base_sha=change.base_sha or earlier.base_sha
        )
    known = await known_analyses(session, by_name)
    waiting: list[UUID] = []
    for name, change in by_name.items():
        analysis, wanted = known.get(name), repositories[change.repository.github_id].auto_analyze
        if analysis is None:
            if not wanted:
                continue
            analysis = new_analysis(name[0], change)
            session.add(analysis)
        elif change.rerun and analysis.status.is_final:
            requeue(analysis, change.delivery_id)
        elif not wanted or not await want_again(session, analysis, change.delivery_id):
            if not analysis.status.is_final:  # a merge group tells the base of its branch; its push may come first
                analysis.base_sha = analysis.base_sha or change.base_sha
            continue
        waiting.append(analysis.id)
    return waiting


async def _rerun_head(session: AsyncSession, change: AnalyzeChange) -> Sequence[UUID]:
    """Run all analyses of a head again. One that was missed is registered."""
    repositories = await save_repositories(session, [change.repository])
    repository = repositories[change.repository.github_id]
    known, waiting = await rerun_head(session, repository.id, change.head_sha, change.delivery_id)
    return waiting if known else await _register_changes(session, [change])


async def _save_installation(session: AsyncSession, ref: InstallationRef, *, suspended: bool | None) -> None:
    row = await session.get(Installation, ref.id)
    if row is None:
        session.add(Installation(id=ref.id, account=ref.account, suspended=bool(suspended), created_at=now()))
        await session.flush()
        return
    row.account = ref.account or row.account
    if suspended is not None:
        row.suspended = suspended


async def save_repositories(
    session: AsyncSession, refs: Sequence[RepositoryRef], *, anew: bool = False
) -> dict[int, Repository]:
    """Insert or update repositories by GitHub's id, because their names can change.

    anew: GitHub says that the App has them now. Otherwise one from which the App was removed is left out.
    """
    newest = {ref.github_id: ref for ref in refs}
    found = await session.scalars(select(Repository).where(Repository.github_id.in_(newest)))
    rows = {row.github_id: row for row in found}
    if not anew and (unknown := [ref for github_id, ref in newest.items() if github_id not in rows]):
        for github_id in await forgotten_among(session, unknown):
            del newest[github_id]
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
