"""What the App was removed from: its rows and payloads go, the audit log says so, and stragglers do not bring it back.

The entries of the audit log are what the stragglers are compared with, by GitHub's ids.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.access_tables import AuditRow
from bot.db.audit import Actor, record
from bot.db.engine import Database, now
from bot.db.tables import Analysis, Delivery, Installation, Repository
from bot.domain.deliveries import DeliveryStatus
from bot.domain.orders import RepositoryRef

GITHUB = Actor(None, "GitHub")
_UNINSTALLED, _REMOVED = "installation.delete", "repository.remove"
# GitHub can be asked for a delivery again for three days; a person can dispatch a stored one again for longer.
_STRAGGLERS = timedelta(days=30)
_PAYLOADS = timedelta(hours=3)
_AT_ONCE = 200
_ENDED = (DeliveryStatus.DONE, DeliveryStatus.IGNORED, DeliveryStatus.FAILED)


async def forget_installation(session: AsyncSession, installation_id: int) -> None:
    """Delete all rows of an installation."""
    account = await session.scalar(select(Installation.account).where(Installation.id == installation_id))
    names = select(Repository.full_name).where(Repository.installation_id == installation_id)
    deleted = sorted(await session.scalars(names.limit(1_000)))
    record(session, GITHUB, _UNINSTALLED, (str(installation_id), account or ""), {"repositories": deleted})
    await session.execute(delete(Installation).where(Installation.id == installation_id))


async def forget_repositories(
    session: AsyncSession, github_ids: Sequence[int], why: Mapping[str, str] | None = None
) -> None:
    """Delete all rows of these repositories. why: for the audit log."""
    known = select(Repository.github_id, Repository.full_name).where(Repository.github_id.in_(github_ids))
    for github_id, name in (await session.execute(known)).all():
        record(session, GITHUB, _REMOVED, (str(github_id), name), why)
    await session.execute(delete(Repository).where(Repository.github_id.in_(github_ids)))


async def forgotten_among(session: AsyncSession, refs: Collection[RepositoryRef]) -> set[int]:
    """GitHub's ids of those repositories from which the App was removed, alone or with its installation."""
    gone = await _subjects(session, _REMOVED, now() - _STRAGGLERS, {ref.github_id for ref in refs})
    uninstalled = await _subjects(session, _UNINSTALLED, now() - _STRAGGLERS, {ref.installation.id for ref in refs})
    return {ref.github_id for ref in refs if ref.github_id in gone or ref.installation.id in uninstalled}


async def is_stored(db: Database, identifier: UUID) -> bool:
    """Whether there is a repository or an analysis of this id."""
    async with db.reading() as session:
        if await session.get(Repository, identifier) is not None:
            return True
        return await session.get(Analysis, identifier) is not None


async def delete_payloads(db: Database) -> int:
    """Delete the stored deliveries of what was forgotten in the last hours; how many."""
    since = now() - _PAYLOADS
    async with db.reading() as session:
        repositories = await _subjects(session, _REMOVED, since)
        installations = await _subjects(session, _UNINSTALLED, since)
        present = set(await session.scalars(select(Repository.github_id).where(Repository.github_id.in_(repositories))))
    repositories -= present
    last, deleted = "", 0
    while repositories or installations:
        query = select(Delivery.id, Delivery.payload).where(Delivery.id > last, Delivery.status.in_(_ENDED))
        async with db.reading() as session:
            batch = (await session.execute(query.order_by(Delivery.id).limit(_AT_ONCE))).all()
        if not batch:
            break
        last = batch[-1].id
        of_them = [row.id for row in batch if _is_of(row.payload, repositories, installations)]
        if of_them:
            async with db.writing() as session:
                await session.execute(delete(Delivery).where(Delivery.id.in_(of_them)))
        deleted += len(of_them)
    return deleted


def _is_of(payload: bytes, repositories: set[int], installations: set[int]) -> bool:
    try:
        content = orjson.loads(payload)
        about = [(content.get(name) or {}).get("id") for name in ("repository", "installation")]
    except (ValueError, AttributeError):
        return False
    return about[0] in repositories or about[1] in installations


async def _subjects(
    session: AsyncSession, action: str, since: datetime, among: Collection[int] | None = None
) -> set[int]:
    query = select(AuditRow.subject_id).where(AuditRow.action == action, AuditRow.at > since)
    if among is not None:
        query = query.where(AuditRow.subject_id.in_([str(one) for one in among]))
    return {int(found) for found in await session.scalars(query)}
