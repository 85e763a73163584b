"""Dispatch stored deliveries: make orders of them, carry these out in the database, enqueue the jobs."""

import asyncio
import logging
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass

import orjson
from rq import Queue

from bot.db import deliveries, orders
from bot.db.deliveries import Stored
from bot.db.engine import Database
from bot.dispatch.events import orders_of
from bot.domain.deliveries import DeliveryStatus
from bot.domain.orders import DeleteInstallation, DeleteRepositories, Order
from bot.queue.enqueue import QueueAway, enqueue_change_analyses, enqueue_delete_unknown_mirrors

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Routed:
    """A delivery's id and what it asks for."""

    id: str
    orders: tuple[Order, ...]


async def drain(db: Database, queue: Queue) -> None:
    """Dispatch the deliveries that wait for their first try, oldest first, until none does."""
    while await dispatch(db, queue, deliveries.untried(db)):
        pass


async def dispatch(db: Database, queue: Queue, stored: AsyncIterable[Stored]) -> int:
    """Dispatch deliveries, each at least once; a second time changes nothing more. Returns how many there were.

    What we do not handle is ignored; what GitHub would not send is a dead letter.
    """
    routed: list[Routed] = []
    dead: dict[str, str] = {}
    async for delivery in stored:
        try:
            found = await orders_of(delivery.event, delivery.id, orjson.loads(delivery.payload))
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            log.warning("delivery %s (%s) is not as GitHub describes it: %r", delivery.id, delivery.event, problem)
            dead[delivery.id] = f"not understood: {problem!r}"[:500]
        else:
            routed.append(Routed(delivery.id, tuple(found)))
    for identifier, error in dead.items():
        await deliveries.end(db, identifier, DeliveryStatus.FAILED, error)
    if routed:
        await _carry_out(db, queue, routed)
    return len(routed) + len(dead)


async def _carry_out(db: Database, queue: Queue, batch: Sequence[Routed]) -> None:
    """Carry out all orders in one transaction. A queue that is down loses nothing: the sweep enqueues later."""
    wanted = [order for routed in batch for order in routed.orders]
    settled = {
        DeliveryStatus.DONE: [routed.id for routed in batch if routed.orders],
        DeliveryStatus.IGNORED: [routed.id for routed in batch if not routed.orders],
    }
    try:
        waiting = await orders.carry_out(db, wanted, settled)
    except Exception as problem:
        if len(batch) == 1:
            log.exception("delivery %s could not be carried out", batch[0].id)
            await deliveries.postpone(db, batch[0].id, f"{type(problem).__name__}: {problem}"[:500])
            return
        for routed in batch:  # one of them is the cause: the others must not wait for it
            await _carry_out(db, queue, [routed])
        return
    try:
        await asyncio.to_thread(enqueue_change_analyses, queue, waiting)
        if any(isinstance(order, DeleteInstallation | DeleteRepositories) for order in wanted):
            await asyncio.to_thread(enqueue_delete_unknown_mirrors, queue)
    except QueueAway as away:
        log.warning("the queue does not answer; %d analyses wait for the sweep: %s", len(waiting), away)
