"""Read which issues and pull requests are labelled as faults."""

from collections.abc import AsyncIterator, Iterable
from uuid import UUID

from sqlalchemy import func, select

from bot.db.engine import Database
from bot.db.github_tables import ItemRow
from bot.db.sync_states import get_states
from bot.domain.issue_kinds import IssueKind, kind_by_labels
from bot.domain.items import ItemKind
from bot.domain.sync import synced_kinds

_PAGE, _PAGE_OF_BODIES = 5_000, 500


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


async def merged_bodies(db: Database, repository_id: UUID, newest: int | None = None) -> AsyncIterator[tuple[int, str]]:
    """Number and body of the merged pull requests, by number. At most 500 are in memory. newest: as above."""
    ours = (ItemRow.repository_id == repository_id, ItemRow.merged_at.is_not(None), ItemRow.body.contains("#"))
    query = select(ItemRow.number, ItemRow.body).where(*ours).order_by(ItemRow.number).limit(_PAGE_OF_BODIES)
    last = await _before_newest(db, repository_id, newest) if newest is not None else 0
    while True:
        async with db.reading() as session:
            rows = (await session.execute(query.where(ItemRow.number > last))).all()
        for number, body in rows:
            yield number, body
        if len(rows) < _PAGE_OF_BODIES:
            return
        last = rows[-1].number


async def _before_newest(db: Database, repository_id: UUID, newest: int) -> int:
    query = select(func.max(ItemRow.number)).where(ItemRow.repository_id == repository_id)
    async with db.reading() as session:
        return max(0, (await session.scalar(query) or 0) - newest)


async def faults_among(db: Database, repository_id: UUID, numbers: Iterable[int]) -> frozenset[int]:
    """Those of these issues and pull requests that are labelled as faults."""
    query = select(ItemRow.number, ItemRow.labels).where(ItemRow.repository_id == repository_id)
    found: set[int] = set()
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), _PAGE_OF_BODIES):
        async with db.reading() as session:
            rows = await session.execute(query.where(ItemRow.number.in_(wanted[start : start + _PAGE_OF_BODIES])))
        found.update(number for number, labels in rows if kind_by_labels(labels) is IssueKind.BUG)
    return frozenset(found)
