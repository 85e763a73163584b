"""`deliveries` and `replay`: looking into the inbox and acting upon it again."""

from collections.abc import AsyncIterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.db import deliveries
from bot.db.engine import Database
from bot.dispatch.intake import dispatch
from bot.errors import GiveUp
from bot.queue.enqueue import connect, open_queue
from bot.settings import Settings


async def print_deliveries(settings: Settings, status: str | None, limit: int) -> None:
    """A table of the newest deliveries."""
    db = Database(settings.database_url, pool_size=1)
    try:
        table = Table("received", "event", "status", "tries", box=None, pad_edge=False)
        table.add_column("id", no_wrap=True)  # whole, to be copied for `replay`
        table.add_column("error", overflow="fold")
        for one in await deliveries.newest(db, limit, status):
            row = (one.event, one.status, str(one.attempts), one.id, escape(one.error or ""))
            table.add_row(f"{one.received_at:%Y-%m-%d %H:%M:%S}", *row)
        Console().print(table)
    finally:
        await db.close()


async def replay_delivery(settings: Settings, identifier: str) -> None:
    """Dispatch one stored delivery again. Raises GiveUp when it is unknown."""
    db = Database(settings.database_url, pool_size=1)
    try:
        stored = await deliveries.get(db, identifier)
        if stored is None:
            raise GiveUp(f"There is no delivery {identifier}; `gitinsight deliveries` lists them.")
        await dispatch(db, open_queue(connect(settings.redis_url)), _one(stored))
        again = await deliveries.get(db, identifier)
        Console().print(f"{stored.event} {identifier}: {again.status if again else 'gone'}")
    finally:
        await db.close()


async def _one(stored: deliveries.Stored) -> AsyncIterator[deliveries.Stored]:
    yield stored
