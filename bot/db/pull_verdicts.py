"""Which analysis speaks for a pull request: the one that wrote its check run and its comment last."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.analyses import Claimed, update_held_in
from bot.db.engine import Database
from bot.db.tables import PullRequest
from bot.domain.steps import Step


async def take_the_word(db: Database, claimed: Claimed) -> bool:
    """Store that this analysis is about to speak for its pull request; False if this attempt no longer holds it.

    It is stored before anything is written on GitHub: if the worker dies between the two, the analysis that spoke
    before is published again.
    """
    async with db.writing() as session:
        if not await update_held_in(session, claimed, step=Step.PUBLISH.value):
            return False
        (await _row(session, claimed)).verdict_id = claimed.id
    return True


async def has_the_word(db: Database, claimed: Claimed) -> bool:
    """Whether no other analysis has spoken for the pull request since this one began to."""
    query = select(PullRequest.verdict_id).where(
        PullRequest.repository_id == claimed.repository_id, PullRequest.number == claimed.pull_number
    )
    async with db.reading() as session:
        return await session.scalar(query) == claimed.id


async def drop_the_word(db: Database, claimed: Claimed) -> None:
    """Store that it is not known which analysis spoke last, because two wrote at the same time."""
    async with db.writing() as session:
        (await _row(session, claimed)).verdict_id = None


async def save_comment(db: Database, claimed: Claimed, comment_id: int | None) -> None:
    """Store the id of the pull request's comment; None if it has none."""
    async with db.writing() as session:
        (await _row(session, claimed)).comment_id = comment_id


async def _row(session: AsyncSession, claimed: Claimed) -> PullRequest:
    row = await session.scalar(
        select(PullRequest).where(
            PullRequest.repository_id == claimed.repository_id, PullRequest.number == claimed.pull_number
        )
    )
    if row is None:
        row = PullRequest(repository_id=claimed.repository_id, number=claimed.pull_number)
        session.add(row)
    return row
