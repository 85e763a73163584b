"""Connections to Redis or Valkey by REDIS_URL (`redis_address.py`): to one server, or to the present master."""

from typing import Any

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.sentinel import Sentinel

from bot.redis_address import sentinels


def open_redis(url: str, **options: Any) -> Redis:
    """A client of the server, or of the present master. url: as the settings have checked it."""
    if (found := sentinels(url)) is None:
        return Redis.from_url(url, **options)
    own = options | found.own_options
    # redis-py leaves this class untyped.
    sentinel: Any = Sentinel(found.places, sentinel_kwargs=own, **options | found.options)  # type: ignore[no-untyped-call]
    client: Redis = sentinel.master_for(found.master)
    return client


def open_async_redis(url: str, **options: Any) -> AsyncRedis:
    """As `open_redis`, for asyncio."""
    if (found := sentinels(url)) is None:
        return AsyncRedis.from_url(url, **options)
    own = options | found.own_options
    sentinel: Any = AsyncSentinel(found.places, sentinel_kwargs=own, **options | found.options)  # type: ignore[no-untyped-call]
    client: AsyncRedis = sentinel.master_for(found.master)
    return client
