"""Connections to Redis or Valkey by URL: of one server (`redis://`, `rediss://`, `unix://`), or of Sentinels.

`redis+sentinel://user:password@host:26379,host:26379/NAME/0`: NAME is the name of the master, 0 the database.
`rediss+sentinel://` is the same over TLS. User and password are those of the servers; a Sentinel with its own has them
in the query: `?sentinel_username=…&sentinel_password=…`. https://redis.io/docs/latest/develop/reference/sentinel-clients/
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.sentinel import Sentinel

_SENTINEL = {"redis+sentinel": False, "rediss+sentinel": True}
_PORT = 26379


@dataclass(frozen=True, slots=True)
class _Sentinels:
    """What a Sentinel URL says. options: of the connections to the servers. own_options: of those to the Sentinels."""

    places: list[tuple[str, int]]
    master: str
    options: dict[str, Any] = field(repr=False)
    own_options: dict[str, Any] = field(repr=False)


def open_redis(url: str, **options: Any) -> Redis:
    """A client of the server, or of the present master. Raises ValueError for a malformed URL."""
    if (found := _sentinels(url)) is None:
        return Redis.from_url(url, **options)
    own = options | found.own_options
    # redis-py leaves this class untyped.
    sentinel: Any = Sentinel(found.places, sentinel_kwargs=own, **options | found.options)  # type: ignore[no-untyped-call]
    client: Redis = sentinel.master_for(found.master)
    return client


def open_async_redis(url: str, **options: Any) -> AsyncRedis:
    """As `open_redis`, for asyncio."""
    if (found := _sentinels(url)) is None:
        return AsyncRedis.from_url(url, **options)
    own = options | found.own_options
    sentinel: Any = AsyncSentinel(found.places, sentinel_kwargs=own, **options | found.options)  # type: ignore[no-untyped-call]
    client: AsyncRedis = sentinel.master_for(found.master)
    return client


def _sentinels(url: str) -> _Sentinels | None:
    """What the URL says of Sentinels; None for the URL of one server."""
    parts = urlsplit(url)
    if parts.scheme not in _SENTINEL:
        return None
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    master, _, database = parts.path.strip("/").partition("/")
    places = [_place(host) for host in hosts.split(",") if host]
    if not places or not master or not (database or "0").isdecimal():
        raise ValueError("REDIS_URL must be redis+sentinel://HOST:PORT,HOST:PORT/NAME_OF_THE_MASTER/DATABASE")
    tls = {"ssl": True} if _SENTINEL[parts.scheme] else {}
    named = {"username": unquote(user) or None, "password": unquote(password) or None, "db": int(database or 0)}
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    own = {"username": query.get("sentinel_username"), "password": query.get("sentinel_password")}
    return _Sentinels(places, unquote(master), tls | named, tls | own)


def _place(host: str) -> tuple[str, int]:
    """Host and port; an IPv6 address stands in brackets."""
    parts = urlsplit(f"//{host}")
    if not parts.hostname:
        raise ValueError("a Sentinel in REDIS_URL has no host")
    return parts.hostname, parts.port or _PORT
