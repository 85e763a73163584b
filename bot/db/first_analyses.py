"""The first analyses of a repository: of its history alone, so that what is computed from it is stored within minutes.

The scheduler starts one when the history is indexed, and another one when the issues and pull requests are synced. Each
is made once: its key is unique in the repository. Nobody is told of them; the weekly analysis tells what it finds.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from bot.db.engine import Database, now
from bot.db.github_tables import SyncStateRow
from bot.db.history_tables import Snapshot
from bot.db.tables import Analysis, Installation, Repository
from bot.db.whole_analyses import count_unfinished
from bot.domain.analyses import FIRST_KEY, AnalysisKind
from bot.domain.snapshots import Hotspots, kind_of
from bot.domain.sync import SyncResource, SyncStatus

OF_HISTORY = f"{FIRST_KEY}history"
OF_ITEMS = f"{FIRST_KEY}items"


async def find_first_due(db: Database, *, known_for: timedelta, at_once: int) -> list[tuple[UUID, str]]:
    """Repositories whose first analysis is due, each with the key of the analysis (`whole_analyses.start`).

    It is due once the history is indexed, and nobody has had it analyzed; and once the first sync has ended, if no
    later analysis has seen what it brought.
    known_for: repositories that are known for less are left out, so that the analyses of their changes come first.
    at_once: how many analyses of whole repositories may be unfinished at the same time.
    """
    newest = (
        select(func.max(Analysis.created_at))
        .where(Analysis.repository_id == Repository.id, Analysis.kind.in_((AnalysisKind.FULL, AnalysisKind.QUICK)))
        .correlate(Repository)
        .scalar_subquery()
    )
    synced_at = (
        select(func.max(SyncStateRow.completed_at))
        .where(SyncStateRow.repository_id == Repository.id)
        .correlate(Repository)
        .scalar_subquery()
    )
    of_items = and_(_is_synced(), ~_has_made(OF_ITEMS), or_(newest.is_(None), newest < synced_at))
    query = (
        select(Repository.id, of_items.label("of_items"))
        .join(Installation, Installation.id == Repository.installation_id)
        .join(Snapshot, and_(Snapshot.repository_id == Repository.id, Snapshot.kind == kind_of(Hotspots)))
        .where(
            Repository.auto_analyze,
            Installation.suspended.is_(False),
            Repository.created_at < now() - known_for,
            or_(newest.is_(None), of_items),
        )
        .order_by(Repository.created_at)
    )
    async with db.reading() as session:
        free = at_once - await count_unfinished(session)
        rows = (await session.execute(query.limit(free))).all() if free > 0 else []
    return [(row.id, OF_ITEMS if row.of_items else OF_HISTORY) for row in rows]


def _is_synced() -> ColumnElement[bool]:
    """Issues or pull requests are synced, and every resource was read to its end once or is refused."""
    ours = SyncStateRow.repository_id == Repository.id
    items = SyncStateRow.resource.in_((SyncResource.ISSUES, SyncResource.PULLS))
    unread = (SyncStateRow.completed_at.is_(None), SyncStateRow.status != SyncStatus.REFUSED)
    return and_(exists().where(ours, items, SyncStateRow.completed_at.is_not(None)), ~exists().where(ours, *unread))


def _has_made(key: str) -> ColumnElement[bool]:
    return exists().where(Analysis.repository_id == Repository.id, Analysis.key == key)
