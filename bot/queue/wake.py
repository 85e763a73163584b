"""Wake the scheduler when deliveries were stored, so that it dispatches them at once.

The deliveries are in the database. A lost wake-up delays them by a second; none is lost.
"""

from redis.asyncio import Redis

from bot.queue.connection import not_swallowing_cancellation

_KEY = "gitinsight:wake"


async def wake(redis: Redis) -> None:
    """Tell the scheduler that deliveries wait. Raises RedisError or OSError when Redis does not answer."""
    async with redis.pipeline(transaction=True) as pipeline:
        pipeline.lpush(_KEY, "")
        pipeline.ltrim(_KEY, 0, 0)
        await not_swallowing_cancellation(pipeline.execute())


async def wait(redis: Redis, seconds: int) -> None:
    """Return at the next or an earlier unread wake-up, or after `seconds`. Raises as `wake`."""
    await not_swallowing_cancellation(redis.blpop([_KEY], timeout=seconds))
