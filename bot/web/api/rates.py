"""How often one may ask: per user with a token, per address without; counted in Redis for all web processes.

Headers: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/. A Redis that is away limits nobody.
"""

import logging
import time
from typing import Any

from aiohttp import web
from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.web.api.problems import problem
from bot.web.auth import Identity

_WINDOW = 60
_AWAY_SECONDS = 5.0  # nobody waits for a Redis that has just been seen to be away
log = logging.getLogger(__name__)


class Rates:
    """The limits of one application. per_minute: of a user, and of an address without a token."""

    def __init__(self, redis: Redis, per_minute: int) -> None:
        # The pool is ours, so the address is not used. That it may be given is documented, but not typed.
        options: dict[str, Any] = {"connection_pool": redis.connection_pool, "key_prefix": "gitinsight:rate"}
        self._storage = RedisStorage("async+redis://", implementation="redispy", **options)
        self._away_until = 0.0
        self._item = RateLimitItemPerMinute(per_minute)

    async def count(self, who: Identity | None, address: str | None) -> dict[str, str]:
        """Count one request; the headers that tell how many are left. Raises the 429 problem."""
        item, name = self._item, f"user:{who.user_id}" if who else f"address:{address}"
        minute, second = divmod(int(time.time()), _WINDOW)
        if time.monotonic() < self._away_until:
            return {}
        try:
            # The window's number is a part of its name, so that one round trip tells all there is to tell.
            context = await self._storage.incr(item.key_for(name, str(minute)), _WINDOW)
        except (RedisError, OSError) as away:
            log.warning("requests are not counted: %s", away)
            self._away_until = time.monotonic() + _AWAY_SECONDS
            return {}
        policy, seconds = "user" if who else "address", _WINDOW - second
        headers = {
            "RateLimit-Policy": f'"{policy}";q={item.amount};w={_WINDOW}',
            "RateLimit": f'"{policy}";r={max(0, item.amount - context)};t={seconds}',
        }
        if context > item.amount:
            again = f"{item.amount} requests a minute are allowed; wait {seconds} s."
            raise problem(429, "too-many-requests", again, headers=headers | {"Retry-After": str(seconds)})
        return headers


RATES = web.AppKey("rates", Rates)
