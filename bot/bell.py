"""The bell between web and scheduler: rung when deliveries were stored, so that they are dispatched at once.

Only the database says what waits. A ring that is lost costs the listener's patience, never a delivery. And the way
back from a worker to a request that waits for its answer.
"""

import asyncio
from collections.abc import Awaitable
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

_BELL = "gitinsight:deliveries"
_REPLY = "gitinsight:reply:"
_REPLY_SECONDS = 60
_LOOK_SECONDS = 2


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


async def reply(redis: Redis, question: UUID, content: bytes) -> None:
    """Answer a question that somebody waits for (`answered`). Raises as `ring`."""
    async with redis.pipeline(transaction=True) as pipeline:
        pipeline.lpush(f"{_REPLY}{question}", content)
        pipeline.expire(f"{_REPLY}{question}", _REPLY_SECONDS)
        await _cancellable(pipeline.execute())


async def answered(redis: Redis, question: UUID, seconds: float) -> bytes | None:
    """The answer to a question, None when none came in time. Raises as `ring`."""
    deadline = asyncio.get_running_loop().time() + seconds
    while (left := deadline - asyncio.get_running_loop().time()) > 0:
        # Shorter than the connection's own time-out, so that waiting does not look like a dead Redis.
        found = await redis.blpop([f"{_REPLY}{question}"], timeout=min(_LOOK_SECONDS, left))
        if found is not None:
            return found[1] if isinstance(found[1], bytes) else found[1].encode()
    return None


async def _cancellable(call: Awaitable[object]) -> None:
    """redis-py loses a cancellation that comes while it connects; whoever was cancelled learns it here."""
    try:
        await call
    finally:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
