"""Whose turn it is: a job of an analysis is a doorbell, and its worker takes the analysis that is next.

Installations take turns, so that sixty pull requests of one do not delay the single one of another. There are as many
jobs as analyses; each job runs one. What Redis loses of this only changes the order.
"""

from time import time
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.db.engine import Database
from bot.db.waiting import find_waiting

_TURNS = "gitinsight:turns"
_TAKEN = "gitinsight:taken:"
# A worker claims what it has taken within this time.
_TAKEN_SECONDS = 15
_FORGET_SECONDS = 86_400


async def next_analysis(db: Database, redis: Redis, rung_for: UUID) -> UUID:
    """The analysis to run for a job that was enqueued for this one, which is the answer if none waits."""
    waiting = await find_waiting(db)
    try:
        for installation in await _in_turn(redis, list(waiting)):
            for analysis_id in waiting[installation]:
                if await redis.set(f"{_TAKEN}{analysis_id}", "", ex=_TAKEN_SECONDS, nx=True):
                    await redis.hset(_TURNS, str(installation), str(time()))
                    await redis.expire(_TURNS, _FORGET_SECONDS)
                    return analysis_id
    except RedisError:
        pass
    return rung_for


async def _in_turn(redis: Redis, installations: list[int]) -> list[int]:
    """The installations, the one whose last turn is longest ago first; without a turn, in the given order."""
    if not installations:
        return []
    last = await redis.hmget(_TURNS, [str(one) for one in installations])
    turns = {one: float(moment or 0) for one, moment in zip(installations, last, strict=True)}
    return sorted(installations, key=turns.__getitem__)
