"""What happened, counted for all processes of an instance in one hash of Redis. `/metrics` shows it.

The fields are names and values of enums, so that their number is bounded. A Redis that loses the hash begins at zero
again, which Prometheus takes for a restart (https://prometheus.io/docs/concepts/metric_types/#counter). Counting never
fails: what happens while Redis is away is not counted.
"""

from collections.abc import Iterator, Mapping

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import RedisError

from bot.queue.connection import not_swallowing_cancellation

_KEY = "gitinsight:counters"
DELIVERIES = "deliveries"  # outcome
ANALYSES = "analyses"  # status, conclusion
RETRIES = "retries"  # reason
STEP_SECONDS = "step-seconds"  # step, then the upper bound of a bucket, or `sum`
# Seconds. A step of a small repository takes a tenth of a second, the first indexing of a large one many minutes.
BUCKETS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0)
SUM, ENDLESS = "sum", "+Inf"

Field = tuple[str, ...]


async def count(redis: AsyncRedis, added: Mapping[Field, float]) -> None:
    """Add to counters."""
    if not added:
        return
    try:
        async with redis.pipeline(transaction=False) as pipeline:
            for field, amount in added.items():
                pipeline.hincrbyfloat(_KEY, "|".join(field), amount)
            await not_swallowing_cancellation(pipeline.execute())
    except (RedisError, OSError):
        return


def count_now(redis: Redis, added: Mapping[Field, float]) -> None:
    """As `count`, with a connection that blocks."""
    try:
        with redis.pipeline(transaction=False) as pipeline:
            for field, amount in added.items():
                pipeline.hincrbyfloat(_KEY, "|".join(field), amount)
            pipeline.execute()
    except (RedisError, OSError):
        return


async def read_counters(redis: AsyncRedis) -> dict[Field, float]:
    """All counters. Raises RedisError or OSError when Redis does not answer."""
    return {tuple(_text(field).split("|")): float(amount) for field, amount in (await redis.hgetall(_KEY)).items()}


def of_step(step: str, seconds: float) -> Iterator[tuple[Field, float]]:
    """What one run of a step adds to the counters: to the first bucket that is large enough, and to the sum."""
    bucket = next((f"{bound:g}" for bound in BUCKETS if seconds <= bound), ENDLESS)
    yield (STEP_SECONDS, step, bucket), 1.0
    yield (STEP_SECONDS, step, SUM), seconds


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
