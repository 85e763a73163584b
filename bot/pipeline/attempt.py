"""Runs one attempt of a worker at an analysis, and handles its failures.

| exception           | result                                                                  |
|---------------------|-------------------------------------------------------------------------|
| Unavailable         | it waits longer and longer, for a day; the attempt does not count       |
| RetryLater          | it waits and is run again, at most MAX_ATTEMPTS times in all            |
| TEMPORARY_ERRORS    | the same: the database is locked, or its connection is lost             |
| Superseded          | it ends as superseded                                                   |
| GiveUp              | it ends as failed, with the message                                     |
| LeaseLost           | none: a newer attempt has the analysis, or it was cancelled             |
| any other exception | it ends as failed; the exception is a bug and is logged                 |

An attempt beyond MAX_ATTEMPTS does no work: the analysis ends as failed. Nor does an attempt at an analysis that has
ended, but whose check run could not be concluded yet.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.db import analyses
from bot.db.analyses import MAX_ATTEMPTS, Claimed
from bot.db.engine import TEMPORARY_ERRORS, Database, now
from bot.domain.analyses import AnalysisStatus
from bot.domain.published import Conclusion
from bot.errors import GiveUp, RetryLater, Unavailable
from bot.pipeline.lease import LeaseLost, holding_lease

MAX_WAIT_SECONDS = 300.0
MAX_WAITING = timedelta(days=1)
_DATABASE_SECONDS = 15.0
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
            if claimed.ended is not None:
                ending: Ending | None = _ended_before(*claimed.ended)
            elif claimed.tries > MAX_ATTEMPTS:
                ending = _given_up(f"The analysis did not finish in {MAX_ATTEMPTS} attempts.")
            else:
                ending = await _ending_of(db, claimed, _limited(work, seconds, too_slow))
            if ending is not None:
                await conclude(ending)
    except LeaseLost:
        log.info("the analysis %s was cancelled, or a newer attempt has taken it over", claimed.id)


async def _ending_of(db: Database, claimed: Claimed, work: Awaitable[None]) -> Ending | None:
    """Await the work. Returns how the analysis ends without a report; None if it has one, or is postponed."""
    try:
        await work
    except Unavailable as away:
        if is_too_long(claimed):
            return _given_up(f"GitHub was not available for a day. {away}")
        after = waiting_time(claimed, away.after)
        log.info("the analysis %s waits for GitHub: %s; next try in %.0f s", claimed.id, away, after)
        await analyses.postpone(db, claimed, after=after, reason=str(away), counts=False)
    except RetryLater as later:
        log.info("the analysis %s failed: %s; next try in %.0f s", claimed.id, later, later.after)
        await analyses.postpone(db, claimed, after=later.after, reason=str(later))
    except TEMPORARY_ERRORS as busy:
        log.warning("the analysis %s failed: %s; next try in %.0f s", claimed.id, busy, _DATABASE_SECONDS)
        await analyses.postpone(db, claimed, after=_DATABASE_SECONDS, reason="The database did not answer.")
    except Superseded as moved:
        return Ending(AnalysisStatus.SUPERSEDED, Conclusion.CANCELLED, "Superseded", str(moved))
    except GiveUp as message:
        return _given_up(str(message))
    except LeaseLost:
        raise
    except Exception as bug:
        log.exception("the analysis %s of %s failed", claimed.id, claimed.full_name)
        reason = f"GitInsight failed with {type(bug).__name__}; the operator's log has the details (`{claimed.id}`)."
        return Ending(AnalysisStatus.FAILED, Conclusion.NEUTRAL, "The analysis failed", reason)
    return None


def waiting_time(claimed: Claimed, after: float) -> float:
    """Return the seconds to wait for GitHub: half of what was waited so far, at least `after`."""
    waited = (now() - claimed.waits_since).total_seconds() if claimed.waits_since else 0.0
    return max(after, min(MAX_WAIT_SECONDS, waited / 2))


def is_too_long(claimed: Claimed) -> bool:
    """Return whether an analysis has waited for GitHub for MAX_WAITING."""
    return claimed.waits_since is not None and now() - claimed.waits_since > MAX_WAITING


def _ended_before(conclusion: Conclusion, reason: str) -> Ending:
    if conclusion is Conclusion.CANCELLED:
        return Ending(AnalysisStatus.SUPERSEDED, conclusion, "Superseded", reason)
    return _given_up(reason)


def _given_up(reason: str) -> Ending:
    return Ending(AnalysisStatus.FAILED, Conclusion.NEUTRAL, "This change could not be analyzed", reason)


async def _limited(work: Callable[[], Awaitable[None]], seconds: float, too_slow: RetryLater | GiveUp) -> None:
    try:
        async with asyncio.timeout(seconds) as limit:
            await work()
    except TimeoutError:
        if limit.expired():
            raise too_slow from None
        raise  # a timeout inside the work is a bug
