"""How much of GitHub's primary limit the installations have left, as its answers say. `/metrics` shows the lowest.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from gidgethub.sansio import RateLimit
from redis.asyncio import Redis
from redis.exceptions import RedisError

_LEFT, _RESET = "gitinsight:github-left", "gitinsight:github-reset"
_EXPIRED_AT_ONCE = 10_000
LOW = 0.1


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left of the limit.

    lowest: the smallest share of all installations, 0 to 1; 1 if none has called GitHub since its limit was reset.
    low: how many installations have less than LOW left.
    """

    lowest: float
    low: int


@dataclass(frozen=True, slots=True)
class InstallationBudget:
    """What an installation has left. left: the share of its limit, 0 to 1, until `reset_at`."""

    installation_id: int
    left: float
    reset_at: datetime


async def note_budget(redis: Redis, installation_id: int, rate: RateLimit) -> None:
    """Keep what an answer says of the limit of an installation. Without Redis it is not kept."""
    if rate.limit <= 0:
        return
    member = str(installation_id)
    try:
        async with redis.pipeline(transaction=False) as pipeline:
            pipeline.zadd(_LEFT, {member: rate.remaining / rate.limit})
            pipeline.zadd(_RESET, {member: rate.reset_datetime.timestamp()})
            await pipeline.execute()
    except (RedisError, OSError):
        return


async def read_budget(redis: Redis) -> Budget:
    """The budget of all installations now. Raises RedisError or OSError when Redis does not answer."""
    over = await redis.zrange(_RESET, "-inf", str(time.time()), byscore=True, offset=0, num=_EXPIRED_AT_ONCE)
    if over:
        await redis.zrem(_LEFT, *over)
        await redis.zrem(_RESET, *over)
    lowest = await redis.zrange(_LEFT, 0, 0, withscores=True)
    return Budget(float(lowest[0][1]) if lowest else 1.0, int(await redis.zcount(_LEFT, "-inf", f"({LOW}")))


async def read_installations(redis: Redis, most: int) -> list[InstallationBudget]:
    """The installations that have called GitHub since their limit was reset, the least left first.

    Raises RedisError or OSError when Redis does not answer.
    """
    left = await redis.zrange(_LEFT, 0, most - 1, withscores=True)
    found = []
    for entry in left:
        member, share = entry[0], entry[1]
        reset = await redis.zscore(_RESET, member)
        if reset is not None and reset > time.time():
            found.append(InstallationBudget(int(member), float(share), datetime.fromtimestamp(reset, UTC)))
    return found
