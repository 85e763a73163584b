"""Read which issues and pull requests are labelled as faults."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from bot.db.engine import Database
from bot.db.github_tables import ItemRow
from bot.db.sync_states import get_states
from bot.domain.issue_kinds import IssueKind, kind_by_labels
from bot.domain.items import ItemKind
from bot.domain.sync import synced_kinds

_PAGE = 5_000


async def labelled_faults(db: Database, repository_id: UUID, newest: int | None = None) -> frozenset[int] | None:
    """The numbers of the issues and pull requests that are labelled as faults; None before the issues are synced.

    newest: only those with the highest numbers; None for all. Reading 60,000 takes about two seconds on SQLite.
    """
    if ItemKind.ISSUE not in synced_kinds(await get_states(db, repository_id)):
        return None
    query = select(ItemRow.number, ItemRow.labels).where(ItemRow.repository_id == repository_id, ItemRow.labels != [])
    query = query.order_by(ItemRow.number).limit(_PAGE)
    found: set[int] = set()
    last = await _before_newest(db, repository_id, newest) if newest is not None else 0
    while True:
        async with db.reading() as session:
            rows = (await session.execute(query.where(ItemRow.number > last))).all()
        found.update(number for number, labels in rows if kind_by_labels(labels) is IssueKind.BUG)
        if len(rows) < _PAGE:
            return frozenset(found)
        last = rows[-1].number


async def _before_newest(db: Database, repository_id: UUID, newest: int) -> int:
    query = select(func.max(ItemRow.number)).where(ItemRow.repository_id == repository_id)
    async with db.reading() as session:
        return max(0, (await session.scalar(query) or 0) - newest)


async def is_labelled_fault(db: Database, repository_id: UUID, numbers: Collection[int]) -> bool:
    """Whether one of these issues and pull requests is labelled as a fault."""
    query = select(ItemRow.labels).where(ItemRow.repository_id == repository_id, ItemRow.number.in_(numbers))
    async with db.reading() as session:
        return any(kind_by_labels(labels) is IssueKind.BUG for labels in await session.scalars(query))
