"""Snapshots: replaced as a whole, also by two workers at once, and read as what they were saved as."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from bot.db.engine import Database, now
from bot.db.history_tables import Snapshot
from bot.db.snapshots import Snapshots, content_of, delete_snapshot, get_snapshot, get_snapshots, save_snapshots
from bot.domain.back_test import BackTest
from bot.domain.snapshots import Coupling, Hotspots, Ownership
from tests.snapshots import CARD, EVERY_KIND, JUDGED
from tests.web.filled import fill


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


def hotspots(changes: int) -> Hotspots:
    return Hotspots(changes=changes, files=())


def coupling(changes: int) -> Coupling:
    return Coupling(changes=changes, pairs=())


async def test_workers_that_write_at_once_leave_one_of_each_kind(db: Database) -> None:
    repository = (await fill(db)).public
    writers = (save_snapshots(db, repository, f"{n:040x}", [hotspots(n), coupling(n)]) for n in range(8))
    await asyncio.gather(*writers)
    found = await get_snapshots(db, repository, Hotspots, Coupling, Ownership)
    assert found.ownership is None
    assert found.hotspots is not None and found.coupling is not None
    assert found.hotspots.content.changes == found.coupling.content.changes  # both of one writer
    assert found.hotspots.head_sha == f"{found.hotspots.content.changes:040x}"


async def test_a_repository_that_is_gone_gets_none(db: Database) -> None:
    gone = uuid4()
    await save_snapshots(db, gone, "0" * 40, [hotspots(1)])
    assert await get_snapshots(db, gone) == Snapshots()


async def test_each_kind_comes_back_as_it_was_saved(db: Database) -> None:
    repository = (await fill(db)).public
    await save_snapshots(db, repository, "a" * 40, EVERY_KIND)
    found = await get_snapshots(db, repository)
    stored = (
        found.hotspots,
        found.ownership,
        found.coupling,
        found.model_card,
        found.back_test,
        found.learning,
        found.trends,
        found.patterns,
        found.files,
    )
    assert tuple(None if one is None else one.content for one in stored) == EVERY_KIND
    for content in EVERY_KIND:
        one = await get_snapshot(db, repository, type(content))
        assert one is not None and (one.content, one.head_sha) == (content, "a" * 40)
        await delete_snapshot(db, repository, type(content))
    assert await get_snapshots(db, repository) == Snapshots()


async def test_only_the_kinds_that_are_asked_for_are_read(db: Database) -> None:
    repository = (await fill(db)).public
    await save_snapshots(db, repository, "a" * 40, EVERY_KIND)
    found = await get_snapshots(db, repository, Hotspots, BackTest)
    assert found.hotspots is not None and found.back_test is not None
    assert (found.ownership, found.coupling, found.model_card, found.learning) == (None, None, None, None)


async def store(db: Database, repository: UUID, kind: str, content: dict[str, Any]) -> None:
    """A row as another version wrote it."""
    row = Snapshot(repository_id=repository, kind=kind, head_sha="a" * 40, content=content, created_at=now())
    async with db.writing() as session:
        session.add(row)


async def written(db: Database, kind: str) -> dict[str, Any]:
    """The content of a row as it is in the database."""
    async with db.reading() as session:
        row = (await session.scalars(select(Snapshot).where(Snapshot.kind == kind))).one()
    return row.content


async def test_keys_of_another_version_are_left_out(db: Database) -> None:
    repository = (await fill(db)).public
    await store(db, repository, "hotspots", {"changes": 3, "files": [], "hotter": [1]})
    assert content_of(await get_snapshot(db, repository, Hotspots)) == hotspots(3)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("hotspots", {}),
        ("hotspots", {"changes": 3, "files": [{"path": "a.py"}]}),
        ("hotspots", {"changes": "many", "files": []}),
        ("back-test", {"changes": 1, "remarks": [], "proposals": []}),
        ("learning", {"status": "sleeping"}),
    ],
)
async def test_a_row_that_does_not_fit_counts_as_absent_and_is_logged(
    db: Database, caplog: pytest.LogCaptureFixture, kind: str, content: dict[str, Any]
) -> None:
    repository = (await fill(db)).public
    await store(db, repository, kind, content)
    await save_snapshots(db, repository, "a" * 40, [coupling(1)])
    found = await get_snapshots(db, repository)
    assert replace(found, coupling=None) == Snapshots()
    assert content_of(found.coupling) == coupling(1)
    assert [one.levelname for one in caplog.records if f"the snapshot {kind} of" in one.message] == ["WARNING"]


async def test_what_is_not_known_has_no_key(db: Database) -> None:
    repository = (await fill(db)).public
    await save_snapshots(db, repository, "a" * 40, [JUDGED])
    days = {"since": "2026-01-02", "until": "2026-02-03"}
    assert (await written(db, "model-card"))["learned"] == {"changes": 9, "needed_fix": 2, **days}
    await save_snapshots(db, repository, "a" * 40, [CARD])
    assert await written(db, "model-card") == {
        "changes": 9,
        "needed_fix": 2,
        "within_days": 90,
        "said": {"changes": 0, "needed_fix": 0, "mean_probability": None, "brier": None},
        "model_version": "own",
        "summary": "There is too little history.",
        "scores": [],
    }
