"""The scheduler: dispatches stored deliveries, and regularly searches for work that no worker does (the sweep)."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError
from rq import Queue

from bot.db import (
    analyses,
    deliveries,
    first_analyses,
    open_pulls,
    outbox,
    schema,
    snapshots,
    sync_states,
    whole_analyses,
)
from bot.db.access import expire_tokens
from bot.db.audit import SCHEDULER
from bot.db.engine import TEMPORARY_ERRORS, Database, now
from bot.db.resealing import reseal
from bot.db.sealed import Sealer
from bot.dispatch.intake import dispatch, drain
from bot.domain.analyses import WHOLE_REPOSITORY_KINDS, AnalysisKind, Scope
from bot.errors import GiveUp, RetryLater
from bot.github.app_key import KeyRefused
from bot.github.tokens import App, TokenCache
from bot.jobs.heal import COMPARE_SECONDS, REDELIVER_SECONDS, Healer
from bot.jobs.send_notifications import is_due
from bot.queue import connection, wake
from bot.queue.enqueue import (
    QueueUnavailable,
    connect,
    enqueue_backfills,
    enqueue_change_analyses,
    enqueue_delete_unknown_mirrors,
    enqueue_repository_analyses,
    enqueue_send_notifications,
    enqueue_syncs,
    open_notifications_queue,
    open_queue,
)
from bot.queue.hand_on import return_stranded
from bot.settings import Settings, is_local

SWEEP_SECONDS = 5.0
_WAIT_SECONDS = 1
_RETRY_SECONDS = 1
_EXPIRE_SECONDS = 3600.0
_RESEAL_AFTER_SECONDS = 300.0
_RETRY_DELIVERY_AFTER = timedelta(seconds=10)
# A new repository with a pull request is indexed by its analysis. After this time the sweep indexes the others.
_BACKFILL_AFTER = timedelta(minutes=1)
_RETRY_BACKFILL_AFTER = timedelta(hours=6)
_SYNC_AFTER = timedelta(minutes=1)
_SYNCS_AT_ONCE = 2
_WEEK = timedelta(days=7)
# Analyses of changes, which people wait for, come in between.
_WEEKLY_AT_ONCE = 2
_WEEKLY_SWEEP_SECONDS = 60.0
# They read no files, so that they are short.
_FIRST_AT_ONCE = 4
_FIRST_AFTER = timedelta(minutes=1)
_FIRST_SWEEP_SECONDS = 20.0
log = logging.getLogger(__name__)


async def schedule(
    db: Database,
    redis: Redis,
    queue: Queue,
    retention: timedelta,
    *,
    mail: bool = False,
    syncs: bool = False,
    healer: Healer | None = None,
    sealer: Sealer | None = None,
) -> None:
    """Dispatch, sweep and expire until cancelled. Errors of the database or of Redis only delay it.

    mail: whether a mail server is configured.
    syncs: whether issues and pull requests are synced from GitHub.
    healer: finds what lost webhooks leave; None: nobody does.
    sealer: seals secrets again while SECRET_KEY is replaced; None: it is not.
    """

    async def dispatch_next() -> None:
        await drain(db, queue)
        try:
            await wake.wait(redis, _WAIT_SECONDS)
        except (RedisError, OSError):
            await asyncio.sleep(_WAIT_SECONDS)

    steps: tuple[tuple[str, Callable[[], Awaitable[None]], float], ...] = (
        ("the dispatch of deliveries", dispatch_next, 0.0),
        ("the sweep", lambda: sweep(db, queue), SWEEP_SECONDS),
        ("the weekly analyses", lambda: analyze_weekly(db, queue), _WEEKLY_SWEEP_SECONDS),
        ("the first analyses", lambda: analyze_first(db, queue), _FIRST_SWEEP_SECONDS),
        ("the sweep of notifications", lambda: enqueue_due_notifications(db, queue, mail=mail), SWEEP_SECONDS),
        ("the expiry of deliveries", lambda: deliveries.expire(db, older_than=retention), _EXPIRE_SECONDS),
        ("the expiry of the outbox", lambda: outbox.expire(db, older_than=retention), _EXPIRE_SECONDS),
        ("the expiry of open pull requests", lambda: open_pulls.expire(db), _EXPIRE_SECONDS),
        ("the expiry of tokens", lambda: expire_tokens(db), _EXPIRE_SECONDS),
        ("the deletion of mirrors", lambda: asyncio.to_thread(enqueue_delete_unknown_mirrors, queue), _EXPIRE_SECONDS),
    )
    if sealer is not None:
        steps += (("the sealing of secrets", lambda: _reseal(db, sealer), _EXPIRE_SECONDS),)
    if syncs:
        steps += (("the sweep of syncs", lambda: enqueue_due_syncs(db, queue), SWEEP_SECONDS),)
    if healer is not None:
        steps += (
            ("the redelivery of webhooks", healer.redeliver_failed, REDELIVER_SECONDS),
            ("the comparison with GitHub", healer.compare_heads, COMPARE_SECONDS),
        )
    async with asyncio.TaskGroup() as tasks:
        for name, step, pause in steps:
            tasks.create_task(_forever(name, step, pause))


async def _reseal(db: Database, sealer: Sealer) -> None:
    """Seal again what the previous SECRET_KEY sealed. Processes that do not know the new one yet must end before."""
    await asyncio.sleep(_RESEAL_AFTER_SECONDS)
    resealed = await reseal(db, sealer)
    log.info("%d secrets are sealed again: SECRET_KEY_PREVIOUS does not hold any now", resealed.done)
    if resealed.unreadable:
        log.warning("%d secrets were sealed with neither SECRET_KEY nor the previous one", resealed.unreadable)


async def _forever(name: str, step: Callable[[], Awaitable[None]], pause: float) -> None:
    """Run a step again and again, with a pause in seconds after each run. An error is logged."""
    while True:
        try:
            await step()
        except KeyRefused as problem:
            log.error("%s waits: %s Next try in %d s", name, problem, _RETRY_SECONDS + pause)  # noqa: TRY400 - no bug
            await asyncio.sleep(_RETRY_SECONDS)
        except (RetryLater, GiveUp) as problem:
            log.info("%s waits: %s; next try in %d s", name, problem, _RETRY_SECONDS + pause)
            await asyncio.sleep(_RETRY_SECONDS)
        except TEMPORARY_ERRORS as problem:
            # A line: a traceback per second would fill the disk, which may be what the database lacks.
            why = str(problem.orig or problem)[:200]
            log.error("%s waits for the database: %s; next try in %d s", name, why, _RETRY_SECONDS + pause)  # noqa: TRY400
            await asyncio.sleep(_RETRY_SECONDS)
        except Exception:
            log.exception("%s failed; next try in %d s", name, _RETRY_SECONDS + pause)
            await asyncio.sleep(_RETRY_SECONDS)
        await asyncio.sleep(pause)


async def sweep(db: Database, queue: Queue) -> None:
    """Dispatch failed deliveries again, and enqueue analyses without a worker and the indexing of new repositories."""
    await asyncio.to_thread(_return_stranded, queue)
    if retried := await dispatch(db, queue, deliveries.find_retryable(db, _RETRY_DELIVERY_AFTER)):
        log.info("dispatched %d deliveries again", retried)
    unleased = await analyses.find_unleased(db, [AnalysisKind.CHANGE])
    if unleased:
        await asyncio.to_thread(enqueue_change_analyses, queue, unleased)
    if whole := await analyses.find_unleased(db, WHOLE_REPOSITORY_KINDS):
        await asyncio.to_thread(enqueue_repository_analyses, queue, whole)
    unindexed = await snapshots.find_unindexed(db, known_for=_BACKFILL_AFTER, tried_before=_RETRY_BACKFILL_AFTER)
    if unindexed:
        await asyncio.to_thread(enqueue_backfills, queue, unindexed)


def _return_stranded(queue: Queue) -> None:
    """Give the jobs of a machine without workers to the others."""
    with contextlib.suppress(QueueUnavailable):  # what follows does not need the queue in any case
        if returned := return_stranded(queue):
            log.info("%d jobs waited too long for their machine, and are for any now", returned)


async def analyze_weekly(db: Database, queue: Queue) -> None:
    """Start analyses of whole repositories that are due, a few at a time. The sweep enqueues what Redis loses."""
    scope = Scope(scheduled=True)
    for repository_id in await whole_analyses.find_due(db, older_than=_WEEK, at_once=_WEEKLY_AT_ONCE):
        if (started := await whole_analyses.start(db, repository_id, scope, SCHEDULER)) is not None:
            await asyncio.to_thread(enqueue_repository_analyses, queue, [started.id])


async def analyze_first(db: Database, queue: Queue) -> None:
    """Start the first analyses of repositories whose history was indexed, or whose items were synced, just now."""
    scope = Scope(kind=AnalysisKind.QUICK, scheduled=True)
    for repository_id, key in await first_analyses.find_first_due(db, known_for=_FIRST_AFTER, at_once=_FIRST_AT_ONCE):
        if (started := await whole_analyses.start(db, repository_id, scope, SCHEDULER, key=key)) is not None:
            await asyncio.to_thread(enqueue_repository_analyses, queue, [started.id])


async def enqueue_due_notifications(db: Database, queue: Queue, *, mail: bool) -> None:
    """Enqueue the job that sends notifications if any are due."""
    if await is_due(db, now(), mail=mail):
        await asyncio.to_thread(enqueue_send_notifications, open_notifications_queue(queue.connection))


async def enqueue_due_syncs(db: Database, queue: Queue) -> None:
    """Enqueue the sync of repositories whose time has come. The others wait until one of these has had its turn."""
    if due := await sync_states.find_due(db, at_once=_SYNCS_AT_ONCE, known_for=_SYNC_AFTER):
        await asyncio.to_thread(enqueue_syncs, open_notifications_queue(queue.connection), due)


def run_scheduler(settings: Settings) -> None:
    """Run the scheduler until the process is stopped."""

    async def run() -> None:
        db, redis = Database(settings.database_url, pool_size=2), connection.connect(settings.redis_url)
        await schema.check(db)
        queue, retention = open_queue(connect(settings.redis_url)), timedelta(days=settings.retention_days)
        mail, syncs = settings.mail is not None, not is_local(settings)
        tokens = TokenCache(redis, settings.secret_key, between_writes=settings.github_write_pause_ms / 1000)
        app = App(settings.app_id, settings.private_key, settings.github_api_url)
        healer = Healer(db, queue, tokens, app)
        sealer = Sealer(settings.secret_keys) if settings.secret_key_previous else None
        await schedule(db, redis, queue, retention, mail=mail, syncs=syncs, healer=healer, sealer=sealer)

    asyncio.run(run())
