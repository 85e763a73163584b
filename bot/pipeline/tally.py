"""Counts how attempts end, for `/metrics` (`queue/counters.py`)."""

from sqlalchemy.exc import SQLAlchemyError

from bot.db.analyses import Claimed
from bot.db.operation import Outcome, outcome_of
from bot.domain.analyses import AnalysisStatus
from bot.pipeline.context import Context
from bot.queue.counters import ANALYSES, RETRIES, Field, count, of_step


async def count_attempt(context: Context, claimed: Claimed) -> None:
    """Count how an attempt ended: with a conclusion, or with another try. A failure to count is not one of the work."""
    if context.redis is None:
        return
    try:
        outcome = await outcome_of(context.db, claimed)
    except (SQLAlchemyError, OSError):
        return
    added: dict[Field, float] = {}
    if claimed.taken_over:
        added[RETRIES, "worker-died"] = 1
    if outcome is not None:
        added |= _added(outcome)
    await count(context.redis, added)


def _added(outcome: Outcome) -> dict[Field, float]:
    if outcome.status is AnalysisStatus.QUEUED:
        return {(RETRIES, "github" if outcome.waits_for_github else "failure"): 1}
    if not outcome.status.is_final:
        return {}
    added: dict[Field, float] = {(ANALYSES, outcome.status, outcome.conclusion or "none"): 1}
    for step, seconds in outcome.seconds.items():
        added |= dict(of_step(step, seconds))
    return added
