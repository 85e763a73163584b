"""How far each resource of a repository is synced, and which worker syncs the repository now.

One worker has a repository at a time: it holds a lease in the row of the first resource, and extends it with each page
that it stores. A worker that was taken for dead fails to extend it, so that nothing of it is stored any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, TableClause, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from bot.db.engine import Database, now, rows_changed
from bot.db.github_tables import SyncStateRow
from bot.db.tables import Installation, Repository, Table
from bot.domain.sync import NOT_AUTOMATIC, SUSPENDED, ResourceState, SyncResource, SyncStatus
from bot.text import plain

# Longer than the longest request to GitHub.
LEASE = timedelta(seconds=45)
_LEASED = next(iter(SyncResource))
# The table instead of its class: the ORM would look for rows in its memory, which takes as long as the statement.
_ROW = cast(TableClause, SyncStateRow.__table__)
_MAX_REASON = 500


class SyncLeaseLost(Exception):
    """Another worker syncs the repository now, or the repository was deleted."""


@dataclass(slots=True)
class SyncLease:
    """The right to sync a repository. Who has the stored time has the lease.

    until: the time that the last extension stored.
    before: the time before it, which is stored again if the transaction of the extension fails.
    """

    repository_id: UUID
    until: datetime
    before: datetime | None = None

    @property
    def times(self) -> tuple[datetime, ...]:
        """The times of which one is stored while the lease is held."""
        return (self.until,) if self.before is None else (self.until, self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredState:
    """The state of a resource with what only the sync needs; the columns of `SyncStateRow`."""

    state: ResourceState
    position: Mapping[str, Any] | None
    etags: Mapping[str, str]
    pass_started_at: datetime | None
    full_at: datetime | None


async def claim(db: Database, repository_id: UUID) -> SyncLease | None:
    """Claim a repository; None if another worker has it, or if it is unknown."""
    lease = SyncLease(repository_id, now() + LEASE)
    async with db.writing() as session:
        if not await session.run_sync(_lock_repository, repository_id):
            return None
        insert = (sqlite.insert if db.is_sqlite else postgresql.insert)(SyncStateRow)
        await session.execute(
            insert.on_conflict_do_nothing(index_elements=["repository_id", "resource"]),
            [_new_row(repository_id, resource) for resource in SyncResource],
        )
        row = SyncStateRow
        free = or_(row.lease_until.is_(None), row.lease_until < now())
        ours = (row.repository_id == repository_id, row.resource == _LEASED, free)
        done = await session.execute(update(row).where(*ours).values(lease_until=lease.until))
        return lease if rows_changed(done) else None


def extend(session: Session, lease: SyncLease) -> None:
    """Extend the lease, in the transaction that stores a page. Raises SyncLeaseLost."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"  # it has one writer: nothing to lock
    if not is_sqlite and not _lock_repository(session, lease.repository_id):
        raise SyncLeaseLost
    _set_lease(session, lease, now() + LEASE)


async def release(db: Database, lease: SyncLease) -> None:
    """End the lease, unless it is lost already."""
    async with db.writing() as session:
        row = SyncStateRow
        held = (row.repository_id == lease.repository_id, row.resource == _LEASED, row.lease_until.in_(lease.times))
        await session.execute(update(row).where(*held).values(lease_until=None))


def _set_lease(session: Session, lease: SyncLease, until: datetime) -> None:
    row = _ROW.c
    held = (row.repository_id == lease.repository_id, row.resource == _LEASED, row.lease_until.in_(lease.times))
    done = session.execute(update(_ROW).where(*held).values(lease_until=until))
    if not rows_changed(done):
        raise SyncLeaseLost
    lease.before, lease.until = lease.until, until


def _lock_repository(session: Session, repository_id: UUID) -> bool:
    """Keep the repository from being deleted until the transaction ends; False if it is unknown.

    The lock is the one that the rows' foreign keys take anyway. It comes first, so that a deletion cannot deadlock.
    """
    query = select(Repository.id).where(Repository.id == repository_id)
    return session.scalar(query.with_for_update(read=True, key_share=True)) is not None


def _new_row(repository_id: UUID, resource: SyncResource) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "repository_id": repository_id,
        "resource": resource,
        "status": SyncStatus.WAITING,
        "position": None,
        "etags": {},
        "done": 0,
        "reason": "",
        "updated_at": now(),
    }


def sentence(reason: str) -> str:
    """A reason as it is stored: it can quote GitHub."""
    return plain(reason, _MAX_REASON)


