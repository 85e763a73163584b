"""Group commit: one durable transaction stores many deliveries, and each delivery is answered after it is stored.

The scheduler dispatches stored deliveries; the inbox only wakes it.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from aiohttp import web
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.db.deliveries import StoredDelivery, store
from bot.db.engine import Database
from bot.domain.deliveries import DeliveryStatus
from bot.logs import about
from bot.queue import wake
from bot.queue.counters import DELIVERIES, count

_BATCH = 256
_WAKE_SECONDS = 0.02
log = logging.getLogger(__name__)


class NotStored(Exception):
    """The database did not store the delivery; the webhook answers 503."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A delivery that waits for its transaction.

    stored: done when the delivery is in the database; has the exception NotStored when that failed.
    """

    delivery: StoredDelivery
    stored: asyncio.Future[None]


class Inbox:
    """The inbox of a web process. `put` returns when the delivery is durable."""

    def __init__(self, db: Database, redis: Redis) -> None:
        self._db = db
        self._redis = redis
        self._arriving: list[_Arrival] = []
        self._arrived = asyncio.Event()
        self._to_wake = asyncio.Event()
        self._ignored = 0

    async def put(self, delivery: StoredDelivery) -> None:
        """Store a delivery. Raises NotStored."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arriving.append(_Arrival(delivery, stored))
        self._arrived.set()
        await stored

    async def run(self) -> None:
        """Store deliveries and wake the scheduler until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._store())
            tasks.create_task(self._wake())

    async def _store(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._arriving:
                await self._collect()
                batch, self._arriving = self._arriving[:_BATCH], self._arriving[_BATCH:]
                await self._store_batch(batch)
                self._to_wake.set()

    async def _collect(self) -> None:
        """Let the event loop read requests that are in the sockets already: batches get larger without waiting."""
        count = 0
        while count < len(self._arriving) < _BATCH:
            count = len(self._arriving)
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
        _log_stored(batch)
        self._ignored += sum(arrival.delivery.status is DeliveryStatus.IGNORED for arrival in batch)
        for arrival in batch:
            if not arrival.stored.done():
                arrival.stored.set_result(None)

    async def _wake(self) -> None:
        while True:
            await self._to_wake.wait()
            self._to_wake.clear()
            try:
                await wake.wake(self._redis)
            except (RedisError, OSError) as problem:
                log.warning("the scheduler was not woken; its next sweep finds the deliveries: %s", problem)
            ignored, self._ignored = self._ignored, 0
            await count(self._redis, {(DELIVERIES, DeliveryStatus.IGNORED.value): ignored} if ignored else {})
            await asyncio.sleep(_WAKE_SECONDS)  # a burst of deliveries wakes the scheduler once


def _log_stored(batch: Sequence[_Arrival]) -> None:
    """One line per batch: a line per delivery would cost a quarter of the throughput."""
    named = ", ".join(f"{arrival.delivery.event} {arrival.delivery.id}" for arrival in batch)
    with about(delivery=batch[0].delivery.id if len(batch) == 1 else None):
        log.info("stored %d: %s", len(batch), named)


INBOX = web.AppKey("inbox", Inbox)


def setup(app: web.Application, db: Database, redis: Redis) -> None:
    """Run an inbox while the application runs."""
    app[INBOX] = Inbox(db, redis)

    async def running(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(app[INBOX].run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    app.cleanup_ctx.append(running)
