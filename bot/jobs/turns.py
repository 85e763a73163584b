"""Whose turn it is: a job of an analysis is a doorbell, and its worker takes the analysis that is next.

Installations take turns, so that sixty pull requests of one do not delay the single one of another. There are as many
jobs as analyses; each job runs one. What Redis loses of this only changes the order. Analyses whose mirror is on
another machine come last, for half a minute.
"""

import contextlib
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from time import time
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.db.engine import Database, now
from bot.db.waiting import WaitingAnalysis, find_waiting

_TURNS = "gitinsight:turns"
_TAKEN = "gitinsight:taken:"
# A worker claims what it has taken within this time.
_TAKEN_SECONDS = 15
_FORGET_SECONDS = 86_400
_LEFT_TO_OTHERS = timedelta(seconds=30)

Elsewhere = Callable[[Collection[int]], Awaitable[Collection[int]]]


async def nowhere(github_ids: Collection[int]) -> Collection[int]:
    """No mirror is on another machine."""
    return ()


async def next_analysis(db: Database, redis: Redis, rung_for: UUID, elsewhere: Elsewhere = nowhere) -> UUID:
    """The analysis to run for a job that was enqueued for this one, which is the answer if none waits.

    elsewhere: those of these repositories that another machine has the mirror of.
    """
    waiting = await find_waiting(db)
    fresh = {one.github_id for some in waiting.values() for one in some if one.since > now() - _LEFT_TO_OTHERS}
    others = await elsewhere(fresh) if fresh else ()
    try:
        in_turn = [(turn, one) for turn in await _in_turn(redis, list(waiting)) for one in waiting[turn]]
        for installation, one in sorted(in_turn, key=lambda pair: _is_left(pair[1], others)):
            if await redis.set(f"{_TAKEN}{one.id}", "", ex=_TAKEN_SECONDS, nx=True):
                await redis.hset(_TURNS, str(installation), str(time()))
                await redis.expire(_TURNS, _FORGET_SECONDS)
                return one.id
    except RedisError:
        pass
    return rung_for


async def give_back(redis: Redis, analysis_id: UUID) -> None:
    """Let another worker take an analysis at once."""
    with contextlib.suppress(RedisError, OSError):
        await redis.delete(f"{_TAKEN}{analysis_id}")


def _is_left(one: WaitingAnalysis, others: Collection[int]) -> bool:
    """Whether an analysis is left to the machine that has the mirror."""
    return one.github_id in others and one.since > now() - _LEFT_TO_OTHERS


async def _in_turn(redis: Redis, installations: list[int]) -> list[int]:
    """The installations, the one whose last turn is longest ago first; without a turn, in the given order."""
    if not installations:
        return []
    last = await redis.hmget(_TURNS, [str(one) for one in installations])
    turns = {one: float(moment or 0) for one, moment in zip(installations, last, strict=True)}
    return sorted(installations, key=turns.__getitem__)
