"""Rate limits: per user with a token, per address without one. Redis counts the requests of all web processes.

Headers: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/. Without Redis there is no limit.
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
_PAUSE_SECONDS = 5.0  # after a failure, requests do not wait for Redis for this long
log = logging.getLogger(__name__)


class Rates:
    """The rate limits of one application. per_minute: for each user, and for each address without a token."""

    def __init__(self, redis: Redis, per_minute: int) -> None:
        # The connections come from our pool, so the address is not used. The option is documented, but not typed.
        options: dict[str, Any] = {"connection_pool": redis.connection_pool, "key_prefix": "gitinsight:rate"}
        self._storage = RedisStorage("async+redis://", implementation="redispy", **options)
        self._paused_until = 0.0
        self._item = RateLimitItemPerMinute(per_minute)

    async def count(self, caller: Identity | None, address: str | None) -> dict[str, str]:
        """Count one request. Returns the rate-limit headers. Raises 429."""
        item, name = self._item, f"user:{caller.user_id}" if caller else f"address:{address}"
        minute, second = divmod(int(time.time()), _WINDOW)
        if time.monotonic() < self._paused_until:
            return {}
        try:
            # The key contains the number of the minute, so that one round trip is enough.
            used = await self._storage.incr(item.key_for(name, str(minute)), _WINDOW)
        except (RedisError, OSError) as failure:
            log.warning("requests are not counted, because Redis does not answer: %s", failure)
            self._paused_until = time.monotonic() + _PAUSE_SECONDS
            return {}
        policy, seconds = "user" if caller else "address", _WINDOW - second
        headers = {
            "RateLimit-Policy": f'"{policy}";q={item.amount};w={_WINDOW}',
            "RateLimit": f'"{policy}";r={max(0, item.amount - used)};t={seconds}',
        }
        if used > item.amount:
            sentence = f"{item.amount} requests per minute are allowed. Try again in {seconds} s."
            raise problem(429, "too-many-requests", sentence, headers=headers | {"Retry-After": str(seconds)})
        return headers


RATES = web.AppKey("rates", Rates)
