"""Group commit: many deliveries, one durable transaction, and each is answered only when it is stored.

The scheduler dispatches what is stored; the inbox only rings its bell.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.db.deliveries import Stored, store
from bot.db.engine import Database
from bot.queue import wake

_BATCH = 256
_BELL_SECONDS = 0.02
log = logging.getLogger(__name__)


class NotStored(Exception):
    """The database did not take the delivery; GitHub must be told."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A delivery on its way into the database; `stored` is done when it is there."""

    delivery: Stored
    stored: asyncio.Future[None]


class Inbox:
    """One per process. `put` returns when the delivery is durable."""

    def __init__(self, db: Database, redis: Redis) -> None:
        self._db = db
        self._redis = redis
        self._arriving: list[_Arrival] = []
        self._arrived = asyncio.Event()
        self._to_ring = asyncio.Event()

    async def put(self, delivery: Stored) -> None:
        """Store a delivery. Raises NotStored."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arriving.append(_Arrival(delivery, stored))
        self._arrived.set()
        await stored

    async def run(self) -> None:
        """Store and ring until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._store())
            tasks.create_task(self._ring())

    async def _store(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._arriving:
                await self._all_that_is_here()
                batch, self._arriving = self._arriving[:_BATCH], self._arriving[_BATCH:]
                await self._store_batch(batch)
                self._to_ring.set()

    async def _all_that_is_here(self) -> None:
        """Let the loop read what lies in the sockets already: fewer and larger batches, and nobody waits idly."""
        seen = 0
        while seen < len(self._arriving) < _BATCH:
            seen = len(self._arriving)
            await asyncio.sleep(0)

    async def _store_batch(self, batch: list[_Arrival]) -> None:
        try:
            await store(self._db, [arrival.delivery for arrival in batch])
        except (SQLAlchemyError, OSError) as problem:
            log.exception("%d deliveries could not be stored", len(batch))
            for arrival in batch:
                if not arrival.stored.done():
                    arrival.stored.set_exception(NotStored(str(problem)))
            return
        for arrival in batch:
            if not arrival.stored.done():
                arrival.stored.set_result(None)

    async def _ring(self) -> None:
        while True:
            await self._to_ring.wait()
            self._to_ring.clear()
            try:
                await wake.wake(self._redis)
            except (RedisError, OSError) as away:
                log.warning("the bell does not ring, the scheduler looks by itself: %s", away)
            await asyncio.sleep(_BELL_SECONDS)  # a burst rings once


INBOX = web.AppKey("inbox", Inbox)


def setup(app: web.Application, db: Database, redis: Redis) -> None:
    """Run an inbox as long as the application runs."""
    app[INBOX] = Inbox(db, redis)

    async def running(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(app[INBOX].run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    app.cleanup_ctx.append(running)
