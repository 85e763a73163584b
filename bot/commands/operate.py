"""`gitinsight deliveries` and `gitinsight replay`: list webhook deliveries, and process one again."""

from collections.abc import AsyncIterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.db import deliveries
from bot.db.engine import Database
from bot.dispatch.intake import dispatch
from bot.domain.deliveries import DeliveryStatus
from bot.errors import GiveUp
from bot.queue.enqueue import connect, open_queue
from bot.settings import Settings


async def print_deliveries(settings: Settings, status: DeliveryStatus | None, limit: int) -> None:
    """Print a table of the newest deliveries."""
    db = Database(settings.database_url, pool_size=1)
    try:
        table = Table("received", "event", "status", "attempts", box=None, pad_edge=False)
        table.add_column("id", no_wrap=True)  # complete, so that it can be copied for `replay`
        table.add_column("error", overflow="fold")
        for delivery in await deliveries.newest(db, limit, status):
            row = (delivery.event, delivery.status, str(delivery.attempts), delivery.id, escape(delivery.error or ""))
            table.add_row(f"{delivery.received_at:%Y-%m-%d %H:%M:%S}", *row)
        Console().print(table)
    finally:
        await db.close()


async def replay_delivery(settings: Settings, identifier: str) -> None:
    """Dispatch a stored delivery again. Raises GiveUp if it is unknown."""
    db = Database(settings.database_url, pool_size=1)
    try:
        stored = await deliveries.get(db, identifier)
        if stored is None:
            raise GiveUp(f"There is no delivery {identifier}. `gitinsight deliveries` lists the stored deliveries.")
        await dispatch(db, open_queue(connect(settings.redis_url)), _single(stored))
        updated = await deliveries.get(db, identifier)
        Console().print(f"{stored.event} {identifier}: {updated.status if updated else 'deleted'}")
    finally:
        await db.close()


async def _single(stored: deliveries.StoredDelivery) -> AsyncIterator[deliveries.StoredDelivery]:
    yield stored
