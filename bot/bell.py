"""The bell between web and scheduler: rung when deliveries were stored, so that they are dispatched at once.

Only the database says what waits. A ring that is lost costs the listener's patience, never a delivery.
"""

import asyncio
from collections.abc import Awaitable

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

_BELL = "gitinsight:deliveries"


def connect(url: str) -> Redis:
    """A connection that fails fast: nobody waits for a bell."""
    return Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5, retry=Retry(NoBackoff(), 0))


async def ring(redis: Redis) -> None:
    """Say that deliveries wait. Raises RedisError or OSError when nobody can be told."""
    async with redis.pipeline(transaction=True) as pipeline:
        pipeline.lpush(_BELL, "")
        pipeline.ltrim(_BELL, 0, 0)
        await _cancellable(pipeline.execute())


async def wait(redis: Redis, seconds: int) -> None:
    """Return at the next ring, or at one nobody has heard yet, or after whole seconds. Raises as `ring`."""
    await _cancellable(redis.blpop([_BELL], timeout=seconds))


async def _cancellable(call: Awaitable[object]) -> None:
    """redis-py loses a cancellation that comes while it connects; whoever was cancelled learns it here."""
    try:
        await call
    finally:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
