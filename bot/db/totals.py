"""Cached row counts of long lists: counting 100,000 rows takes longer than reading a page."""

import time
from collections.abc import Callable, Hashable

LARGE = 5_000
_SECONDS = 5.0
_MAX_ENTRIES = 1_000


class Totals:
    """The cached totals of one process. Short lists are counted each time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._cached: dict[Hashable, tuple[float, int]] = {}

    def get(self, key: Hashable, count: Callable[[], int]) -> int:
        """The total of this key: the cached one, else the result of `count`."""
        until, total = self._cached.get(key, (0.0, 0))
        if self._clock() < until:
            return total
        total = count()
        if len(self._cached) >= _MAX_ENTRIES:
            self._cached.clear()
        if total > LARGE:
            self._cached[key] = (self._clock() + _SECONDS, total)
        else:
            self._cached.pop(key, None)
        return total
