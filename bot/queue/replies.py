"""Replies of workers to HTTP requests that wait for a result, through Redis."""

import asyncio
from uuid import UUID

from redis.asyncio import Redis

from bot.queue.connection import not_swallowing_cancellation

_PREFIX = "gitinsight:reply:"
_KEPT_SECONDS = 60
# Shorter than the time-out of the connection, so that waiting does not end with an error.
_POLL_SECONDS = 2


async def send_reply(redis: Redis, request_id: UUID, content: bytes) -> None:
    """Reply to the request that waits in `wait_for_reply`. Raises RedisError or OSError."""
    async with redis.pipeline(transaction=True) as pipeline:
        pipeline.lpush(f"{_PREFIX}{request_id}", content)
        pipeline.expire(f"{_PREFIX}{request_id}", _KEPT_SECONDS)
        await not_swallowing_cancellation(pipeline.execute())


async def wait_for_reply(redis: Redis, request_id: UUID, seconds: float) -> bytes | None:
    """The reply to a request; None if it did not arrive in time. Raises RedisError or OSError."""
    deadline = asyncio.get_running_loop().time() + seconds
    while (remaining := deadline - asyncio.get_running_loop().time()) > 0:
        found = await redis.blpop([f"{_PREFIX}{request_id}"], timeout=min(_POLL_SECONDS, remaining))
        if found is not None:
            return found[1] if isinstance(found[1], bytes) else found[1].encode()
    return None
