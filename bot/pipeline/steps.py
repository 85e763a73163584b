"""The steps of an analysis, and how they are reported: to the database row with the status, or to a terminal."""

import asyncio
from typing import Protocol

from bot.db import analyses
from bot.db.analyses import Claimed
from bot.db.engine import Database
from bot.domain.steps import Step
from bot.pipeline.lease import LeaseLost
from bot.telemetry.tracing import ended_span


class Steps(Protocol):
    """Is notified of the steps of an analysis."""

    async def start(self, step: Step) -> None:
        """A step begins; the one before it has ended."""


class SilentSteps:
    """Ignores the steps."""

    async def start(self, step: Step) -> None:
        """Do nothing."""


SILENT = SilentSteps()


class StoredSteps:
    """Writes the step and the progress to the row of the analysis, and measures the time of each step."""

    def __init__(self, db: Database, claimed: Claimed) -> None:
        self._db = db
        self._claimed = claimed
        self._now = asyncio.get_running_loop().time
        self._since = self._now()
        self._step = Step.START
        self._seconds: dict[str, float] = {}

    async def start(self, step: Step) -> None:
        """Write a new step. Raises LeaseLost if the lease is lost."""
        self._close()
        self._step = step
        if not await analyses.update_held(self._db, self._claimed, step=step.value, progress=_progress(step, 0.0)):
            raise LeaseLost

    async def advance(self, share: float) -> None:
        """Write the progress of the current step. share: 0 to 1."""
        await analyses.update_held(self._db, self._claimed, progress=_progress(self._step, share))

    def seconds(self) -> dict[str, float]:
        """Return the seconds of each step so far, in order."""
        self._close()
        return dict(self._seconds)

    def _close(self) -> None:
        """Add the time since the last call to the current step."""
        now = self._now()
        ended_span(self._step, now - self._since)
        self._seconds[self._step] = round(self._seconds.get(self._step, 0.0) + now - self._since, 4)
        self._since = now


def _progress(step: Step, share: float) -> float:
    return (list(Step).index(step) + share) / len(Step)
