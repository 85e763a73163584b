"""Loads the whole past of a project: the changes from its history index, the rest from the database."""

import asyncio
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from bot.db.engine import Database
from bot.db.stored_items import releases, stream_items, stream_responses
from bot.db.sync_states import get_states
from bot.domain.items import ItemKind
from bot.domain.project import Project, ProjectChange
from bot.domain.sync import SyncResource
from bot.history.index import opened
from bot.history.project_changes import file_changes, project_changes
from bot.learning.issue_kinds import kinds_of_issues

# Without its responses, an issue would look like one that nobody answered.
_NEEDED = {
    ItemKind.ISSUE: {SyncResource.ISSUES, SyncResource.COMMENTS},
    ItemKind.PULL_REQUEST: {
        SyncResource.ISSUES,
        SyncResource.PULLS,
        SyncResource.COMMENTS,
        SyncResource.REVIEWS,
        SyncResource.REVIEW_COMMENTS,
    },
}


async def load_project(
    db: Database, index: Path, repository_id: UUID, *, now: datetime | None = None, hotspots: Sequence[str] = ()
) -> tuple[Project, Mapping[str, tuple[int, ...]]]:
    """Load a project, and when people changed each of the hotspots. Raises IndexUnusable.

    now: the end of the period that is looked at; the present by default.
    Items of a kind that is not synced completely are left out.
    """
    moment = now or datetime.now(UTC)
    changes, changed = await asyncio.to_thread(_changes, index, hotspots)
    complete = {state.resource for state in await get_states(db, repository_id) if state.completed_at}
    synced = complete_kinds(complete)
    items = [item for kind in ItemKind if kind in synced async for item in stream_items(db, repository_id, kind)]
    responses = [response async for response in stream_responses(db, repository_id)] if synced else []
    kinds = await asyncio.to_thread(kinds_of_issues, items)
    project = Project(
        now=moment,
        changes=changes,
        items=tuple(sorted(items, key=lambda item: item.number)),
        responses=tuple(sorted(responses, key=lambda response: response.at)),
        releases=tuple(await releases(db, repository_id)),
        synced=synced,
        releases_synced=SyncResource.RELEASES in complete,
        issue_kinds=kinds,
    )
    return project, changed


def complete_kinds(complete: Set[SyncResource]) -> frozenset[ItemKind]:
    """The kinds of items of which everything has been synced at least once, with what people did to them."""
    return frozenset(kind for kind, needed in _NEEDED.items() if needed <= complete)


def _changes(index: Path, hotspots: Sequence[str]) -> tuple[tuple[ProjectChange, ...], Mapping[str, tuple[int, ...]]]:
    with opened(index) as open_index:
        return project_changes(open_index), file_changes(open_index, hotspots)
