"""Snapshots: replaced as a whole, also by two workers at once, and gone with their repository."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from bot.db.engine import Database
from bot.db.schema import migrate
from bot.db.snapshots import get_snapshots, save_snapshots
from tests.web.filled import fill


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    await asyncio.to_thread(migrate, database_url)
    opened = Database(database_url)
    yield opened
    await opened.close()


async def test_workers_that_write_at_once_leave_one_of_each_kind(db: Database) -> None:
    repository = (await fill(db)).public
    writers = (
        save_snapshots(db, repository, f"{n:040x}", {"hotspots": {"n": n}, "coupling": {"n": n}}) for n in range(8)
    )
    await asyncio.gather(*writers)
    found = await get_snapshots(db, repository, ["hotspots", "coupling", "ownership"])
    assert found.keys() == {"hotspots", "coupling"}
    assert found["hotspots"].content == found["coupling"].content  # both of one writer


async def test_a_repository_that_is_gone_gets_none(db: Database) -> None:
    gone = uuid4()
    await save_snapshots(db, gone, "0" * 40, {"hotspots": {}})
    assert await get_snapshots(db, gone, ["hotspots"]) == {}
