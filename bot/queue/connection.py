"""The asynchronous connection to Redis that the web process and the scheduler use."""

import asyncio
from collections.abc import Awaitable

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from bot.queue.address import open_async_redis


def connect(url: str) -> Redis:
    """A connection that fails fast: an unreachable Redis must not delay requests."""
    return open_async_redis(url, socket_connect_timeout=2, socket_timeout=5, retry=Retry(NoBackoff(), 0))


async def not_swallowing_cancellation(call: Awaitable[object]) -> None:
    """Await a call of redis-py. It swallows a cancellation while it connects; this function raises it."""
    try:
        await call
    finally:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
