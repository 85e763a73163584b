"""The sync from GitHub, against the stand-in over HTTP: complete, in pages, resumable."""

from datetime import timedelta

import pytest

from bot.db import sync_states
from bot.db.github_tables import ContributorRow, ItemRow, LabelRow, MilestoneRow, ReleaseRow, SyncStateRow
from bot.db.orders import carry_out
from bot.db.stored_items import stream_responses
from bot.db.sync_states import SyncLeaseLost
from bot.domain.items import ItemKind, ResponseKind
from bot.domain.orders import DeleteRepositories
from bot.domain.sync import SyncResource, missing_sources, summary
from bot.local.item_records import Comment, Contributor, Label, Milestone, Release, Review, ReviewComment
from bot.sync.run import Slice
from tests.sync.conftest import Serve, at, issue, pull

EVERYTHING = (
    Label(name="bug", color="ff0000"),
    Milestone(number=1, title="1.0", created_at=at(0)),
    Release(tag="v1", user="anna", created_at=at(1), published_at=at(1)),
    Contributor(user="anna", contributions=7),
    issue(1, labels=["bug"], milestone=1, state="closed", state_reason="not_planned", closed_at=at(9)),
    pull(2, merged_at=at(5), merged_by="carla", merge_commit_sha="c" * 40),
    pull(3, draft=True, user=None, head_repository=None),
    Comment(number=1, user="dora", created_at=at(2)),
    Review(number=2, user="carla", state="APPROVED", created_at=at(4)),
    ReviewComment(number=2, user=None, created_at=at(4)),
)
ALL = [resource.value for resource in SyncResource]


async def test_everything_is_stored(serve: Serve) -> None:
    synced = await serve(*EVERYTHING)
    assert await synced.sync()
    assert await synced.states() == dict.fromkeys(ALL, "done")
    items = await synced.items()
    first, merged, draft = items[1], items[2], items[3]
    assert (first.kind, first.labels, first.milestone, first.comments) == (ItemKind.ISSUE, ("bug",), 1, 1)
    assert (first.state, first.state_reason) == ("closed", "not_planned")
    assert merged.pull and merged.pull.merge_commit_sha == "c" * 40
    assert merged.pull.merged_by and merged.pull.merged_by.login == "carla"
    assert draft.pull and draft.pull.draft and draft.author is None
    responses = [one async for one in stream_responses(synced.db, synced.id)]
    assert [(one.kind, one.number, one.author.login if one.author else None) for one in responses] == [
        (ResponseKind.COMMENT, 1, "dora"),
        (ResponseKind.REVIEW, 2, "carla"),
        (ResponseKind.REVIEW_COMMENT, 2, None),
    ]
    for table, number in ((LabelRow, 1), (MilestoneRow, 1), (ReleaseRow, 1), (ContributorRow, 1)):
        assert await synced.count(table) == number
    assert synced.learned == [synced.id]
    states = [await synced.state(resource) for resource in SyncResource]
    assert missing_sources(states) == ()
    assert summary(states).sentence == "Issues, pull requests and the rest are synced from GitHub."


async def test_long_lists_are_read_in_pages_and_each_only_once(serve: Serve) -> None:
    synced = await serve(*(issue(number) for number in range(1, 251)), *(pull(n) for n in range(251, 481)))
    await synced.sync()
    assert sorted(await synced.items()) == list(range(1, 481))
    lists = [one for one in synced.requests if one.startswith(("/issues?", "/pulls?"))]
    assert len(lists) == len(set(lists)) == 5 + 3
    issues, pulls = await synced.state(SyncResource.ISSUES), await synced.state(SyncResource.PULLS)
    assert (issues.done, issues.total, pulls.done) == (250, 250, 230)


async def test_a_hundred_elements_of_the_same_second(serve: Serve) -> None:
    """A bulk edit gives whole pages the same time: there the pass goes on by pages."""
    same = {"created_at": at(3), "updated_at": at(400)}
    synced = await serve(*(issue(number, **same) for number in range(1, 331)), issue(331))
    await synced.sync()
    assert len(await synced.items()) == 331


async def test_an_item_that_changes_during_the_pass_is_not_missed(serve: Serve) -> None:
    synced = await serve(*(issue(number) for number in range(1, 301)))
    await synced.sync(Slice(requests=7))  # the page after the first one of the issues is not read yet
    known = await synced.items()
    assert 0 < len(known) < 300
    for number in (1, 50, 150, 299):
        synced.stand_in.hub.items.edit(number, title="changed")
    await synced.sync()
    items = await synced.items()
    assert sorted(items) == list(range(1, 301))
    assert [number for number, one in items.items() if one.title == "changed"] == [1, 50, 150, 299]


async def test_a_slice_ends_and_the_next_one_goes_on(serve: Serve) -> None:
    synced = await serve(*(issue(number) for number in range(1, 301)), *(pull(n) for n in range(301, 311)))
    slices = 0
    while any(status in {"waiting", "running"} for status in (await synced.states()).values()) or not slices:
        assert await synced.sync(Slice(requests=3))
        slices += 1
        assert slices < 20
    assert len(synced.requests) == len(set(synced.requests))
    assert slices > 4
    assert len(await synced.items()) == 310
    assert synced.learned == [synced.id]


async def test_only_one_worker_has_a_repository(serve: Serve) -> None:
    synced = await serve(*EVERYTHING)
    lease = await sync_states.claim(synced.db, synced.id)
    assert lease is not None
    assert not await synced.sync()
    assert synced.requests == []
    assert await sync_states.find_due(synced.db, at_once=2, known_for=timedelta()) == []
    await sync_states.release(synced.db, lease)
    assert await sync_states.find_due(synced.db, at_once=2, known_for=timedelta()) == [synced.id]
    assert await synced.sync()
    assert await sync_states.find_due(synced.db, at_once=2, known_for=timedelta()) == []


async def test_a_worker_that_was_taken_for_dead_stores_nothing_more(serve: Serve) -> None:
    synced = await serve(*EVERYTHING)
    lease = await sync_states.claim(synced.db, synced.id)
    assert lease is not None
    await synced.pass_time(minutes=1)
    assert await sync_states.claim(synced.db, synced.id) is not None
    with pytest.raises(SyncLeaseLost):
        async with synced.db.writing() as session:
            await session.run_sync(sync_states.extend, lease)


async def test_a_repository_that_is_deleted_during_its_sync(serve: Serve) -> None:
    synced = await serve(*(issue(number) for number in range(1, 301)))
    await synced.sync(Slice(requests=7))
    github_id = synced.stand_in.hub.identity.repository_id
    await carry_out(synced.db, [DeleteRepositories((github_id,))])
    assert not await synced.sync()
    for table in (ItemRow, SyncStateRow):
        assert await synced.count(table) == 0
