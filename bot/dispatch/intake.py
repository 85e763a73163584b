"""Dispatch stored deliveries: convert them to orders, carry out the orders in the database, enqueue the jobs."""

import asyncio
import logging
from collections.abc import AsyncIterable, Mapping, Sequence
from dataclasses import dataclass

import orjson
from rq import Queue

from bot.db import deliveries, orders
from bot.db.deliveries import StoredDelivery
from bot.db.engine import Database
from bot.dispatch.events import orders_of
from bot.domain.deliveries import DeliveryStatus
from bot.domain.orders import DeleteInstallation, DeleteRepositories, Order
from bot.logs import about
from bot.queue.counters import DELIVERIES, Field, count_now
from bot.queue.enqueue import QueueUnavailable, enqueue_change_analyses, enqueue_delete_unknown_mirrors
from bot.telemetry.tracing import span

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Routed:
    """The id of a delivery and its orders."""

    id: str
    orders: tuple[Order, ...]


async def drain(db: Database, queue: Queue) -> None:
    """Dispatch new deliveries, oldest first, until there are none."""
    while await dispatch(db, queue, deliveries.find_undispatched(db)):
        pass


async def dispatch(db: Database, queue: Queue, stored: AsyncIterable[StoredDelivery]) -> int:
    """Dispatch deliveries; returns their number. Dispatching one twice has no further effect.

    A delivery without orders becomes `ignored`; a malformed one becomes a dead letter (`failed`).
    """
    routed: list[Routed] = []
    dead: dict[str, str] = {}
    async for delivery in stored:
        try:
            with about(delivery=delivery.id), span("dispatch"):
                routed_orders = await orders_of(delivery.event, delivery.id, orjson.loads(delivery.payload))
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            with about(delivery=delivery.id):
                log.warning("delivery %s (%s) is not as GitHub describes it: %r", delivery.id, delivery.event, problem)
            dead[delivery.id] = f"not understood: {problem!r}"[:500]
        else:
            routed.append(Routed(delivery.id, tuple(routed_orders)))
    for identifier, error in dead.items():
        await deliveries.end(db, identifier, DeliveryStatus.FAILED, error)
    await _count(queue, {DeliveryStatus.FAILED.value: len(dead)})
    if routed:
        await _carry_out(db, queue, routed)
    return len(routed) + len(dead)


async def _carry_out(db: Database, queue: Queue, batch: Sequence[Routed]) -> None:
    """Carry out all orders in one transaction and enqueue the jobs. If Redis is down, the sweep enqueues them later."""
    all_orders = [order for routed in batch for order in routed.orders]
    settled = {
        DeliveryStatus.DONE: [routed.id for routed in batch if routed.orders],
        DeliveryStatus.IGNORED: [routed.id for routed in batch if not routed.orders],
    }
    try:
        waiting = await orders.carry_out(db, all_orders, settled)
    except Exception as problem:
        if len(batch) == 1:
            with about(delivery=batch[0].id):
                log.exception("delivery %s could not be carried out", batch[0].id)
            await deliveries.postpone(db, batch[0].id, f"{type(problem).__name__}: {problem}"[:500])
            await _count(queue, {"retried": 1})
            return
        for routed in batch:  # one of them fails: the others are carried out without it
            await _carry_out(db, queue, [routed])
        return
    for routed in batch:
        with about(delivery=routed.id):
            log.info("dispatched: %s", ", ".join(type(order).__name__ for order in routed.orders) or "no orders")
    await _count(queue, {status.value: len(ids) for status, ids in settled.items()})
    try:
        await asyncio.to_thread(enqueue_change_analyses, queue, waiting)
        if any(isinstance(order, DeleteInstallation | DeleteRepositories) for order in all_orders):
            await asyncio.to_thread(enqueue_delete_unknown_mirrors, queue)
    except QueueUnavailable as problem:
        log.warning("the queue does not answer; %d analyses wait for the sweep: %s", len(waiting), problem)


async def _count(queue: Queue, outcomes: Mapping[str, int]) -> None:
    """Count deliveries by outcome, for `/metrics`."""
    added: dict[Field, float] = {(DELIVERIES, outcome): number for outcome, number in outcomes.items() if number}
    if added:
        await asyncio.to_thread(count_now, queue.connection, added)
