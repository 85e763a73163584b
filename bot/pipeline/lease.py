"""Holding an analysis while working on it: the lease is extended, and lost work stops."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.db import analyses
from bot.db.analyses import Claimed
from bot.db.engine import Database

_EVERY_SECONDS = 8.0
log = logging.getLogger(__name__)


class Lost(Exception):
    """A newer attempt has taken the analysis over, or it was deleted: nothing more may be posted."""


@asynccontextmanager
async def holding(db: Database, claimed: Claimed) -> AsyncIterator[None]:
    """Extend the lease in the background. Raises Lost inside the block when the analysis is no longer ours."""
    task = asyncio.current_task()
    lost = False

    async def beat() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            if not await analyses.extend_lease(db, claimed):
                lost = True
                if task is not None:
                    task.cancel()
                return

    beating = asyncio.create_task(beat())
    try:
        yield
    except asyncio.CancelledError:
        if lost:
            raise Lost from None
        raise
    finally:
        beating.cancel()


class Steps:
    """The step an analysis is at, written where the status is read from, and how long each one took."""

    NAMES = ("start", "fetch", "history", "read", "scan", "analyze", "save", "publish")

    def __init__(self, db: Database, claimed: Claimed) -> None:
        self._db = db
        self._claimed = claimed
        self._now = asyncio.get_running_loop().time
        self._since = self._now()
        self._name = "start"
        self.seconds: dict[str, float] = {}

    async def to(self, name: str) -> None:
        """Go on to a step. Raises Lost when the analysis is no longer ours."""
        self._close()
        self._name = name
        progress = self.NAMES.index(name) / len(self.NAMES)
        if not await analyses.update_held(self._db, self._claimed, step=name, progress=progress):
            raise Lost

    async def within(self, share: float) -> None:
        """How far the step at hand has come, 0 to 1."""
        progress = (self.NAMES.index(self._name) + share) / len(self.NAMES)
        await analyses.update_held(self._db, self._claimed, progress=progress)

    def done(self) -> dict[str, float]:
        """Seconds by step, in order."""
        self._close()
        return self.seconds

    def _close(self) -> None:
        moment = self._now()
        self.seconds[self._name] = round(self.seconds.get(self._name, 0.0) + moment - self._since, 4)
        self._since = moment
