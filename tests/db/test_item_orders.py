"""Orders on issues, reviews, labels and releases become rows, many with a few statements, on both databases."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from bot.db.engine import Database, now
from bot.db.github_tables import ItemRow, LabelRow, ReleaseRow, ResponseRow, SyncStateRow
from bot.db.orders import carry_out
from bot.db.tables import Repository
from bot.dispatch.events import orders_of
from bot.domain.items import Item, ItemKind, Label, Release, Response, ResponseKind
from bot.domain.orders import (
    DeleteItem,
    DeleteLabel,
    DeleteRelease,
    DeleteRepositories,
    Order,
    RetryRefusedSync,
    SaveItem,
    SaveLabel,
    SaveRelease,
    SaveResponse,
)
from bot.domain.sync import SyncResource, SyncStatus
from tests.contract.examples import examples_of
from tests.db.test_plans import recorded
from tests.web.filled import BEGIN, Filled, fill


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def filled(db: Database) -> Filled:
    return await fill(db)


@pytest.fixture
async def repository(db: Database, filled: Filled) -> int:
    """GitHub's id of a stored repository."""
    async with db.reading() as session:
        return await session.scalar(select(Repository.github_id).where(Repository.id == filled.public)) or 0


def item(number: int, **fields: Any) -> Item:
    made = Item(
        github_id=number,
        number=number,
        kind=ItemKind.ISSUE,
        title=f"issue {number}",
        body="",
        author=None,
        state="open",
        created_at=BEGIN,
        updated_at=BEGIN,
    )
    return replace(made, **fields)


def review(number: int, state: str) -> Response:
    return Response(github_id=9, number=number, kind=ResponseKind.REVIEW, author=None, at=BEGIN, state=state)


def release(github_id: int, tag: str) -> Release:
    return Release(
        github_id=github_id,
        tag=tag,
        name="",
        author=None,
        draft=False,
        prerelease=False,
        created_at=BEGIN,
        published_at=BEGIN,
    )


async def column(db: Database, one: Any) -> list[Any]:
    """All values of a column, sorted by their text."""
    async with db.reading() as session:
        return sorted(await session.scalars(select(one)), key=str)


async def test_what_was_ordered_is_stored(db: Database, repository: int) -> None:
    saved: list[Order] = [
        SaveItem(repository, item(1)),
        SaveItem(repository, item(2)),
        SaveLabel(repository, Label("bug", "ff0000", "")),
        SaveResponse(repository, review(1, "approved")),
        SaveRelease(repository, release(5, "v1")),
        SaveRelease(repository, release(6, "v2")),
        SaveItem(repository, item(1, title="new", updated_at=BEGIN + timedelta(days=1))),
        SaveResponse(repository, review(1, "dismissed")),
    ]
    await carry_out(db, saved)
    assert await column(db, ItemRow.title) == ["issue 2", "new"]
    assert await column(db, ResponseRow.state) == ["dismissed"]
    assert await column(db, ReleaseRow.tag) == ["v1", "v2"]
    deleted: list[Order] = [
        DeleteItem(repository, 1),
        DeleteLabel(repository, "bug"),
        DeleteRelease(repository, 5),
    ]
    await carry_out(db, deleted)
    assert await column(db, ItemRow.number) == [2]
    assert await column(db, ReleaseRow.tag) == ["v2"]
    assert await column(db, LabelRow.name) == await column(db, ResponseRow.state) == []


async def test_an_older_webhook_does_not_replace_a_newer_state(db: Database, repository: int) -> None:
    newer = item(1, title="new", state="closed", updated_at=BEGIN + timedelta(seconds=1))
    await carry_out(db, [SaveItem(repository, newer)])
    await carry_out(db, [SaveItem(repository, item(1, title="old"))])
    assert await column(db, ItemRow.title) == ["new"]
    await carry_out(db, [SaveItem(repository, item(2)), SaveItem(repository, replace(item(2), state="closed"))])
    assert await column(db, ItemRow.state) == ["closed", "closed"]


async def test_what_is_saved_and_then_deleted_is_gone(db: Database, repository: int) -> None:
    await carry_out(db, [SaveItem(repository, item(1)), DeleteItem(repository, 1), SaveItem(repository, item(2))])
    assert await column(db, ItemRow.number) == [2]


