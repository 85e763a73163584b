"""What an analysis has posted on GitHub so far: its check run, and the conclusion of its report."""

from sqlalchemy import select

from bot.db.analyses import Claimed
from bot.db.engine import Database
from bot.db.tables import Analysis
from bot.domain.published import Conclusion
from bot.domain.steps import CONCLUDING


async def posted_conclusion(db: Database, claimed: Claimed) -> Conclusion | None:
    """The conclusion that was posted with a report; None if none was."""
    query = select(Analysis.conclusion).where(Analysis.id == claimed.id, Analysis.step != CONCLUDING)
    async with db.reading() as session:
        return await session.scalar(query)


async def check_run_of(db: Database, claimed: Claimed) -> int | None:
    """The stored id of the analysis's check run."""
    async with db.reading() as session:
        return await session.scalar(select(Analysis.check_run_id).where(Analysis.id == claimed.id))
