"""Runs one attempt of a worker at an analysis, and handles its failures.

| exception           | result                                                                  |
|---------------------|-------------------------------------------------------------------------|
| RetryLater          | the analysis is tried again later, up to MAX_ATTEMPTS times             |
| Superseded          | it ends as superseded                                                   |
| GiveUp              | it ends as failed, with the message                                     |
| Lost                | none: a newer attempt has the analysis, or it was cancelled             |
| any other exception | it ends as failed; the exception is a bug and is logged                 |
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.db import analyses
from bot.db.analyses import MAX_ATTEMPTS, Claimed
from bot.db.engine import Database
from bot.domain.analyses import AnalysisStatus
from bot.domain.published import Conclusion
from bot.errors import GiveUp, RetryLater
from bot.pipeline.lease import Lost, holding_lease

log = logging.getLogger(__name__)


class Superseded(Exception):
    """The head has moved, or the commit no longer exists. The message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of an analysis without a report.

    conclusion, title: of its check run.
    reason: a sentence for the check run and the status.
    """

    status: AnalysisStatus
    conclusion: Conclusion
    title: str
    reason: str


async def run_attempt(
    db: Database,
    claimed: Claimed,
    work: Callable[[], Awaitable[None]],
    conclude: Callable[[Ending], Awaitable[None]],
    *,
    seconds: float,
    too_slow: RetryLater | GiveUp,
) -> None:
    """Run `work` while the lease is held.

    conclude: ends an analysis that has no report.
    seconds: the time limit of the work.
    too_slow: handled as if the work had raised it, if the limit is exceeded.
    """
    try:
        async with holding_lease(db, claimed):
            await _run(db, claimed, work, conclude, seconds, too_slow)
    except Lost:
        log.info("the analysis %s was cancelled, or a newer attempt has taken it over", claimed.id)


async def _run(
    db: Database,
    claimed: Claimed,
    work: Callable[[], Awaitable[None]],
    conclude: Callable[[Ending], Awaitable[None]],
    seconds: float,
    too_slow: RetryLater | GiveUp,
) -> None:
    try:
        if claimed.attempt > MAX_ATTEMPTS:
            raise GiveUp(f"The analysis did not finish in {MAX_ATTEMPTS} attempts.")  # noqa: TRY301
        await _within(work, seconds, too_slow)
    except RetryLater as later:
        await _postpone_or_fail(db, claimed, later)
    except Superseded as moved:
        await conclude(Ending(AnalysisStatus.SUPERSEDED, Conclusion.CANCELLED, "Superseded", str(moved)))
    except GiveUp as message:
        title = "This change could not be analyzed"
        await conclude(Ending(AnalysisStatus.FAILED, Conclusion.NEUTRAL, title, str(message)))
    except Lost:
        raise
    except Exception as bug:
        log.exception("the analysis %s of %s failed", claimed.id, claimed.full_name)
        reason = f"GitInsight failed with {type(bug).__name__}; the operator's log has the details (`{claimed.id}`)."
        await conclude(Ending(AnalysisStatus.FAILED, Conclusion.NEUTRAL, "The analysis failed", reason))


async def _within(work: Callable[[], Awaitable[None]], seconds: float, too_slow: RetryLater | GiveUp) -> None:
    try:
        async with asyncio.timeout(seconds) as limit:
            await work()
    except TimeoutError:
        if limit.expired():
            raise too_slow from None
        raise  # a timeout inside the work is a bug


async def _postpone_or_fail(db: Database, claimed: Claimed, later: RetryLater) -> None:
    """Postpone the analysis. After the last attempt, end it as failed."""
    if claimed.attempt <= MAX_ATTEMPTS:
        log.info("the analysis %s failed: %s; next try in %.0f s", claimed.id, later, later.after)
        await analyses.postpone(db, claimed, after=later.after, reason=str(later))
    else:
        await analyses.finish(db, claimed, AnalysisStatus.FAILED, None, str(later))
