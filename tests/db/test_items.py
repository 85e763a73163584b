"""Issues and pull requests in the database: written in any order by the sync and by webhooks, read in pages."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.db import items, stored_items
from bot.db.engine import Database
from bot.db.github_tables import ItemRow, LabelRow, ResponseRow
from bot.db.orders import carry_out
from bot.db.stored_items import ItemFilter
from bot.db.tables import Repository
from bot.domain.items import (
    Account,
    AccountActivity,
    Item,
    ItemKind,
    Label,
    Milestone,
    PullFacts,
    Release,
    Response,
    ResponseKind,
)
from bot.domain.orders import DeleteRepositories
from tests.db.test_plans import recorded
from tests.web.filled import BEGIN, Filled, fill

ANNA, BOT = Account(1, "Anna"), Account(2, "a[bot]", is_bot=True)
SEEN = datetime(2026, 5, 1, tzinfo=UTC)
FACTS = PullFacts(draft=False, base_ref="main", head_sha="a" * 40)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def filled(db: Database) -> Filled:
    return await fill(db)


def item(number: int, **fields: Any) -> Item:
    values: dict[str, Any] = {
        "github_id": 1000 + number,
        "number": number,
        "kind": ItemKind.ISSUE,
        "title": f"Title {number}",
        "body": "text",
        "author": ANNA,
        "state": "open",
        "labels": ("bug",),
        "created_at": BEGIN,
        "updated_at": BEGIN + timedelta(days=number),
    }
    return Item(**values | fields)


def pull(number: int, **fields: Any) -> Item:
    return item(number, **{"kind": ItemKind.PULL_REQUEST, "pull": FACTS} | fields)


async def save(db: Database, filled: Filled, *some: Item, seen_at: datetime = SEEN) -> None:
    async with db.writing() as session:
        await items.save_items(session, filled.public, some, seen_at)


async def stored(db: Database, filled: Filled) -> dict[int, Item]:
    return {one.number: one async for one in stored_items.stream_items(db, filled.public)}


async def test_what_was_stored_is_read_again(db: Database, filled: Filled) -> None:
    issue = item(1, state="closed", state_reason="not_planned", milestone=3, comments=4, closed_at=BEGIN)
    merged = pull(2, pull=replace(FACTS, merged_at=BEGIN, merged_by=BOT, merge_commit_sha="b" * 40, draft=True))
    await save(db, filled, merged, issue, item(3, author=None, labels=(), body=""))
    assert await stored(db, filled) == {1: issue, 2: merged, 3: item(3, author=None, labels=(), body="")}
    bodiless = [one async for one in stored_items.stream_items(db, filled.public, ItemKind.ISSUE, bodies=False)]
    assert bodiless == [replace(issue, body=""), item(3, author=None, labels=(), body="")]


async def test_an_older_state_never_replaces_a_newer_one(db: Database, filled: Filled) -> None:
    newer = item(1, title="new", updated_at=BEGIN + timedelta(days=2))
    await save(db, filled, newer)
    await save(db, filled, item(1, title="old"), seen_at=SEEN + timedelta(hours=1))
    assert await stored(db, filled) == {1: newer}
    async with db.reading() as session:
        assert await session.scalar(select(ItemRow.seen_at)) == SEEN + timedelta(hours=1)
    await save(db, filled, replace(newer, title="same time"))
    assert (await stored(db, filled))[1].title == "same time"


async def test_each_list_keeps_what_only_the_other_one_knows(db: Database, filled: Filled) -> None:
    """The list of issues has no heads and bases; the list of pull requests counts no comments."""
    listed_as_issue = pull(1, comments=7, pull=PullFacts(draft=False, base_ref="", head_sha="", merged_by=BOT))
    for order in ((listed_as_issue, pull(1)), (pull(1), listed_as_issue)):
        for one in order:
            await save(db, filled, one)
        found = (await stored(db, filled))[1]
        assert (found.comments, found.pull) == (7, replace(FACTS, merged_by=BOT))
    await save(db, filled, replace(listed_as_issue, pull=None, comments=0))
    found = (await stored(db, filled))[1]
    assert (found.comments, found.pull) == (0, replace(FACTS, merged_by=BOT))


async def test_a_page_needs_two_statements(db: Database, filled: Filled) -> None:
    with recorded(db, "") as asked:
        await save(db, filled, *(item(number) for number in range(1, 101)))
    assert [one[0].split()[0] for one in asked.statements if not one[0].startswith("BEGIN")] == ["INSERT", "UPDATE"]


async def test_long_lists_are_read_in_pages(db: Database, filled: Filled) -> None:
    await save(db, filled, *(item(number) for number in range(1, 1_202)))
    assert list(await stored(db, filled)) == list(range(1, 1_202))
    comments = [
        Response(github_id=n, number=1, kind=ResponseKind.COMMENT, author=None, at=BEGIN) for n in range(1, 1_001)
    ]
    review = replace(comments[0], kind=ResponseKind.REVIEW, state="approved", author=BOT)
    async with db.writing() as session:
        await items.save_responses(session, filled.public, [*comments, review], SEEN)
        await items.save_responses(session, filled.public, [review], SEEN)
    assert [one async for one in stored_items.stream_responses(db, filled.public)] == [*comments, review]
    assert [one async for one in stored_items.stream_responses(db, filled.public, ResponseKind.REVIEW)] == [review]


async def test_filters_of_the_list(db: Database, filled: Filled) -> None:
    await save(
        db,
        filled,
        item(1, labels=('a "b"', "x"), title="100% sure"),
        item(2, state="closed", author=BOT),
        pull(3, author=None, title="Über"),
    )

    async def numbers(**filters: Any) -> list[int]:
        page = await stored_items.list_items(db, filled.public, ItemFilter(**filters), limit=10, offset=0)
        assert page.total == len(page.items)
        return [one.number for one in page.items]

    assert await numbers() == [3, 2, 1]
    assert await numbers(kind=ItemKind.PULL_REQUEST) == [3]
    assert await numbers(state="closed") == [2]
    assert await numbers(label='a "b"') == [1]
    assert await numbers(label="a") == []
    assert await numbers(author="ANNA") == [1]
    assert await numbers(since=BEGIN + timedelta(days=2)) == [3, 2]
    assert await numbers(q="0% S") == [1]
    page = await stored_items.list_items(db, filled.public, ItemFilter(), limit=1, offset=1)
    assert ([one.number for one in page.items], page.total) == ([2], 3)


async def test_labels_milestones_releases_contributors(db: Database, filled: Filled) -> None:
    release = Release(
        github_id=1,
        tag="v1",
        name="One",
        author=ANNA,
        draft=False,
        prerelease=False,
        created_at=BEGIN,
        published_at=BEGIN,
    )
    draft = replace(release, github_id=2, draft=True, published_at=None)
    async with db.writing() as session:
        for color in ("ff0000", "00ff00"):
            await items.save_labels(session, filled.public, [Label("bug", color, ""), Label("b", color, "x")], SEEN)
        milestone = Milestone(number=1, title="1.0", state="open", created_at=BEGIN)
        await items.save_milestones(session, filled.public, [milestone], SEEN)
        await items.save_releases(session, filled.public, [draft, replace(release, github_id=3), release], SEEN)
        await items.delete_release(session, filled.public, 3)
        await items.delete_label(session, filled.public, "b")
        people = [AccountActivity(ANNA, 5), AccountActivity(BOT, 500)]
        await items.save_contributors(session, filled.public, people, SEEN)
    assert await stored_items.releases(db, filled.public) == [release]
    async with db.reading() as session:
        assert [(row.name, row.color) for row in await session.scalars(select(LabelRow))] == [("bug", "00ff00")]
    page = await stored_items.list_contributors(db, filled.public, limit=10, offset=0)
    assert (page.items, page.total) == ([AccountActivity(BOT, 500), AccountActivity(ANNA, 5)], 2)


async def test_titles_by_number(db: Database, filled: Filled) -> None:
    await save(db, filled, pull(1), pull(2, author=None))
    found = await stored_items.titles_of(db, filled.public, [1, 2, 3])
    assert {number: (one.title, one.author) for number, one in found.items()} == {
        1: ("Title 1", "Anna"),
        2: ("Title 2", None),
    }
    assert await stored_items.titles_of(db, filled.private, [1]) == {}


async def test_deletion_takes_the_answers_too(db: Database, filled: Filled) -> None:
    await save(db, filled, item(1), item(2))
    answer = Response(github_id=1, number=1, kind=ResponseKind.COMMENT, author=ANNA, at=BEGIN)
    async with db.writing() as session:
        await items.save_responses(session, filled.public, [answer, replace(answer, number=2, github_id=2)], SEEN)
        await items.delete_item(session, filled.public, 1)
    assert list(await stored(db, filled)) == [2]
    async with db.reading() as session:
        assert list(await session.scalars(select(ResponseRow.number))) == [2]
        github_id = await session.scalar(select(Repository.github_id).where(Repository.id == filled.public)) or 0
    await carry_out(db, [DeleteRepositories((github_id,))])
    async with db.reading() as session:
        for table in (ItemRow, ResponseRow):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
