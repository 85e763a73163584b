"""The worker: runs the jobs of the queue, each in a process of its own."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

from bot.db import repository_views
from bot.db.forgotten import is_stored
from bot.errors import GiveUp, RetryLater
from bot.jobs.analyze_change import analyze_change
from bot.jobs.analyze_code import analyze_code
from bot.jobs.analyze_repository import analyze_repository
from bot.jobs.backfill import backfill, replay_past
from bot.jobs.delete_mirror import delete_mirror, delete_unknown_mirrors
from bot.jobs.learn_history import bring_index, lacks_back_test, learn_history
from bot.jobs.placing import bring_mirror, change_handed_on, elsewhere, handed_on, has_arrived
from bot.jobs.resources import open_context
from bot.jobs.rq_worker import serve_queues
from bot.jobs.turns import give_back, next_analysis
from bot.pipeline.context import Context
from bot.queue import connection
from bot.queue.enqueue import (
    ANALYZE_CHANGE,
    ANALYZE_CODE,
    ANALYZE_REPOSITORY,
    BACK_TEST,
    BACKFILL,
    DELETE_MIRROR,
    DELETE_UNKNOWN_MIRRORS,
    LEARN_HISTORY,
    QueueUnavailable,
    connect,
    open_queue,
)
from bot.queue.machines import machine_queue
from bot.settings import Settings
from bot.storage import machine_id

log = logging.getLogger(__name__)


def job_table(settings: Settings) -> dict[str, Callable[..., object]]:
    """Return the functions of all jobs by name. Each function opens the resources of its job."""

    def job(run: Callable[[Context, UUID], Awaitable[None]]) -> Callable[[str], None]:
        def run_job(identifier: str) -> None:
            asyncio.run(_with_context(settings, run, UUID(identifier)))

        return run_job

    def run_analyze_code(
        request_id: str, repository_id: str, paths: list[str], wanted: list[str], deadline: float
    ) -> None:
        asyncio.run(_analyze_code(settings, UUID(request_id), UUID(repository_id), paths, wanted, deadline))

    def run_change(identifier: str) -> None:
        asyncio.run(_analyze_next(settings, UUID(identifier)))

    def run_delete_mirror(github_id: int) -> None:
        asyncio.run(_delete_mirror(settings, github_id))

    def run_delete_unknown_mirrors() -> None:
        asyncio.run(_delete_unknown_mirrors(settings))

    return {
        ANALYZE_CHANGE: run_change,
        LEARN_HISTORY: job(_learn),
        BACKFILL: job(_backfill),
        BACK_TEST: job(_replay_past),
        ANALYZE_REPOSITORY: job(analyze_repository),
        ANALYZE_CODE: run_analyze_code,
        DELETE_MIRROR: run_delete_mirror,
        DELETE_UNKNOWN_MIRRORS: run_delete_unknown_mirrors,
    }


async def _analyze_next(settings: Settings, rung_for: UUID) -> None:
    redis = connection.connect(settings.redis_url)
    try:
        async with open_context(settings) as context:
            sync = connect(settings.redis_url)
            if has_arrived():  # the worker that handed it on has taken it
                await give_back(redis, rung_for)
            chosen = await next_analysis(context.db, redis, rung_for, partial(elsewhere, context, sync))
            if not await change_handed_on(context, chosen):
                await analyze_change(context, chosen)
    finally:
        await redis.aclose()


async def _learn(context: Context, repository_id: UUID) -> None:
    if not await _is_here(context, repository_id):
        return
    if await learn_history(context.db, context.mirrors, repository_id, embedder=context.embedder):
        await _enqueue_first_back_test(context, repository_id)


async def _backfill(context: Context, repository_id: UUID) -> None:
    if await backfill(context, repository_id):
        await _enqueue_first_back_test(context, repository_id)


async def _replay_past(context: Context, repository_id: UUID) -> None:
    if await _is_here(context, repository_id) and await bring_index(context.db, context.mirrors, repository_id):
        await replay_past(context.db, context.mirrors, repository_id)


async def _is_here(context: Context, repository_id: UUID) -> bool:
    """Bring the mirror of a repository to this machine. False if that is not possible now."""
    repository = await repository_views.get_repository(context.db, repository_id)
    if repository is None:
        return False
    try:
        await bring_mirror(context, repository)
    except (GiveUp, RetryLater) as problem:
        log.warning("%s could not be fetched: %s; the next analysis tries again", repository.full_name, problem)
        return False
    return True


async def _enqueue_first_back_test(context: Context, repository_id: UUID) -> None:
    """Enqueue the back-test of a repository that has none. It waits behind the jobs that are already in the queue."""
    if await lacks_back_test(context.db, repository_id):
        with contextlib.suppress(QueueUnavailable):  # the next update of the snapshots enqueues it
            context.enqueue_back_test(repository_id)


async def _delete_mirror(settings: Settings, github_id: int) -> None:
    async with open_context(settings) as context:
        await delete_mirror(context.db, context.mirrors, github_id, context.redis)


async def _delete_unknown_mirrors(settings: Settings) -> None:
    async with open_context(settings) as context:
        await delete_unknown_mirrors(context.db, context.mirrors, context.redis)


async def _analyze_code(
    settings: Settings, request_id: UUID, repository_id: UUID, paths: list[str], wanted: list[str], deadline: float
) -> None:
    redis = connection.connect(settings.redis_url)
    try:
        async with open_context(settings) as context:
            if not await handed_on(context, repository_id):
                await analyze_code(context, redis, request_id, repository_id, paths, wanted, deadline)
    finally:
        await redis.aclose()


async def _with_context(settings: Settings, run: Callable[[Context, UUID], Awaitable[None]], identifier: UUID) -> None:
    async with open_context(settings) as context:
        try:
            if not await handed_on(context, identifier):
                await run(context, identifier)
        except Exception as problem:
            if await is_stored(context.db, identifier):
                raise
            log.info("the repository was deleted during a job on it (%s)", type(problem).__name__)


def work(settings: Settings) -> None:
    """Run the worker until a signal stops it. SIGTERM and SIGINT let the current job finish."""
    shared = open_queue(connect(settings.redis_url))
    serve_queues([machine_queue(shared, machine_id(settings.data_dir)), shared], job_table(settings))
