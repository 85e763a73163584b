"""Where deep pages of long lists began, so that a page near one of them need not count all that lies before.

An index counts 50,000 entries in 5 ms or more; from a place in it, the next page takes no longer than the first.
"""

import time
from bisect import bisect_right
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

DEEP = 1_000
_SECONDS = 5.0
_MAX_LISTS = 200
_MAX_PLACES = 100


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of a list in the order of its index."""

    created_at: datetime
    id: UUID


@dataclass(slots=True)
class _Known:
    """The places of one list: the offsets in ascending order, and the place at each. until: seconds of the clock."""

    until: float
    offsets: list[int]
    places: list[Place]


class Anchors:
    """The places of one process. They are forgotten after some seconds, as totals are (`totals.py`)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[Hashable, _Known] = {}

    def nearest(self, key: Hashable, offset: int) -> tuple[Place, int] | None:
        """The known place nearest before an offset, and its offset; None if there is none."""
        known = self._known.get(key)
        if known is None or known.until <= self._clock():
            return None
        position = bisect_right(known.offsets, offset) - 1
        return (known.places[position], known.offsets[position]) if position >= 0 else None

    def put(self, key: Hashable, offset: int, place: Place) -> None:
        """Keep the place at an offset."""
        known = self._known.get(key)
        if known is None or known.until <= self._clock() or len(known.offsets) >= _MAX_PLACES:
            if len(self._known) >= _MAX_LISTS:
                self._known.clear()
            known = self._known[key] = _Known(self._clock() + _SECONDS, [], [])
        position = bisect_right(known.offsets, offset)
        if position and known.offsets[position - 1] == offset:
            return
        known.offsets.insert(position, offset)
        known.places.insert(position, place)
