"""The scheduler: dispatches what the web processes store, and sweeps up what was left lying."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError
from rq import Queue

from bot.db import analyses, deliveries, open_pulls, outbox, schema, snapshots
from bot.db.access import expire_tokens
from bot.db.engine import Database, now
from bot.dispatch.intake import dispatch, drain
from bot.domain.analyses import WHOLE_REPOSITORY_KINDS, AnalysisKind
from bot.jobs.send_notifications import is_due
from bot.queue import connection, wake
from bot.queue.enqueue import (
    connect,
    enqueue_backfills,
    enqueue_change_analyses,
    enqueue_delete_unknown_mirrors,
    enqueue_repository_analyses,
    enqueue_send_notifications,
    open_notifications_queue,
    open_queue,
)
from bot.settings import Settings

SWEEP_SECONDS = 5.0
_LOOK_SECONDS = 1
_EXPIRE_SECONDS = 3600.0
_TRY_AGAIN_AFTER = timedelta(seconds=10)
# A pull request that comes with the installation brings the history along; who has none is looked at after this.
_LEFT_ALONE = timedelta(minutes=1)
_LOOK_AGAIN_AFTER = timedelta(hours=6)
log = logging.getLogger(__name__)


async def schedule(db: Database, redis: Redis, queue: Queue, retention: timedelta, *, mail: bool = False) -> None:
    """Dispatch, sweep and expire until cancelled; a database or queue that is away only delays it.

    mail: whether there is a mail server.
    """

    async def listen() -> None:
        await drain(db, queue)
        try:
            await wake.wait(redis, _LOOK_SECONDS)
        except (RedisError, OSError):
            await asyncio.sleep(_LOOK_SECONDS)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_forever(listen, 0.0))
        tasks.create_task(_forever(lambda: sweep(db, queue), SWEEP_SECONDS))
        tasks.create_task(_forever(lambda: enqueue_due_notifications(db, queue, mail=mail), SWEEP_SECONDS))
        tasks.create_task(_forever(lambda: deliveries.expire(db, older_than=retention), _EXPIRE_SECONDS))
        tasks.create_task(_forever(lambda: outbox.expire(db, older_than=retention), _EXPIRE_SECONDS))
        tasks.create_task(_forever(lambda: open_pulls.expire(db), _EXPIRE_SECONDS))
        tasks.create_task(_forever(lambda: expire_tokens(db), _EXPIRE_SECONDS))
        tasks.create_task(_forever(lambda: asyncio.to_thread(enqueue_delete_unknown_mirrors, queue), _EXPIRE_SECONDS))


async def _forever(step: Callable[[], Awaitable[None]], pause: float) -> None:
    while True:
        try:
            await step()
        except Exception:
            log.exception("put off")
            await asyncio.sleep(_LOOK_SECONDS)
        await asyncio.sleep(pause)


async def sweep(db: Database, queue: Queue) -> None:
    """Dispatch deliveries whose tries failed; ring for analyses nobody works on and repositories nobody looked at."""
    if again := await dispatch(db, queue, deliveries.overdue(db, _TRY_AGAIN_AFTER)):
        log.info("dispatched %d deliveries again", again)
    unattended = await analyses.unattended(db, [AnalysisKind.CHANGE])
    if unattended:
        await asyncio.to_thread(enqueue_change_analyses, queue, unattended)
    if full := await analyses.unattended(db, WHOLE_REPOSITORY_KINDS):
        await asyncio.to_thread(enqueue_repository_analyses, queue, full)
    unlearned = await snapshots.unlearned(db, known_for=_LEFT_ALONE, tried_before=_LOOK_AGAIN_AFTER)
    if unlearned:
        await asyncio.to_thread(enqueue_backfills, queue, unlearned)


async def enqueue_due_notifications(db: Database, queue: Queue, *, mail: bool) -> None:
    """Ring for the webhooks and mails whose time has come."""
    if await is_due(db, now(), mail=mail):
        await asyncio.to_thread(enqueue_send_notifications, open_notifications_queue(queue.connection))


def run_scheduler(settings: Settings) -> None:
    """The scheduler as a process."""

    async def run() -> None:
        db, redis = Database(settings.database_url, pool_size=2), connection.connect(settings.redis_url)
        await schema.check(db)
        queue, retention = open_queue(connect(settings.redis_url)), timedelta(days=settings.retention_days)
        await schedule(db, redis, queue, retention, mail=settings.mail is not None)

    asyncio.run(run())
