"""The scheduler: sweeps up what was left lying and rings the queue again. The database knows what that is."""

import asyncio
import logging
from datetime import timedelta

from redis.exceptions import RedisError
from rq import Queue
from sqlalchemy.exc import SQLAlchemyError

from bot.db import analyses, deliveries, schema
from bot.db.engine import Database
from bot.intake import dispatch_stored
from bot.queue import QueueAway, connect, open_queue, ring
from bot.settings import Settings

SWEEP_SECONDS = 5.0
_DISPATCH_AFTER = timedelta(seconds=10)
_EXPIRE_EVERY = 720
log = logging.getLogger(__name__)


async def schedule(db: Database, queue: Queue, retention: timedelta) -> None:
    """Sweep every few seconds until cancelled; a database or queue that is away only delays it."""
    rounds = 0
    while True:
        try:
            await sweep(db, queue)
            if rounds % _EXPIRE_EVERY == 0:
                await deliveries.expire(db, older_than=retention)
        except (SQLAlchemyError, RedisError, QueueAway, OSError) as away:
            log.warning("sweep put off: %s", away)
        rounds += 1
        await asyncio.sleep(SWEEP_SECONDS)


async def sweep(db: Database, queue: Queue) -> None:
    """Dispatch deliveries nobody dispatched, and ring for analyses nobody works on."""
    forgotten = await deliveries.pending(db, older_than=_DISPATCH_AFTER)
    if forgotten:
        log.info("dispatching %d deliveries again", len(forgotten))
        await dispatch_stored(db, queue, forgotten)
    unattended = await analyses.unattended(db)
    if unattended:
        await asyncio.to_thread(ring, queue, unattended)


def run_scheduler(settings: Settings) -> None:
    """The scheduler as a process."""

    async def run() -> None:
        db = Database(settings.database_url, pool_size=2)
        await schema.check(db, settings.database_url)
        await schedule(db, open_queue(connect(settings.redis_url)), timedelta(days=settings.retention_days))

    asyncio.run(run())
