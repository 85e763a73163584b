"""Group commit: many deliveries, one durable transaction, and each is answered only when it is stored.

What is new then goes to dispatch, in the background and in batches, so that a burst costs one transaction too.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web
from rq import Queue
from sqlalchemy.exc import SQLAlchemyError

from bot.db.deliveries import Stored, store
from bot.db.engine import Database
from bot.intake import Routed, dispatch
from bot.refs import Order

_BATCH = 256
_DISPATCH_BATCH = 200
_WAITING_IN_MEMORY = 10_000
_PAUSE_SECONDS = 0.05
log = logging.getLogger(__name__)


class NotStored(Exception):
    """The database did not take the delivery; GitHub must be told."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A delivery on its way into the database; `stored` is done when it is there."""

    delivery: Stored
    orders: tuple[Order, ...]
    stored: asyncio.Future[None]


class Inbox:
    """One per process. `put` returns when the delivery is durable."""

    def __init__(self, db: Database, queue: Queue) -> None:
        self._db = db
        self._queue = queue
        self._arriving: list[_Arrival] = []
        self._arrived = asyncio.Event()
        # Beyond this many the sweep takes them from the database: memory stays bounded in a flood.
        self._routed: deque[Routed] = deque(maxlen=_WAITING_IN_MEMORY)
        self._to_dispatch = asyncio.Event()

    async def put(self, delivery: Stored, orders: tuple[Order, ...]) -> None:
        """Store a delivery; when it was new, dispatch what it asks for. Raises NotStored."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arriving.append(_Arrival(delivery, orders, stored))
        self._arrived.set()
        await stored

    async def run(self) -> None:
        """Store and dispatch until cancelled; what has arrived is stored before the end."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._store())
            tasks.create_task(self._dispatch())

    async def _store(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._arriving:
                batch, self._arriving = self._arriving[:_BATCH], self._arriving[_BATCH:]
                await self._store_batch(batch)

    async def _store_batch(self, batch: list["_Arrival"]) -> None:
        try:
            new = await store(self._db, [arrival.delivery for arrival in batch])
        except (SQLAlchemyError, OSError) as problem:
            log.exception("%d deliveries could not be stored", len(batch))
            for arrival in batch:
                if not arrival.stored.done():
                    arrival.stored.set_exception(NotStored(str(problem)))
            return
        for arrival in batch:
            if not arrival.stored.done():
                arrival.stored.set_result(None)
            if arrival.orders and arrival.delivery.id in new:
                self._routed.append(Routed(arrival.delivery.id, arrival.orders))
        self._to_dispatch.set()

    async def _dispatch(self) -> None:
        while True:
            await self._to_dispatch.wait()
            self._to_dispatch.clear()
            while self._routed:
                batch = [self._routed.popleft() for _ in range(min(_DISPATCH_BATCH, len(self._routed)))]
                try:
                    await dispatch(self._db, self._queue, batch)
                except Exception:
                    log.exception("%d deliveries wait for the sweep", len(batch))
                # The answers to GitHub come first; a burst is dispatched in few large transactions.
                await asyncio.sleep(_PAUSE_SECONDS)


INBOX = web.AppKey("inbox", Inbox)


def setup(app: web.Application, db: Database, queue: Queue) -> None:
    """Run an inbox as long as the application runs."""
    app[INBOX] = Inbox(db, queue)

    async def running(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(app[INBOX].run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    app.cleanup_ctx.append(running)
