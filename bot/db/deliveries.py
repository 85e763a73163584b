"""The inbox: deliveries, each stored once and before GitHub gets the answer."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, and_, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.db import frames
from bot.db.engine import Database, now
from bot.db.tables import Delivery
from bot.domain.deliveries import DeliveryStatus

MAX_ATTEMPTS = 5
_AT_ONCE = 200
_IN_MEMORY = 10


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """A stored delivery. payload: the raw body. repository: the full name that it names; empty without one."""

    id: str
    event: str
    payload: bytes
    status: DeliveryStatus
    received_at: datetime
    attempts: int = 0
    error: str | None = None
    repository: str = ""


async def store(db: Database, deliveries: Sequence[StoredDelivery]) -> None:
    """Store a batch in one durable transaction. A delivery that is already stored is not changed.

    This is the most frequent write of the app. It is one statement: one call of a thread on SQLite, one round trip on
    PostgreSQL.
    """
    if isinstance(db.single_statements, Engine):
        async with db.write_lock:
            await asyncio.to_thread(_store_sqlite, db.single_statements, _sqlite_rows(deliveries))
        return
    try:
        await _store_postgres(db.single_statements, deliveries)
    except DBAPIError as lost:
        if not lost.connection_invalidated:
            raise
        await _store_postgres(db.single_statements, deliveries)  # a connection that died while idle


_ROW = "(?, ?, ?, ?, 0, ?, ?, ?)"
_INSERT_ROWS = "INSERT INTO deliveries (id, event, payload, status, attempts, error, received_at, repository) VALUES "


def _sqlite_rows(batch: Sequence[StoredDelivery]) -> list[object]:
    """The values of all rows in one list; times in the format that SQLAlchemy uses for SQLite."""
    values: list[object] = []
    for one in batch:
        received_at = f"{one.received_at:%Y-%m-%d %H:%M:%S.%f}"
        values += (one.id, one.event, frames.compress(one.payload), one.status, one.error, received_at, one.repository)
    return values


def _store_sqlite(engine: Engine, values: list[object]) -> None:
    """Insert all rows with one statement and without BEGIN or COMMIT.

    Each statement releases and acquires the interpreter lock, which delays the event loop.
    """
    rows = ", ".join([_ROW] * (len(values) // _ROW.count("?")))
    with engine.connect() as connection:
        connection.exec_driver_sql(f"{_INSERT_ROWS} {rows} ON CONFLICT (id) DO NOTHING", tuple(values))


_INSERT_ARRAYS = text(
    "INSERT INTO deliveries (id, event, payload, status, attempts, error, received_at, repository) "
    "SELECT id, event, payload, status, 0, error, received_at, repository FROM unnest("
    "CAST(:ids AS text[]), CAST(:events AS text[]), CAST(:payloads AS bytea[]), CAST(:statuses AS text[]), "
    "CAST(:errors AS text[]), CAST(:moments AS timestamptz[]), CAST(:repositories AS text[])) "
    "AS new (id, event, payload, status, error, received_at, repository) "
    "ON CONFLICT (id) DO NOTHING"
)


async def _store_postgres(engine: AsyncEngine, batch: Sequence[StoredDelivery]) -> None:
    columns = {
        "ids": [one.id for one in batch],
        "events": [one.event for one in batch],
        "payloads": [frames.compress(one.payload) for one in batch],
        "statuses": [one.status for one in batch],
        "errors": [one.error for one in batch],
        "moments": [one.received_at for one in batch],
        "repositories": [one.repository for one in batch],
    }
    async with engine.connect() as connection:
        await connection.execute(_INSERT_ARRAYS, columns)


def find_undispatched(db: Database) -> AsyncIterator[StoredDelivery]:
    """Deliveries that were never dispatched, oldest first; streamed, because payloads can be large."""
    return _received(db, Delivery.attempts == 0)


def find_retryable(db: Database, age: timedelta) -> AsyncIterator[StoredDelivery]:
    """Deliveries older than `age` whose dispatch failed and is to be tried again."""
    return _received(db, and_(Delivery.attempts > 0, Delivery.received_at < now() - age))


async def _received(db: Database, condition: ColumnElement[bool]) -> AsyncIterator[StoredDelivery]:
    query = select(Delivery).where(Delivery.status == DeliveryStatus.RECEIVED, condition).order_by(Delivery.received_at)
    async with db.reading() as session:
        rows = await session.stream_scalars(query.limit(_AT_ONCE), execution_options={"yield_per": _IN_MEMORY})
        async for row in rows:
            yield _stored(row)
            session.expunge(row)


async def settle(session: AsyncSession, settled: Mapping[DeliveryStatus, Sequence[str]]) -> None:
    """Set the final status of deliveries (ids by status), in the transaction that carries out their orders."""
    for status, ids in settled.items():
        if ids:
            await session.execute(
                update(Delivery).where(Delivery.id.in_(ids)).values(status=status, attempts=Delivery.attempts + 1)
            )


async def end(db: Database, identifier: str, status: DeliveryStatus, error: str | None) -> None:
    """Set the final status of one delivery, without orders."""
    async with db.writing() as session:
        await session.execute(
            update(Delivery)
            .where(Delivery.id == identifier)
            .values(status=status, error=error, attempts=Delivery.attempts + 1)
        )


async def postpone(db: Database, identifier: str, error: str) -> None:
    """Count a failed attempt; after MAX_ATTEMPTS the delivery becomes a dead letter (`failed`), kept for replay."""
    async with db.writing() as session:
        row = await session.get(Delivery, identifier)
        if row is not None:
            row.attempts += 1
            row.error = error
            row.status = DeliveryStatus.FAILED if row.attempts >= MAX_ATTEMPTS else DeliveryStatus.RECEIVED


async def get(db: Database, identifier: str) -> StoredDelivery | None:
    """One delivery, or None."""
    async with db.reading() as session:
        row = await session.get(Delivery, identifier)
        return _stored(row) if row else None


async def newest(db: Database, limit: int, status: DeliveryStatus | None = None) -> list[StoredDelivery]:
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


def _stored(row: Delivery) -> StoredDelivery:
    return StoredDelivery(
        row.id, row.event, row.payload, row.status, row.received_at, row.attempts, row.error, row.repository or ""
    )
