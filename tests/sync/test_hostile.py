"""Text and values that strangers choose: bounded, storable on both databases, and never the end of a pass."""

from bot.db import stored_items
from bot.domain.items import MAX_BODY, ItemKind
from bot.domain.sync import SyncResource
from bot.local.item_records import Comment, Label, Review
from tests.sync.conftest import Serve, at, issue, pull

HOSTILE = "\x07\u202e<img src=x onerror=alert(1)> @everyone ../../etc \u200b"


async def test_hostile_items(serve: Serve) -> None:
    synced = await serve(
        issue(1, body="ü" * 60_000),
        issue(2, body="", user=None),
        issue(3, body="a\x00b", title=f"{HOSTILE}\x00", labels=[HOSTILE]),
        issue(4, body=None, created_at="2099-01-01T00:00:00Z", updated_at="2099-01-01T00:00:00Z"),
        pull(5, head_repository=None, user=None, body="日本語 🎉"),
        issue(6, gone="transferred"),
        issue(7, gone="converted"),
        Label(name=HOSTILE),
        Comment(number=1, user=None, created_at=at(3), body="x" * 60_000),
        Comment(number=6, user="a", created_at=at(3)),
        Review(number=5, user=None, state="DISMISSED", created_at=at(6)),
    )
    await synced.sync()
    assert await synced.states() == dict.fromkeys(SyncResource, "done")
    items = await synced.items()
    assert sorted(items) == [1, 2, 3, 4, 5]
    assert items[1].body == "ü" * MAX_BODY
    assert (items[2].author, items[2].body, items[4].body) == (None, "", "")
    assert items[3].body == "ab" and "\x00" not in items[3].title
    assert items[5].kind is ItemKind.PULL_REQUEST and items[5].author is None
    titles = await stored_items.titles_of(synced.db, synced.id, [3, 4, 99, None])
    assert titles[3].title == "<img src=x onerror=alert(1)> @everyone ../../etc"
    assert set(titles) == {3, 4}
    page = await stored_items.list_items(
        synced.db, synced.id, stored_items.ItemFilter(label=HOSTILE), limit=5, offset=0
    )
    assert [one.number for one in page.items] == [3]
