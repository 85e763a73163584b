"""A one-second cache of the API: identities by token, GitHub's ids of repositories, and responses about a repository.

Repeated requests for the same thing query the database once a second. A change through this process is visible at once,
because every call that changes something clears the cache. A change by another process (a worker stores insights,
another web process revokes a token) is visible within a second.
"""

import time
from collections.abc import Callable
from typing import Generic, TypeVar
from uuid import UUID

from aiohttp import web

from bot.web.auth import Identity

K = TypeVar("K")
V = TypeVar("V")
SECONDS = 1.0
_MAX_ENTRIES = 500


class TimedCache(Generic[K, V]):
    """A mapping with at most `_MAX_ENTRIES` entries, each of which expires after a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: dict[K, tuple[float, V]] = {}

    def get(self, key: K) -> V | None:
        """The value that was put under this key within the last second, or None."""
        entry = self._entries.get(key)
        return entry[1] if entry is not None and self._clock() < entry[0] else None

    def put(self, key: K, value: V) -> V:
        """Keep the value for a second; returns it."""
        if len(self._entries) >= _MAX_ENTRIES:
            self._entries.clear()
        self._entries[key] = (self._clock() + SECONDS, value)
        return value

    def clear(self) -> None:
        """Remove all entries."""
        self._entries.clear()


class ApiCache:
    """The caches of one web process.

    identities: by token.
    github_ids: GitHub's ids of repositories, by our id.
    responses: JSON, by path and query.
    """

    def __init__(self) -> None:
        self.identities: TimedCache[str, Identity] = TimedCache()
        self.github_ids: TimedCache[UUID, int] = TimedCache()
        self.responses: TimedCache[tuple[object, ...], str] = TimedCache()

    def clear(self) -> None:
        """Remove all entries, after a change through this process."""
        self.identities.clear()
        self.github_ids.clear()
        self.responses.clear()


CACHE = web.AppKey("cache", ApiCache)
