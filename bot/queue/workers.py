"""Which workers are alive, as RQ registers them: a set of keys per queue, and a key per worker that expires."""

from redis.asyncio import Redis

from bot.queue.enqueue import NOTIFICATIONS_QUEUE
from bot.queue.machines import PREFIX, QUEUE

QUEUES = (QUEUE, NOTIFICATIONS_QUEUE)


async def queues_without_workers(redis: Redis) -> list[str]:
    """The queues that no living worker watches. Raises RedisError or OSError when Redis does not answer."""
    return [name for name in QUEUES if await count_workers(redis, name) == 0]


async def count_workers(redis: Redis, name: str) -> int:
    """How many living workers watch a queue. Raises RedisError or OSError when Redis does not answer."""
    keys = await redis.smembers(f"rq:workers:{name}")
    return int(await redis.exists(*keys)) if keys else 0


async def count_jobs(redis: Redis, name: str) -> int:
    """How many jobs of a queue wait for a worker; of the shared one with those that wait for a machine.

    Raises RedisError or OSError when Redis does not answer.
    """
    keys = [f"rq:queue:{name}"]
    if name == QUEUE:
        known = [_text(key) for key in await redis.smembers("rq:queues")]
        keys += [key for key in known if key.startswith(f"rq:queue:{PREFIX}")]
    return sum([int(await redis.llen(key)) for key in keys])


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
