"""The named steps of an analysis, and who is told of them: the row that the status is read from, or a terminal."""

import asyncio
from enum import StrEnum
from typing import Protocol

from bot.db import analyses
from bot.db.analyses import Claimed
from bot.db.engine import Database
from bot.pipeline.lease import Lost


class Step(StrEnum):
    """In the order in which they come. The REST API answers these names."""

    START = "start"
    FETCH = "fetch"
    HISTORY = "history"
    READ = "read"
    SCAN = "scan"
    ANALYZE = "analyze"
    SAVE = "save"
    PUBLISH = "publish"


class Steps(Protocol):
    """Follows an analysis step by step."""

    async def start(self, step: Step) -> None:
        """The step begins, and the one before it is over."""


class SilentSteps:
    """Tells nobody."""

    async def start(self, step: Step) -> None:
        """Nothing."""


SILENT = SilentSteps()


class StoredSteps:
    """Writes the step and the progress where the status is read from, and measures how long each step takes."""

    def __init__(self, db: Database, claimed: Claimed) -> None:
        self._db = db
        self._claimed = claimed
        self._now = asyncio.get_running_loop().time
        self._since = self._now()
        self._step = Step.START
        self._seconds: dict[str, float] = {}

    async def start(self, step: Step) -> None:
        """Raises Lost when the analysis is no longer ours."""
        self._close()
        self._step = step
        if not await analyses.update_held(self._db, self._claimed, step=step.value, progress=_progress(step, 0.0)):
            raise Lost

    async def advance(self, share: float) -> None:
        """The present step is done to this share, 0 to 1."""
        await analyses.update_held(self._db, self._claimed, progress=_progress(self._step, share))

    def seconds(self) -> dict[str, float]:
        """Seconds by step up to now, in order."""
        self._close()
        return dict(self._seconds)

    def _close(self) -> None:
        moment = self._now()
        self._seconds[self._step] = round(self._seconds.get(self._step, 0.0) + moment - self._since, 4)
        self._since = moment


def _progress(step: Step, share: float) -> float:
    return (list(Step).index(step) + share) / len(Step)