def set_state(session: Session, repository_id: UUID, resource: SyncResource, **columns: Any) -> None:
    """Set columns of one resource."""
    ours = (_ROW.c.repository_id == repository_id, _ROW.c.resource == resource)
    session.execute(update(_ROW).where(*ours).values(**columns, updated_at=now()))


def delay_all(session: Session, repository_id: UUID, until: datetime, reason: str) -> None:
    """Let no resource go on before this time. reason: a sentence for those that are not complete."""
    row = SyncStateRow
    sooner = (row.repository_id == repository_id, or_(row.due_at.is_(None), row.due_at < until))
    session.execute(update(row).where(*sooner).values(due_at=until, updated_at=now()))
    unfinished = (*sooner[:1], row.status.in_((SyncStatus.WAITING, SyncStatus.RUNNING)))
    session.execute(update(row).where(*unfinished).values(status=SyncStatus.WAITING, reason=reason))


def delete_unseen(
    session: Session, table: type[Table], repository_id: UUID, since: datetime, *conditions: ColumnElement[bool]
) -> None:
    """Delete the rows that GitHub has not listed since a time."""
    columns = table.__table__.c
    gone = (columns.repository_id == repository_id, columns.seen_at < since, *conditions)
    session.execute(delete(table).where(*gone))


def count_rows(session: Session, table: type[Table], repository_id: UUID, *conditions: ColumnElement[bool]) -> int:
    """How many rows of a table a repository has."""
    columns = table.__table__.c
    query = select(func.count(columns.id)).where(columns.repository_id == repository_id, *conditions)
    return session.scalar(query) or 0


async def stored_states(db: Database, repository_id: UUID) -> list[StoredState]:
    """All states of a repository, in the order of SyncResource; empty before its first sync."""
    query = select(SyncStateRow).where(SyncStateRow.repository_id == repository_id)
    async with db.reading() as session:
        rows = {row.resource: row for row in await session.scalars(query)}
    return [_stored(rows[resource]) for resource in SyncResource if resource in rows]


async def get_states(db: Database, repository_id: UUID) -> list[ResourceState]:
    """How far each resource is, in the order of SyncResource; empty before the first sync."""
    return [one.state for one in await stored_states(db, repository_id)]


async def why_off(db: Database, repository_id: UUID) -> str:
    """Why `find_due` leaves a repository out at all times, as a sentence; empty if it does not."""
    query = (
        select(Repository.auto_analyze, Installation.suspended)
        .join(Installation, Installation.id == Repository.installation_id)
        .where(Repository.id == repository_id)
    )
    found = await db.read(lambda session: session.execute(query).one_or_none())
    if found is None:
        return ""
    return SUSPENDED if found.suspended else "" if found.auto_analyze else NOT_AUTOMATIC


async def find_due(db: Database, *, at_once: int, known_for: timedelta) -> list[UUID]:
    """Repositories with a resource whose time has come and that no worker syncs, the longest waiting first.

    at_once: how many may be synced at the same time; those that are count.
    known_for: repositories that are known for less are left out, so that their first analysis comes first.
    """
    moment = now()
    ours = SyncStateRow.repository_id == Repository.id
    due = exists().where(ours, or_(SyncStateRow.due_at.is_(None), SyncStateRow.due_at <= moment))
    running = exists().where(ours, SyncStateRow.lease_until > moment)
    worked_on = select(func.max(SyncStateRow.updated_at)).where(ours).correlate(Repository).scalar_subquery()
    query = (
        select(Repository.id)
        .join(Installation, Installation.id == Repository.installation_id)
        .where(
            Repository.auto_analyze,
            Repository.created_at < moment - known_for,
            Installation.suspended.is_(False),
            or_(due, ~exists().where(ours)),
            ~running,
        )
        .order_by(worked_on.asc().nulls_first(), Repository.created_at)
    )
    leased = aliased(SyncStateRow)
    async with db.reading() as session:
        busy = await session.scalar(select(func.count(leased.id)).where(leased.lease_until > moment)) or 0
        return list(await session.scalars(query.limit(max(0, at_once - busy))))


def _stored(row: SyncStateRow) -> StoredState:
    return StoredState(
        state=ResourceState(
            resource=row.resource,
            status=row.status,
            done=row.done,
            total=row.total,
            since=row.since,
            completed_at=row.completed_at,
            due_at=row.due_at,
            reason=row.reason,
        ),
        position=row.position,
        etags=row.etags,
        pass_started_at=row.pass_started_at,
        full_at=row.full_at,
    )
