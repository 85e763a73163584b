"""From stored deliveries to waiting analyses: route, write the rows, ring the queue. Web and scheduler share it."""

import asyncio
import logging
from collections.abc import Sequence

import orjson
from rq import Queue
from sqlalchemy.exc import SQLAlchemyError

from bot.db import deliveries, orders
from bot.db.deliveries import DONE, FAILED, IGNORED, Stored
from bot.db.engine import Database
from bot.events import orders_of
from bot.queue import QueueAway, ring
from bot.refs import Order

log = logging.getLogger(__name__)


async def dispatch(db: Database, queue: Queue, batch: Sequence[Stored]) -> None:
    """Act upon deliveries, each at least once; acting twice changes nothing more.

    A delivery that cannot be understood fails alone. A queue that is away loses nothing: the sweep rings again.
    """
    wanted: list[Order] = []
    settled: dict[str, list[str]] = {DONE: [], IGNORED: []}
    for delivery in batch:
        found = await _understood(db, delivery)
        if found is not None:
            settled[DONE if found else IGNORED].append(delivery.id)
            wanted.extend(found)
    try:
        waiting = await orders.carry_out(db, wanted) if wanted else []
    except SQLAlchemyError as problem:
        if len(batch) == 1:
            log.exception("delivery %s could not be carried out", batch[0].id)
            await deliveries.postpone(db, batch[0].id, f"{type(problem).__name__}: {problem}"[:500])
            return
        for delivery in batch:  # one of them is the cause: the others must not wait for it
            await dispatch(db, queue, [delivery])
        return
    for status, ids in settled.items():
        await deliveries.settle(db, ids, status)
    try:
        await asyncio.to_thread(ring, queue, waiting)
    except QueueAway as away:
        log.warning("the queue is away, %d analyses wait for the sweep: %s", len(waiting), away)


async def _understood(db: Database, delivery: Stored) -> list[Order] | None:
    try:
        return await orders_of(delivery.event, delivery.id, orjson.loads(delivery.payload))
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        log.warning("delivery %s (%s) is not as GitHub describes it: %r", delivery.id, delivery.event, problem)
        await deliveries.settle(db, [delivery.id], FAILED, f"not understood: {problem!r}"[:500])
        return None
