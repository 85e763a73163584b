"""Wake the scheduler when deliveries were stored, so that it dispatches them at once.

Only the database says what waits. A wake-up that is lost costs a second of delay, never a delivery.
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
    """Return at the next wake-up, at one that came before anybody waited, or after `seconds`. Raises as `wake`."""
    await not_swallowing_cancellation(redis.blpop([_KEY], timeout=seconds))
