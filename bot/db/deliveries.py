"""The inbox: deliveries stored before they are answered, each once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.db.engine import Database, now
from bot.db.tables import Delivery

RECEIVED, DONE, IGNORED, FAILED = "received", "done", "ignored", "failed"
MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Stored:
    """A delivery as it came. payload is the raw JSON text."""

    id: str
    event: str
    payload: str
    status: str
    received_at: datetime
    attempts: int = 0
    error: str | None = None


_KNOWN = select(Delivery.id).where(Delivery.id.in_(bindparam("ids", expanding=True)))
_INSERT = {
    True: sqlite.insert(Delivery).on_conflict_do_nothing(index_elements=["id"]),
    False: postgresql.insert(Delivery).on_conflict_do_nothing(index_elements=["id"]),
}


async def store(db: Database, deliveries: Sequence[Stored]) -> set[str]:
    """Store a batch in one durable transaction. Returns the ids that were new."""
    rows = {
        delivery.id: {
            "id": delivery.id,
            "event": delivery.event,
            "payload": delivery.payload,
            "status": delivery.status,
            "attempts": 0,
            "received_at": delivery.received_at,
        }
        for delivery in deliveries
    }
    async with db.engine.begin() as connection:
        known = set(await connection.scalars(_KNOWN, {"ids": list(rows)}))
        fresh = [row for identifier, row in rows.items() if identifier not in known]
        if fresh:
            await connection.execute(_INSERT[db.is_sqlite], fresh)
    return {str(row["id"]) for row in fresh}


async def pending(db: Database, *, older_than: timedelta, limit: int = 200) -> list[Stored]:
    """Received but not dispatched for a while: the web process that took them is gone, or failed."""
    query = (
        select(Delivery)
        .where(Delivery.status == RECEIVED, Delivery.received_at < now() - older_than)
        .order_by(Delivery.received_at)
        .limit(limit)
    )
    async with db.reading() as session:
        return [_stored(row) for row in await session.scalars(query)]


async def settle(db: Database, ids: Sequence[str], status: str, error: str | None = None) -> None:
    """Mark deliveries as done, ignored or failed."""
    if not ids:
        return
    async with db.writing() as session:
        await session.execute(
            update(Delivery)
            .where(Delivery.id.in_(ids))
            .values(status=status, error=error, attempts=Delivery.attempts + 1)
        )


async def postpone(db: Database, identifier: str, error: str) -> None:
    """Count a failed try; after MAX_ATTEMPTS the delivery is a dead letter (`failed`), kept for replay."""
    async with db.writing() as session:
        row = await session.get(Delivery, identifier)
        if row is not None:
            row.attempts += 1
            row.error = error
            row.status = FAILED if row.attempts >= MAX_ATTEMPTS else RECEIVED


async def get(db: Database, identifier: str) -> Stored | None:
    """One delivery, or None."""
    async with db.reading() as session:
        row = await session.get(Delivery, identifier)
        return _stored(row) if row else None


async def newest(db: Database, limit: int, status: str | None = None) -> list[Stored]:
    """The newest deliveries, newest first."""
    query = select(Delivery).order_by(Delivery.received_at.desc()).limit(limit)
    if status:
        query = query.where(Delivery.status == status)
    async with db.reading() as session:
        return [_stored(row) for row in await session.scalars(query)]


async def expire(db: Database, *, older_than: timedelta) -> None:
    """Delete deliveries past their retention."""
    async with db.writing() as session:
        await session.execute(delete(Delivery).where(Delivery.received_at < now() - older_than))


def _stored(row: Delivery) -> Stored:
    return Stored(row.id, row.event, row.payload, row.status, row.received_at, row.attempts, row.error)