async def test_a_repository_that_is_not_stored_is_left_out(db: Database, repository: int) -> None:
    unknown = repository + 4711
    await carry_out(db, [SaveItem(unknown, item(1)), SaveItem(repository, item(2)), DeleteLabel(unknown, "bug")])
    await carry_out(db, [DeleteRepositories((repository,)), SaveItem(repository, item(3))])
    assert await column(db, ItemRow.number) == []


async def test_a_renamed_label_is_renamed_on_all_items(db: Database, repository: int) -> None:
    odd = 'it\'s "odd" β'
    await carry_out(
        db,
        [
            SaveLabel(repository, Label("bug", "ff0000", "")),
            SaveItem(repository, item(1, labels=("a", "bug", "z"))),
            SaveItem(repository, item(2, labels=("debug",))),
            SaveItem(repository, item(3)),
        ],
    )
    await carry_out(db, [SaveLabel(repository, Label(odd, "ff0000", ""), "bug")])
    assert await column(db, ItemRow.labels) == [["a", odd, "z"], ["debug"], []]
    assert await column(db, LabelRow.name) == [odd]
    await carry_out(db, [DeleteLabel(repository, odd)])
    assert await column(db, ItemRow.labels) == [["a", "z"], ["debug"], []]
    await carry_out(db, [DeleteLabel(repository, "debug")])
    assert await column(db, ItemRow.labels) == [["a", "z"], [], []]


async def test_a_label_of_one_repository_is_not_that_of_another(db: Database, filled: Filled, repository: int) -> None:
    async with db.reading() as session:
        other = await session.scalar(select(Repository.github_id).where(Repository.id == filled.private)) or 0
    await carry_out(db, [SaveItem(one, item(1, labels=("bug",))) for one in (repository, other)])
    await carry_out(db, [DeleteLabel(repository, "bug")])
    assert await column(db, ItemRow.labels) == [["bug"], []]


async def test_many_deliveries_need_few_statements(db: Database, repository: int) -> None:
    """On SQLite the inbox waits for the write lock meanwhile."""
    payload = examples_of("pull_request", "opened")[0] | {"installation": {"id": 99, "account": {"login": "octo"}}}
    orders: list[Order] = []
    for number in range(1, 101):
        changed = json.loads(json.dumps(payload))
        changed["repository"]["id"] = repository
        changed["pull_request"] |= {"number": number, "id": number}
        orders += await orders_of("pull_request", "an-id", changed)
        orders.append(SaveResponse(repository, replace(review(number, "approved"), github_id=number)))
    assert len(orders) == 300
    with recorded(db, "") as asked:
        await carry_out(db, orders)
    assert len(asked.statements) < 15, [statement[:60] for statement, _ in asked.statements]
    assert len(await column(db, ItemRow.number)) == len(await column(db, ResponseRow.number)) == 100


async def test_accepted_permissions_let_what_was_refused_go_on(db: Database, filled: Filled) -> None:
    async with db.writing() as session:
        installation = await session.scalar(select(Repository.installation_id).where(Repository.id == filled.public))
        for resource, status in ((SyncResource.ISSUES, SyncStatus.REFUSED), (SyncResource.PULLS, SyncStatus.DONE)):
            session.add(state(filled.public, resource, status))
    await carry_out(db, [RetryRefusedSync((installation or 0) + 1)])
    assert await column(db, SyncStateRow.status) == [SyncStatus.DONE, SyncStatus.REFUSED]
    await carry_out(db, [RetryRefusedSync(installation or 0)])
    async with db.reading() as session:
        rows = {row.resource: row for row in await session.scalars(select(SyncStateRow))}
    issues, pulls = rows[SyncResource.ISSUES], rows[SyncResource.PULLS]
    assert (issues.status, issues.due_at, issues.reason) == (SyncStatus.WAITING, None, "")
    assert (pulls.status, pulls.reason) == (SyncStatus.DONE, "why")
    assert pulls.due_at is not None


def state(repository_id: UUID, resource: SyncResource, status: SyncStatus) -> SyncStateRow:
    return SyncStateRow(
        id=uuid4(),
        repository_id=repository_id,
        resource=resource,
        status=status,
        due_at=now() + timedelta(days=1),
        reason="why",
        updated_at=now(),
    )
