"""How many rows a long list has, counted again every few seconds only: counting 100,000 costs more than the page."""

import time
from collections.abc import Callable, Hashable

LARGE = 5_000
_SECONDS = 5.0
_MOST = 1_000


class Totals:
    """The totals of one process; short lists are counted each time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[Hashable, tuple[float, int]] = {}

    def of(self, question: Hashable, count: Callable[[], int]) -> int:
        """The total of this question, from `count` where it must be counted."""
        until, total = self._known.get(question, (0.0, 0))
        if self._clock() < until:
            return total
        total = count()
        if len(self._known) >= _MOST:
            self._known.clear()
        if total > LARGE:
            self._known[question] = (self._clock() + _SECONDS, total)
        else:
            self._known.pop(question, None)
        return total
