"""How often one may ask: per user with a token, per address without; counted in Redis for all web processes.

Headers: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/. A Redis that is away limits nobody.
"""

import logging
import math
import time
from typing import Any

from aiohttp import web
from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.web.api.problems import problem
from bot.web.auth import Identity

log = logging.getLogger(__name__)


class Rates:
    """The limits of one application. per_minute: of a user; an address without a token has a tenth."""

    def __init__(self, redis: Redis, per_minute: int) -> None:
        # The pool is ours, so the address is not used. That it may be given is documented, but not typed.
        options: dict[str, Any] = {"connection_pool": redis.connection_pool, "key_prefix": "gitinsight:rate"}
        storage = RedisStorage("async+redis://", implementation="redispy", **options)
        self._limiter = FixedWindowRateLimiter(storage)
        self._user = RateLimitItemPerMinute(per_minute)
        self._address = RateLimitItemPerMinute(max(1, per_minute // 10))

    async def count(self, who: Identity | None, address: str | None) -> dict[str, str]:
        """Count one request; the headers that tell how many are left. Raises the 429 problem."""
        item, name = (self._user, f"user:{who.user_id}") if who else (self._address, f"address:{address}")
        try:
            within = await self._limiter.hit(item, name)
            window = await self._limiter.get_window_stats(item, name)
        except (RedisError, OSError) as away:
            log.warning("requests are not counted: %s", away)
            return {}
        policy = "user" if who else "address"
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        headers = {
            "RateLimit-Policy": f'"{policy}";q={item.amount};w=60',
            "RateLimit": f'"{policy}";r={max(0, window.remaining)};t={seconds}',
        }
        if not within:
            again = f"{item.amount} requests a minute are allowed; wait {seconds} s."
            raise problem(429, "too-many-requests", again, headers=headers | {"Retry-After": str(seconds)})
        return headers


RATES = web.AppKey("rates", Rates)
