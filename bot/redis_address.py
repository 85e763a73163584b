"""REDIS_URL: of one server (`redis://`, `rediss://`, `unix://`), or of Sentinels.

`redis+sentinel://user:password@host:26379,host:26379/NAME/0`: NAME is the name of the master, 0 the database.
`rediss+sentinel://` is the same over TLS. User and password are those of the servers; a Sentinel with its own has them
in the query: `?sentinel_username=…&sentinel_password=…`. https://redis.io/docs/latest/develop/reference/sentinel-clients/
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from bot.environment import SettingsError

_SERVER = ("redis", "rediss", "unix")
_SENTINEL = {"redis+sentinel": False, "rediss+sentinel": True}
_PORT = 26379
_FORMS = (
    "REDIS_URL must be such as redis://HOST:6379/0, rediss://HOST:6379/0, unix:///PATH or "
    "redis+sentinel://HOST:26379,HOST:26379/NAME_OF_THE_MASTER/0"
)


@dataclass(frozen=True, slots=True)
class Sentinels:
    """What a Sentinel URL says. options: of the connections to the servers. own_options: of those to the Sentinels."""

    places: list[tuple[str, int]]
    master: str
    options: dict[str, Any] = field(repr=False)
    own_options: dict[str, Any] = field(repr=False)


def redis_url(env: Mapping[str, str], default: str) -> str:
    """Read REDIS_URL. Raises SettingsError, which names no password."""
    url = env.get("REDIS_URL", default)
    if sentinels(url) is not None:
        return url
    parts = _split(url)
    if parts.scheme not in _SERVER or not (parts.path if parts.scheme == "unix" else parts.hostname):
        raise SettingsError(_FORMS)
    return url


def sentinels(url: str) -> Sentinels | None:
    """What the URL says of Sentinels; None for the URL of one server. Raises SettingsError."""
    scheme = url.partition(":")[0]
    if scheme not in _SENTINEL:
        return None
    parts = _split(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    master, _, database = parts.path.strip("/").partition("/")
    places = [_place(host) for host in hosts.split(",") if host]
    if not places or not master or not (database or "0").isascii() or not (database or "0").isdecimal():
        raise SettingsError(_FORMS)
    tls = {"ssl": True} if _SENTINEL[scheme] else {}
    named = {"username": unquote(user) or None, "password": unquote(password) or None, "db": int(database or 0)}
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    own = {"username": query.get("sentinel_username"), "password": query.get("sentinel_password")}
    return Sentinels(places, unquote(master), tls | named, tls | own)


def _place(host: str) -> tuple[str, int]:
    """Host and port; an IPv6 address stands in brackets."""
    parts = _split(f"//{host}")
    if not parts.hostname:
        raise SettingsError(f"A Sentinel in REDIS_URL has no host. {_FORMS}")
    return parts.hostname, parts.port or _PORT


def _split(url: str) -> SplitResult:
    """The parts of a URL. Raises SettingsError if it is none, or if its port is none."""
    try:
        parts = urlsplit(url)
        if "," not in parts.netloc and parts.scheme != "unix":
            _ = parts.port
    except ValueError as problem:
        raise SettingsError(f"REDIS_URL has a host or a port that is none. {_FORMS}") from problem
    return parts
