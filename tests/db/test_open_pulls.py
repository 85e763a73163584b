"""What open pull requests touch: one row each, replaced, bounded, and gone when they close."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.db.engine import Database, now
from bot.db.history_tables import OpenPullRow
from bot.db.open_pulls import KEPT, MAX_FILES, delete_touched, expire, open_pulls_at, save_touched
from bot.db.orders import carry_out
from bot.db.tables import Repository
from bot.domain.open_pulls import OpenPull, Touched, TouchedFunction
from bot.domain.orders import ClosePull, DeleteRepositories
from tests.web.filled import Filled, fill

FUNCTION = TouchedFunction("a.py", "f", 3, 4)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def filled(db: Database) -> Filled:
    return await fill(db)


def pull(number: int, *files: str) -> OpenPull:
    return OpenPull(number, f"{number:040d}", Touched(files, (FUNCTION,)))


async def seen(db: Database, filled: Filled, *, paths: set[str], base: str = "main", exclude: int = 1) -> list[int]:
    found = await open_pulls_at(db, filled.public, base, exclude=exclude, head_sha="9" * 40, paths=paths)
    assert all(one.touched.functions == (FUNCTION,) for one in found)
    return [one.number for one in found]


async def test_others_into_the_same_branch_that_share_a_path(db: Database, filled: Filled) -> None:
    for number, files in ((1, "a.py"), (2, "a.py"), (3, "b.py"), (4, "a.py")):
        await save_touched(db, filled.public, "dev" if number == 4 else "main", pull(number, files))
    same_head = OpenPull(5, "9" * 40, Touched(("a.py",)))
    await save_touched(db, filled.public, "main", same_head)
    assert await seen(db, filled, paths={"a.py", "c.py"}) == [2]
    assert await seen(db, filled, paths={"a.py", "b.py"}, exclude=3) == [2, 1]


async def test_a_new_head_replaces_and_bounds_hold(db: Database, filled: Filled) -> None:
    await save_touched(db, filled.public, "main", pull(2, "a.py"))
    await save_touched(db, filled.public, "main", pull(2, *(f"{n}.py" for n in range(MAX_FILES + 5))))
    assert await seen(db, filled, paths={"a.py"}) == []
    [found] = await open_pulls_at(db, filled.public, "main", exclude=1, head_sha="", paths={"0.py"})
    assert len(found.touched.files) == MAX_FILES


async def test_closed_deleted_and_old_ones_are_gone(db: Database, filled: Filled) -> None:
    for number in (2, 3, 4, 5):
        await save_touched(db, filled.public, "main", pull(number, "a.py"))
    async with db.writing() as session:
        github_id = await session.scalar(select(Repository.github_id).where(Repository.id == filled.public)) or 0
        aged = now() - KEPT - timedelta(days=1)
        await session.execute(update(OpenPullRow).where(OpenPullRow.number == 5).values(seen_at=aged))
    await carry_out(db, [ClosePull(github_id, 2)])
    await delete_touched(db, filled.public, 3)
    assert await seen(db, filled, paths={"a.py"}) == [4]
    await expire(db)
    async with db.reading() as session:
        assert list(await session.scalars(select(OpenPullRow.number))) == [4]
    await carry_out(db, [DeleteRepositories((github_id,)), ClosePull(github_id, 4)])
    await save_touched(db, filled.public, "main", pull(4, "a.py"))
    async with db.reading() as session:
        assert list(await session.scalars(select(OpenPullRow))) == []
