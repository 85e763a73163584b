"""Opens the resources of a job."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis as AsyncRedis
from rq import Queue

from bot.db.engine import Database
from bot.github.tokens import App, TokenCache
from bot.ml.embeddings import Embedder
from bot.pipeline.context import Context
from bot.pipeline.summary import Summarizer
from bot.queue.address import open_async_redis
from bot.queue.enqueue import connect, enqueue_back_test, enqueue_change_analyses, enqueue_learn_history, open_queue
from bot.settings import Settings
from bot.storage import machine_id


@asynccontextmanager
async def open_context(settings: Settings) -> AsyncIterator[Context]:
    """Open the resources of a job, and close them after the block."""
    db = Database(settings.database_url, pool_size=2)
    redis = open_async_redis(settings.redis_url, socket_connect_timeout=2, socket_timeout=5)
    try:
        yield Context(
            db=db,
            tokens=TokenCache(redis, settings.secret_key, between_writes=settings.github_write_pause_ms / 1000),
            app=App(settings.app_id, settings.private_key, settings.github_api_url),
            github_url=settings.github_url,
            public_url=settings.public_url,
            mirrors=settings.data_dir / "mirrors",
            max_repository_mb=settings.max_repository_mb,
            enqueue_change_analysis=lambda analysis_id: enqueue_change_analyses(_queue(settings), [analysis_id]),
            enqueue_learn_history=lambda repository_id: enqueue_learn_history(_queue(settings), repository_id),
            enqueue_back_test=lambda repository_id: enqueue_back_test(_queue(settings), repository_id),
            embedder=Embedder(settings.embedding_model, settings.data_dir),
            summarizer=_summarizer(settings, redis),
            redis=redis,
            machine=machine_id(settings.data_dir),
            files_url="" if settings.stand_in else settings.github_url,
        )
    finally:
        await redis.aclose()
        await db.close()


def _summarizer(settings: Settings, redis: AsyncRedis) -> Summarizer | None:
    return Summarizer(settings.summary_url, settings.summary_model, redis) if settings.summary_url else None


def _queue(settings: Settings) -> Queue:
    return open_queue(connect(settings.redis_url))
