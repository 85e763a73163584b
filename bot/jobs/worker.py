"""The worker: takes jobs off the queue and runs each in a process of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from redis.asyncio import Redis as AsyncRedis
from rq import Worker

from bot import bell
from bot.db.engine import Database
from bot.github.tokens import App, TokenCache
from bot.jobs.analyze_change import analyze_change
from bot.jobs.analyze_code import analyze_code
from bot.jobs.analyze_repository import analyze_repository
from bot.jobs.forget_repository import forget_repository
from bot.jobs.learn_history import learn_history
from bot.jobs.work import Context
from bot.queue import (
    ANALYZE_CHANGE,
    ANALYZE_CODE,
    ANALYZE_REPOSITORY,
    FORGET_REPOSITORY,
    LEARN_HISTORY,
    NamedJob,
    connect,
    open_queue,
    ring_learning,
)
from bot.settings import Settings

# Short enough that a worker started after a crash finds what the crash left within a minute.
_MAINTENANCE_SECONDS = 20
_WORKER_TTL = 45
_MONITORING_SECONDS = 5


def job_table(settings: Settings) -> dict[str, Callable[..., object]]:
    """Every job a worker may run, by name. Each opens what it needs at its edge: one `asyncio.run` per job."""

    def run_analyze_change(analysis_id: str) -> None:
        asyncio.run(_with_context(settings, analyze_change, UUID(analysis_id)))

    def run_analyze_repository(analysis_id: str) -> None:
        asyncio.run(_with_context(settings, analyze_repository, UUID(analysis_id)))

    def run_analyze_code(question: str, repository_id: str, paths: list[str], wanted: list[str], until: float) -> None:
        asyncio.run(_answer(settings, UUID(question), UUID(repository_id), paths, wanted, until))

    def run_forget_repository(github_id: int) -> None:
        asyncio.run(_forget(settings, github_id))

    def run_learn_history(repository_id: str) -> None:
        asyncio.run(_learn(settings, UUID(repository_id)))

    return {
        ANALYZE_CHANGE: run_analyze_change,
        LEARN_HISTORY: run_learn_history,
        ANALYZE_REPOSITORY: run_analyze_repository,
        ANALYZE_CODE: run_analyze_code,
        FORGET_REPOSITORY: run_forget_repository,
    }


async def _learn(settings: Settings, repository_id: UUID) -> None:
    db = Database(settings.database_url, pool_size=2)
    try:
        await learn_history(db, settings.data_dir / "mirrors", repository_id)
    finally:
        await db.close()


async def _forget(settings: Settings, github_id: int) -> None:
    db = Database(settings.database_url, pool_size=2)
    try:
        await forget_repository(db, settings.data_dir / "mirrors", github_id)
    finally:
        await db.close()


async def _answer(
    settings: Settings, question: UUID, repository_id: UUID, paths: list[str], wanted: list[str], until: float
) -> None:
    db, redis = Database(settings.database_url, pool_size=2), bell.connect(settings.redis_url)
    try:
        await analyze_code(db, redis, settings.data_dir / "mirrors", question, repository_id, paths, wanted, until)
    finally:
        await redis.aclose()
        await db.close()


async def _with_context(settings: Settings, job: Callable[[Context, UUID], Awaitable[None]], analysis_id: UUID) -> None:
    db = Database(settings.database_url, pool_size=2)
    redis = AsyncRedis.from_url(settings.redis_url, socket_connect_timeout=2, socket_timeout=5)
    try:
        await job(
            Context(
                db=db,
                tokens=TokenCache(redis, settings.secret_key),
                app=App(settings.app_id, settings.private_key, settings.github_api_url),
                github_url=settings.github_url,
                public_url=settings.public_url,
                mirrors=settings.data_dir / "mirrors",
                max_repository_mb=settings.max_repository_mb,
                learn=lambda repository_id: ring_learning(open_queue(connect(settings.redis_url)), repository_id),
            ),
            analysis_id,
        )
    finally:
        await redis.aclose()
        await db.close()


def work(settings: Settings) -> None:
    """Work until told to stop (SIGTERM, SIGINT finish the job at hand)."""
    NamedJob.table = job_table(settings)
    redis = connect(settings.redis_url)
    worker = Worker(
        [open_queue(redis)],
        connection=redis,
        job_class=NamedJob,
        serializer="rq.serializers.JSONSerializer",
        maintenance_interval=_MAINTENANCE_SECONDS,
        worker_ttl=_WORKER_TTL,
        job_monitoring_interval=_MONITORING_SECONDS,
    )
    worker.work(logging_level="WARNING")
