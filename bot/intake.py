"""From stored deliveries to waiting analyses: route, write the rows, ring the queue. Web and scheduler share it."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from rq import Queue
from sqlalchemy.exc import SQLAlchemyError

from bot.db import deliveries, orders
from bot.db.deliveries import DONE, FAILED, IGNORED, RECEIVED, Stored
from bot.db.engine import Database
from bot.events import orders_of
from bot.queue import QueueAway, ring
from bot.refs import Order

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Routed:
    """A delivery's id and what it asks for; small, so that many can wait in memory."""

    id: str
    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a payload turned out to be: the status to store it with, why it failed, and what it asks for."""

    status: str
    orders: tuple[Order, ...] = ()
    error: str | None = None


async def read(event: str, identifier: str, payload: Mapping[str, Any]) -> Reading:
    """Translate a payload. What we do not handle is ignored; what GitHub would not send is a dead letter."""
    try:
        found = await orders_of(event, identifier, payload)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        log.warning("delivery %s (%s) is not as GitHub describes it: %r", identifier, event, problem)
        return Reading(FAILED, error=f"not understood: {problem!r}"[:500])
    return Reading(RECEIVED, tuple(found)) if found else Reading(IGNORED)


async def dispatch(db: Database, queue: Queue, batch: Sequence[Routed]) -> None:
    """Act upon deliveries, each at least once; acting twice changes nothing more.

    A queue that is away loses nothing: the sweep rings again.
    """
    wanted = [order for routed in batch for order in routed.orders]
    try:
        waiting = await orders.carry_out(db, wanted, {DONE: [routed.id for routed in batch]})
    except SQLAlchemyError as problem:
        if len(batch) == 1:
            log.exception("delivery %s could not be carried out", batch[0].id)
            await deliveries.postpone(db, batch[0].id, f"{type(problem).__name__}: {problem}"[:500])
            return
        for routed in batch:  # one of them is the cause: the others must not wait for it
            await dispatch(db, queue, [routed])
        return
    try:
        await asyncio.to_thread(ring, queue, waiting)
    except QueueAway as away:
        log.warning("the queue is away, %d analyses wait for the sweep: %s", len(waiting), away)


async def dispatch_stored(db: Database, queue: Queue, stored: Sequence[Stored]) -> None:
    """Act upon deliveries out of the database: left behind by a process that ended, or replayed."""
    routed = []
    for delivery in stored:
        reading = await read(delivery.event, delivery.id, orjson.loads(delivery.payload))
        if reading.status == RECEIVED:
            routed.append(Routed(delivery.id, reading.orders))
        else:
            await deliveries.end(db, delivery.id, reading.status, reading.error)
    if routed:
        await dispatch(db, queue, routed)
