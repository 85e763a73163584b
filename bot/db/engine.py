"""The connection to the database of a URL. SQLite is configured for durability and concurrent readers."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import msgspec
from sqlalchemy import Connection, CursorResult, Engine, Result, create_engine, event
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from bot.db.anchors import Anchors
from bot.db.totals import Totals

T = TypeVar("T")
# The database is locked for too long, restarts, or has dropped the connection.
TEMPORARY_ERRORS = (OperationalError, InterfaceError)


class Database:
    """One database: short sessions for reading, short transactions for writing.

    single_statements: connections on which every statement is its own transaction. They are for group commits.
    SQLite's are used from a thread. PostgreSQL's are not tested before use.
    write_lock: held by the writing transaction of this process; does nothing on PostgreSQL.
    """

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.totals = Totals()
        self.anchors = Anchors()
        # SQLite itself waits for a lock by sleeping for milliseconds, so writers of this process wait here.
        self.write_lock: AbstractAsyncContextManager[object] = asyncio.Lock() if self.is_sqlite else nullcontext()
        self.single_statements: Engine | AsyncEngine
        if self.is_sqlite:
            self.engine = create_async_engine(url, connect_args={"timeout": 30}, json_deserializer=read_json)
            self.single_statements = create_engine(
                url.replace("+aiosqlite", ""),
                connect_args={"timeout": 30},
                execution_options={"single_statement": True},
                json_deserializer=read_json,
            )
            for engine in (self.engine.sync_engine, self.single_statements):
                _make_durable(engine)
        else:
            self.engine = create_async_engine(url, pool_size=pool_size, pool_pre_ping=True, json_deserializer=read_json)
            self.single_statements = create_async_engine(url, pool_size=1, isolation_level="AUTOCOMMIT")
            self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for reading only; on SQLite it never waits for a writer."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            await session.connection(execution_options={"reading": True})
            yield session

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` with a session; its statements do not share one transaction.

        For frequent queries: on SQLite one call of a thread instead of several per statement, on PostgreSQL no round
        trips for BEGIN and COMMIT. What `work` returns must be loaded completely.
        """
        if isinstance(self.single_statements, Engine):
            return await asyncio.to_thread(_read, self.single_statements, work)
        async with AsyncSession(self._autocommit, expire_on_commit=False) as session:
            return await session.run_sync(work)

    async def query(self, work: Callable[[Connection], T]) -> T:
        """As `read`, with a connection: for the most frequent queries, which select columns instead of objects."""
        if isinstance(self.single_statements, Engine):
            return await asyncio.to_thread(_query, self.single_statements, work)
        async with self._autocommit.connect() as connection:
            return await connection.run_sync(work)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A transaction, committed at the end and rolled back on any exception."""
        async with self.write_lock, AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction of its own, as `writing` does. For frequent transactions of several statements.

        On SQLite all of it is one call of a thread instead of several per statement. A transaction that has begun ends
        before a cancellation goes on. What `work` returns must be loaded completely.
        """
        if not isinstance(self.single_statements, Engine):
            async with self.writing() as session:
                return await session.run_sync(work)
        async with self.write_lock:
            done = asyncio.ensure_future(asyncio.to_thread(_write, self.single_statements, work))
            try:
                return await asyncio.shield(done)
            except asyncio.CancelledError:
                await asyncio.wait([done])
                raise

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
        if isinstance(self.single_statements, AsyncEngine):
            await self.single_statements.dispose()
        else:
            self.single_statements.dispose()


def read_json(text: str | bytes) -> Any:
    """As json.loads, which the rows were written for; msgspec takes a fifth of its time and refuses a little more."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):  # half a surrogate pair, NaN
        return json.loads(text)


def _read(engine: Engine, work: Callable[[Session], T]) -> T:
    with Session(engine, expire_on_commit=False) as session:
        return work(session)


def _query(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.connect() as connection:
        return work(connection)


def _write(engine: Engine, work: Callable[[Session], T]) -> T:
    with Session(engine.execution_options(single_statement=False), expire_on_commit=False) as session, session.begin():
        return work(session)


def rows_changed(done: Result[Any]) -> int:
    """How many rows an UPDATE, DELETE or INSERT changed. The declared type of the result lacks `rowcount`
    (https://docs.sqlalchemy.org/en/20/core/connections.html#sqlalchemy.engine.CursorResult.rowcount).
    """
    return int(cast(CursorResult[Any], done).rowcount)


def now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def _make_durable(engine: Engine) -> None:
    """SQLite in WAL mode with synchronous=FULL: an answered delivery survives a power cut
    (https://www.sqlite.org/pragma.html#pragma_synchronous).
    """

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A transaction that reads before it writes must acquire the write lock first. Otherwise it fails if
        # another process writes in between (SQLITE_BUSY_SNAPSHOT).
        options = connection.get_execution_options()
        if not options.get("single_statement"):
            connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")
