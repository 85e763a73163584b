"""The inbox: deliveries stored before they are answered, each once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, bindparam, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Database, now
from bot.db.tables import Delivery, compressed

RECEIVED, DONE, IGNORED, FAILED = "received", "done", "ignored", "failed"
MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Stored:
    """A delivery as it came. payload is the raw body."""

    id: str
    event: str
    payload: bytes
    status: str
    received_at: datetime
    attempts: int = 0
    error: str | None = None


async def store(db: Database, deliveries: Sequence[Stored]) -> set[str]:
    """Store a batch in one durable transaction. Returns the ids that were new.

    The one hot query of the app: a batch is one hop to a thread on SQLite and one round trip on PostgreSQL.
    """
    batch = {delivery.id: delivery for delivery in deliveries}
    if db.inbox is not None:
        async with db.turn:
            return await asyncio.to_thread(_store_sqlite, db.inbox, _sqlite_rows(list(batch.values())))
    try:
        return await _store_postgres(db, list(batch.values()))
    except DBAPIError as lost:
        if not lost.connection_invalidated:
            raise
        return await _store_postgres(db, list(batch.values()))  # a connection that died while idle


_ROW = "(?, ?, ?, ?, 0, ?, ?)"
_INSERT_ROWS = "INSERT INTO deliveries (id, event, payload, status, attempts, error, received_at) VALUES "


def _sqlite_rows(batch: Sequence[Stored]) -> list[tuple[object, ...]]:
    """The rows as SQLite keeps them; times in SQLAlchemy's own form."""
    return [
        (one.id, one.event, compressed(one.payload), one.status, one.error, f"{one.received_at:%Y-%m-%d %H:%M:%S.%f}")
        for one in batch
    ]


def _store_sqlite(engine: Engine, rows: list[tuple[object, ...]]) -> set[str]:
    """One statement for all rows: each statement hands the interpreter over twice, which the event loop feels."""
    with engine.connect() as connection:
        try:
            if rows and _insert(connection, rows) < len(rows):  # some are known: find out which, and insert the others
                connection.rollback()
                known = set(connection.scalars(_KNOWN, {"ids": [row[0] for row in rows]}))
                rows = [row for row in rows if row[0] not in known]
                _insert(connection, rows)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
    return {str(row[0]) for row in rows}


def _insert(connection: Connection, rows: list[tuple[object, ...]]) -> int:
    if not rows:
        return 0
    statement = _INSERT_ROWS + ", ".join([_ROW] * len(rows)) + " ON CONFLICT (id) DO NOTHING"
    return connection.exec_driver_sql(statement, tuple(value for row in rows for value in row)).rowcount


_KNOWN = select(Delivery.id).where(Delivery.id.in_(bindparam("ids", expanding=True)))


_INSERT_ARRAYS = text(
    "INSERT INTO deliveries (id, event, payload, status, attempts, error, received_at) "
    "SELECT id, event, payload, status, 0, error, received_at FROM unnest("
    "CAST(:ids AS text[]), CAST(:events AS text[]), CAST(:payloads AS bytea[]), CAST(:statuses AS text[]), "
    "CAST(:errors AS text[]), CAST(:moments AS timestamptz[])) AS new (id, event, payload, status, error, received_at) "
    "ON CONFLICT (id) DO NOTHING RETURNING id"
)


async def _store_postgres(db: Database, batch: list[Stored]) -> set[str]:
    columns = {
        "ids": [one.id for one in batch],
        "events": [one.event for one in batch],
        "payloads": [compressed(one.payload) for one in batch],
        "statuses": [one.status for one in batch],
        "errors": [one.error for one in batch],
        "moments": [one.received_at for one in batch],
    }
    async with db.single_statements.connect() as connection:
        return set(await connection.scalars(_INSERT_ARRAYS, columns))


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


async def settle(session: AsyncSession, settled: Mapping[str, Sequence[str]]) -> None:
    """Mark deliveries, given as ids by status, in the transaction that did what they ask for."""
    for status, ids in settled.items():
        if ids:
            await session.execute(
                update(Delivery).where(Delivery.id.in_(ids)).values(status=status, attempts=Delivery.attempts + 1)
            )


async def end(db: Database, identifier: str, status: str, error: str | None) -> None:
    """Settle one delivery that asks for nothing, or that trying again will not help."""
    async with db.writing() as session:
        await session.execute(
            update(Delivery)
            .where(Delivery.id == identifier)
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
