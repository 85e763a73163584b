"""The project is loaded from the index and the database; what fails to be computed from it stops nothing else."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from bot.db import items
from bot.db.engine import Database
from bot.db.github_tables import SyncStateRow
from bot.domain.items import ItemKind
from bot.domain.sync import SyncResource, SyncStatus
from bot.domain.trends import Trends
from bot.jobs.learn_history import attempted
from bot.learning.project import complete_kinds, load_project
from tests.history.fixtures import index_of, indexed
from tests.repository import Repository
from tests.snapshots import TRENDS
from tests.trends.project import BEA, comment, issue, pull, release, review
from tests.web.filled import fill

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ALL = frozenset(SyncResource)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    repository = Repository.create(tmp_path / "project")
    repository.commit("first", {"README.md": "x\n"})
    repository.commit("Add f (#2)", {"src/f.py": "x = 1\n"})
    indexed(repository)
    return repository


async def synced(db: Database, repository_id: UUID, complete: Iterable[SyncResource]) -> None:
    """Store two issues, a pull request, responses and a release; the given resources had a complete pass."""
    async with db.writing() as session:
        # In an order that is not that of their numbers and times.
        await items.save_items(session, repository_id, [pull(2, 11), issue(3, 12), issue(1, 10)], NOW)
        await items.save_responses(session, repository_id, [review(2, 13, BEA), comment(1, 12, BEA)], NOW)
        await items.save_responses(session, repository_id, [comment(3, 14, BEA)], NOW)
        await items.save_releases(session, repository_id, [release(20)], NOW)
        chosen = set(complete)
        session.add_all(
            SyncStateRow(
                id=uuid4(),
                repository_id=repository_id,
                resource=resource,
                status=SyncStatus.DONE if resource in chosen else SyncStatus.RUNNING,
                done=3,
                completed_at=NOW - timedelta(hours=1) if resource in chosen else None,
                reason="",
                etags={},
                updated_at=NOW,
            )
            for resource in SyncResource
        )


async def test_everything_that_is_synced_is_loaded_in_order(db: Database, project: Repository) -> None:
    repository_id = (await fill(db)).public
    await synced(db, repository_id, ALL)
    found, changed = await load_project(db, index_of(project), repository_id, now=NOW, hotspots=["src/f.py"])
    assert (found.now, found.synced, found.releases_synced) == (NOW, frozenset(ItemKind), True)
    assert [change.subject for change in found.changes] == ["first", "Add f (#2)"]
    assert [item.number for item in found.items] == [1, 2, 3]
    assert [(one.number, one.kind) for one in found.responses] == [(1, "comment"), (2, "review"), (3, "comment")]
    assert [one.tag for one in found.releases] == ["v1"]
    assert changed == {"src/f.py": (found.changes[1].when,)}


async def test_items_of_a_kind_that_is_not_complete_are_left_out(db: Database, project: Repository) -> None:
    repository_id = (await fill(db)).public
    await synced(db, repository_id, ALL - {SyncResource.REVIEWS, SyncResource.RELEASES})
    found, _ = await load_project(db, index_of(project), repository_id)
    assert (found.synced, found.releases_synced) == (frozenset({ItemKind.ISSUE}), False)
    assert [item.number for item in found.items] == [1, 3]


async def test_without_a_sync_there_are_the_changes(db: Database, project: Repository) -> None:
    repository_id = (await fill(db)).public
    found, _ = await load_project(db, index_of(project), repository_id)
    assert (found.synced, found.items, found.responses, found.releases_synced) == (frozenset(), (), (), False)
    assert len(found.changes) == 2


def test_a_kind_needs_its_responses() -> None:
    assert complete_kinds(ALL) == frozenset(ItemKind)
    assert complete_kinds(ALL - {SyncResource.COMMENTS}) == frozenset()
    assert complete_kinds({SyncResource.ISSUES, SyncResource.COMMENTS}) == {ItemKind.ISSUE}


async def test_a_computation_that_fails_is_absent_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert await attempted("trends", uuid4(), lambda: TRENDS) is TRENDS

    def failing() -> Trends:
        raise ValueError("a time that nobody thought of")

    assert await attempted("trends", uuid4(), failing) is None
    assert "nobody thought of" in caplog.text and "could not be computed" in caplog.text
