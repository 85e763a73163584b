"""What the API just learned, for a second: who a token speaks for, which repository an id is, and whole answers.

A client that asks the same again and again costs the database one visit a second. What changes through this process is
seen at once: every call that changes something clears it all. What changes elsewhere (a worker's insights, a token that
another process revoked) is seen within a second.
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
_MOST = 500


class Remembered(Generic[K, V]):
    """At most `_MOST` things, each for a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[K, tuple[float, V]] = {}

    def get(self, key: K) -> V | None:
        """What was put here within the last second."""
        found = self._known.get(key)
        return found[1] if found is not None and self._clock() < found[0] else None

    def put(self, key: K, value: V) -> V:
        """Remember it; returns it."""
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (self._clock() + SECONDS, value)
        return value

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()


class Memory:
    """holders: by token. repositories: GitHub's id by ours. answers: JSON by path and query."""

    def __init__(self) -> None:
        self.holders: Remembered[str, Identity] = Remembered()
        self.repositories: Remembered[UUID, int] = Remembered()
        self.answers: Remembered[tuple[object, ...], str] = Remembered()

    def clear(self) -> None:
        """Something was changed through this process."""
        for one in (self.holders, self.repositories, self.answers):
            one.clear()


MEMORY = web.AppKey("memory", Memory)
