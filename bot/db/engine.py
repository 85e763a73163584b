"""The async engine for a database URL, with SQLite made durable and concurrent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Engine, Result, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from bot.db.totals import Totals

T = TypeVar("T")


class Database:
    """One database: short sessions for reading, short transactions for writing.

    single_statements: connections whose every statement is its own transaction, for group commits; SQLite's are
    used from a thread, PostgreSQL's are not probed before use.
    """

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.totals = Totals()
        # Writers of this process take turns: waiting for each other inside SQLite would cost milliseconds of sleep.
        self.turn: AbstractAsyncContextManager[object] = asyncio.Lock() if self.is_sqlite else nullcontext()
        self.single_statements: Engine | AsyncEngine
        if self.is_sqlite:
            self.engine = create_async_engine(url, connect_args={"timeout": 30})
            self.single_statements = create_engine(
                url.replace("+aiosqlite", ""),
                connect_args={"timeout": 30},
                execution_options={"single_statement": True},
            )
            for engine in (self.engine.sync_engine, self.single_statements):
                _make_durable(engine)
        else:
            self.engine = create_async_engine(url, pool_size=pool_size, pool_pre_ping=True)
            self.single_statements = create_async_engine(url, pool_size=1, isolation_level="AUTOCOMMIT")
            self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that writes nothing; on SQLite it never waits for a writer."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            await session.connection(execution_options={"reading": True})
            yield session

    async def read(self, work: Callable[[Session], T]) -> T:
        """Everything that `work` reads, each statement as of its own moment.

        For what is asked often: on SQLite one visit of a thread instead of several for every statement, on PostgreSQL
        no round trips around the statements. What `work` returns must not load anything later.
        """
        if isinstance(self.single_statements, Engine):
            return await asyncio.to_thread(_read, self.single_statements, work)
        async with AsyncSession(self._autocommit, expire_on_commit=False) as session:
            return await session.run_sync(work)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A transaction, committed at the end and rolled back on any exception."""
        async with self.turn, AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()
        if isinstance(self.single_statements, AsyncEngine):
            await self.single_statements.dispose()
        else:
            self.single_statements.dispose()


def _read(engine: Engine, work: Callable[[Session], T]) -> T:
    with Session(engine, expire_on_commit=False) as session:
        return work(session)


def rows_changed(done: Result[Any]) -> int:
    """How many rows an UPDATE, DELETE or INSERT changed: its result has the count, and its type does not say so
    (https://docs.sqlalchemy.org/en/20/core/connections.html#sqlalchemy.engine.CursorResult.rowcount).
    """
    return int(cast(CursorResult[Any], done).rowcount)


def now() -> datetime:
    """The time of a row, in UTC."""
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
        # A transaction that reads before it writes must take the write lock first, or it may fail when another
        # writer came between (SQLITE_BUSY_SNAPSHOT).
        options = connection.get_execution_options()
        if not options.get("single_statement"):
            connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")
