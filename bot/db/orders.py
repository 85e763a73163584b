"""Carrying out what events ask for, many at a time, in one transaction: rows first, the queue afterwards."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Database, now
from bot.db.tables import Analysis, Installation, Repository
from bot.refs import (
    AnalyzeAgain,
    AnalyzeChange,
    ForgetInstallation,
    ForgetRepositories,
    InstallationRef,
    Order,
    RememberInstallation,
    RememberRepository,
    RepositoryRef,
    SuspendInstallation,
)

FINISHED = ("completed", "failed", "superseded")


async def carry_out(db: Database, orders: Sequence[Order]) -> list[UUID]:
    """Write what the orders say. Returns the analyses that are waiting for a worker, each once."""
    waiting: dict[UUID, None] = {}
    async with db.writing() as session:
        for order in orders:
            for analysis_id in await _one(session, order):
                waiting[analysis_id] = None
    return list(waiting)


async def _one(session: AsyncSession, order: Order) -> Sequence[UUID]:
    match order:
        case AnalyzeChange():
            return await _analyze(session, order)
        case AnalyzeAgain():
            return await _again(session, order.analysis_id)
        case RememberInstallation():
            await _installation(session, order.installation, suspended=False)
            for repository in order.repositories:
                await remember(session, repository)
        case SuspendInstallation():
            await _installation(session, order.installation, suspended=True)
        case RememberRepository():
            await remember(session, order.repository)
        case ForgetInstallation():
            await session.execute(delete(Installation).where(Installation.id == order.installation_id))
        case ForgetRepositories():
            await session.execute(delete(Repository).where(Repository.github_id.in_(order.github_ids)))
    return ()


async def _analyze(session: AsyncSession, order: AnalyzeChange) -> Sequence[UUID]:
    repository = await remember(session, order.repository)
    known = await session.scalar(
        select(Analysis).where(Analysis.repository_id == repository.id, Analysis.key == order.key)
    )
    if known is not None:
        if order.again and known.status in FINISHED:
            _requeue(known)
        return (known.id,) if known.status == "queued" else ()
    if not repository.auto_analyze:
        return ()
    analysis = Analysis(
        repository_id=repository.id,
        key=order.key,
        subject=order.subject,
        pull_number=order.pull_number,
        ref=order.ref,
        head_sha=order.head_sha,
        base_sha=order.base_sha,
        status="queued",
        created_at=now(),
    )
    session.add(analysis)
    await session.flush()
    return (analysis.id,)


async def _again(session: AsyncSession, analysis_id: UUID) -> Sequence[UUID]:
    known = await session.get(Analysis, analysis_id)
    if known is None or known.status not in FINISHED:
        return ()
    _requeue(known)
    return (known.id,)


def _requeue(analysis: Analysis) -> None:
    """A completed check run cannot be reopened: the next run opens a new one of the same name."""
    analysis.status = "queued"
    analysis.check_run_id = None
    analysis.lease_until = None
    analysis.attempt = 0
    analysis.error = None
    analysis.created_at = now()


async def _installation(session: AsyncSession, ref: InstallationRef, *, suspended: bool | None) -> None:
    row = await session.get(Installation, ref.id)
    if row is None:
        session.add(Installation(id=ref.id, account=ref.account, suspended=bool(suspended), created_at=now()))
        await session.flush()
        return
    row.account = ref.account or row.account
    if suspended is not None:
        row.suspended = suspended


async def remember(session: AsyncSession, ref: RepositoryRef) -> Repository:
    """Insert or update a repository from a payload; numeric ids are the key, names follow."""
    row = await session.scalar(select(Repository).where(Repository.github_id == ref.github_id))
    if row is None:
        await _installation(session, ref.installation, suspended=None)
        row = Repository(github_id=ref.github_id, default_branch="", facts={}, auto_analyze=True, created_at=now())
        row.updated_at = now()
        _describe(row, ref)
        session.add(row)
        await session.flush()
    else:
        if row.installation_id != ref.installation.id:
            await _installation(session, ref.installation, suspended=None)
        _describe(row, ref)
    return row


def _describe(row: Repository, ref: RepositoryRef) -> None:
    """Write only what differs, so that an unchanged repository costs no UPDATE."""
    wanted = {
        "installation_id": ref.installation.id,
        "full_name": ref.full_name,
        "private": ref.private,
        "default_branch": ref.default_branch or row.default_branch,
    }
    if ref.default_branch is not None:
        wanted["facts"] = {
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
    for name, value in wanted.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            row.updated_at = now()
