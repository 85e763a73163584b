"""After the first pass: what changed is read daily, what is gone is found weekly, and both cost few requests."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from bot.db.engine import now
from bot.db.github_tables import LabelRow, ResponseRow
from bot.db.items import delete_item, save_items
from bot.db.tables import Repository
from bot.domain.sync import SyncResource
from bot.local.item_records import Comment, Contributor, Label, Review
from bot.local.keys import RATE
from bot.sync.readers import read_listed_issue
from tests.sync.conftest import Serve, Synced, at, issue, pull

DAY = 25


async def stored_repository(synced: Synced) -> Repository:
    async with synced.db.reading() as session:
        return (await session.scalars(select(Repository))).one()


async def test_a_day_later_only_what_changed_is_read(serve: Serve) -> None:
    numbers = range(1, 251)
    synced = await serve(*(issue(number) for number in numbers), *(pull(number) for number in range(251, 256)))
    await synced.sync()
    synced.learned.clear()
    synced.stand_in.hub.items.edit(7, title="changed")
    synced.stand_in.hub.items.review(252, "APPROVED", author="carla")
    requests = await synced.sync_again(hours=DAY)
    items = await synced.items()
    assert items[7].title == "changed"
    assert len([one for one in requests if one.startswith("/issues?")]) == 1
    assert [one for one in requests if "/reviews" in one] == ["/pulls/252/reviews?per_page=100"]
    async with synced.db.reading() as session:
        assert list(await session.scalars(select(ResponseRow.number))) == [252]
    assert synced.learned == [synced.id]


async def test_nothing_new_costs_nothing_with_the_same_token(serve: Serve) -> None:
    """GitHub's ETags hold for one token (https://github.com/github/docs/issues/34689), which lives for an hour."""
    synced = await serve(issue(1), pull(2), Comment(number=1, user="a", created_at=at(3)), Label(name="bug"))
    await synced.sync()
    await synced.sync_again(hours=DAY)  # the lists by `since` and by update have other addresses than the first pass
    synced.learned.clear()
    before = rate_used(synced)
    requests = await synced.sync_again(hours=DAY)
    assert len(requests) == 9
    assert rate_used(synced) - before == 1  # the repository itself
    assert synced.learned == []
    assert (await synced.state(SyncResource.ISSUES)).done == 1


def rate_used(synced: Synced) -> int:
    """How many requests the stand-in has counted. A 304 costs nothing."""
    return synced.stand_in.app[RATE].peek("ghs_")["used"]


async def test_what_is_gone_goes_after_a_week(serve: Serve) -> None:
    synced = await serve(
        Label(name="bug"),
        Label(name="old"),
        Contributor(user="anna", contributions=3),
        *(issue(number) for number in range(1, 6)),
        pull(6),
        Comment(number=2, user="a", created_at=at(3)),
        Comment(number=5, user="a", created_at=at(6)),
        Review(number=6, user="b", state="APPROVED", created_at=at(7)),
    )
    await synced.sync()
    hub = synced.stand_in.hub
    hub.items.delete(2)
    hub.items.transfer(3)
    hub.items.convert(4)
    hub.repository.delete_label("old")
    await synced.sync_again(hours=DAY)
    assert sorted(await synced.items()) == [1, 2, 3, 4, 5, 6]
    async with synced.db.reading() as session:
        assert list(await session.scalars(select(LabelRow.name))) == ["bug"]  # short lists are read as a whole
    synced.learned.clear()
    await synced.sync_again(days=7)
    assert sorted(await synced.items()) == [1, 5, 6]
    async with synced.db.reading() as session:
        numbers = await session.scalars(select(ResponseRow.number).order_by(ResponseRow.number))
        assert list(numbers) == [5, 6]


async def test_a_webhook_and_the_sync_do_not_undo_each_other(serve: Serve) -> None:
    synced = await serve(issue(1), issue(2))
    await synced.sync()
    newer = (await synced.items())[1]
    async with synced.db.writing() as session:
        changed = replace(newer, title="by webhook", updated_at=now() + timedelta(seconds=5))
        await save_items(session, synced.id, [changed], now())
        await delete_item(session, synced.id, 2)
    await synced.sync_again(days=8)
    items = await synced.items()
    assert items[1].title == "by webhook"
    assert 2 in items  # GitHub still lists it


async def test_a_repository_that_turns_private_keeps_its_rows_and_is_private(serve: Serve) -> None:
    synced = await serve(issue(1))
    await synced.sync()
    repository = await stored_repository(synced)
    before = repository.private
    async with synced.db.writing() as session:
        row = await session.get_one(Repository, synced.id)
        row.private = not before
    await synced.sync_again(hours=DAY)
    assert (await stored_repository(synced)).private is before
    assert (await stored_repository(synced)).facts["url"]
    assert list(await synced.items()) == [1]


async def test_times_in_the_future_do_not_hide_later_changes(serve: Serve) -> None:
    synced = await serve(issue(1, created_at=at(1), updated_at="2099-01-01T00:00:00Z"), issue(2))
    await synced.sync()
    since = (await synced.state(SyncResource.ISSUES)).since
    assert since is not None and since <= now()
    synced.stand_in.hub.items.edit(2, title="changed")
    await synced.sync_again(hours=DAY)
    assert (await synced.items())[2].title == "changed"


async def test_who_closed_a_merged_pull_request_merged_it() -> None:
    listed = {
        "id": 1,
        "number": 1,
        "state": "closed",
        "user": None,
        "created_at": at(1),
        "closed_at": at(2),
        "pull_request": {"merged_at": at(2)},
        "closed_by": {"id": 5, "login": "carla", "type": "User"},
    }
    merged = read_listed_issue(listed).pull
    assert merged is not None and merged.merged_by is not None and merged.merged_by.login == "carla"
    closed = read_listed_issue(listed | {"pull_request": {"merged_at": None}})
    assert closed.pull is None
