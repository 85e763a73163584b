"""Which workers are alive, as RQ registers them: a set of keys per queue, and a key per worker that expires."""

from redis.asyncio import Redis

from bot.queue.enqueue import NOTIFICATIONS_QUEUE, QUEUE


async def queues_without_workers(redis: Redis) -> list[str]:
    """The queues that no living worker watches. Raises RedisError or OSError when Redis does not answer."""
    return [name for name in (QUEUE, NOTIFICATIONS_QUEUE) if not await _has_worker(redis, name)]


async def _has_worker(redis: Redis, name: str) -> bool:
    keys = await redis.smembers(f"rq:workers:{name}")
    return bool(keys) and await redis.exists(*keys) > 0
