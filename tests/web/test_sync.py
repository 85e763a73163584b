"""What is synced from GitHub, in REST and on pages: how far it is, issues, contributors, titles of pull requests."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Update, update

from bot.db import items, sync_states
from bot.db.engine import Database, now
from bot.db.github_tables import SyncStateRow
from bot.db.tables import Installation, Repository
from bot.domain.items import Account, AccountActivity, Item
from bot.domain.sync import NOT_AUTOMATIC, SUSPENDED, SyncResource, SyncStatus
from bot.web.github_app import HAS_APP
from bot.web.pages.progress import STREAMS
from tests.db.test_items import ANNA, BOT, item, pull
from tests.web.asking import Api, assert_problem
from tests.web.conftest import Web
from tests.web.filled import BEGIN, HOSTILE, Filled, fill
from tests.web.visiting import get

SHOWN = "&lt;script&gt;alert(1)&lt;/script&gt;"


async def save(db: Database, rows: Filled, *some: Item) -> None:
    async with db.writing() as session:
        await items.save_items(session, rows.public, some, now())


async def set_state(db: Database, rows: Filled, columns: Mapping[SyncResource, Mapping[str, Any]]) -> None:
    """Store states: all waiting, but for these columns."""
    lease = await sync_states.claim(db, rows.public)
    if lease is not None:
        await sync_states.release(db, lease)
    async with db.writing() as session:
        for resource, values in columns.items():
            await session.run_sync(
                partial(sync_states.set_state, repository_id=rows.public, resource=resource, **values)
            )


DONE = {"status": SyncStatus.DONE, "completed_at": BEGIN, "since": BEGIN, "done": 3, "total": 3, "due_at": BEGIN}


async def test_before_the_first_sync(api: Api) -> None:
    answer = await api(f"/repositories/{api.rows.public}/sync")
    assert answer.status == 200
    assert answer.body == {
        "status": "waiting",
        "sentence": "The sync of issues and pull requests from GitHub begins soon.",
        "missing": [
            {
                "source": source,
                "reason": f"{words} are not synced from GitHub yet. The sync begins soon.",
                "until": None,
            }
            for source, words in (("issues", "Issues"), ("pull_requests", "Pull requests"))
        ],
        "resources": [],
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (update(Repository).values(auto_analyze=False), NOT_AUTOMATIC),
        (update(Installation).values(suspended=True), SUSPENDED),
    ],
)
@pytest.mark.parametrize("synced", [False, True])
async def test_a_sync_that_is_off_is_not_promised(api: Api, change: Update, sentence: str, synced: bool) -> None:
    if synced:
        await set_state(api.web.db, api.rows, {SyncResource.ISSUES: DONE})
    async with api.web.db.writing() as session:
        await session.execute(change)
    body = (await api(f"/repositories/{api.rows.public}/sync")).body
    assert (body["status"], body["sentence"]) == ("unavailable", sentence)
    missing = [(one["source"], one["reason"], one["until"]) for one in body["missing"]]
    lacks = ["pull_requests"] if synced else ["issues", "pull_requests"]
    assert missing == [(source, sentence, None) for source in lacks]


async def test_each_resource_and_what_is_missing(api: Api) -> None:
    reason = "GitHub does not permit it. It answered 403: no"
    until = now() + timedelta(hours=20)
    refused = {"status": SyncStatus.REFUSED, "reason": reason, "due_at": until}
    await set_state(api.web.db, api.rows, dict.fromkeys(SyncResource, DONE) | {
        SyncResource.ISSUES: refused,
    })  # fmt: skip
    body = (await api(f"/repositories/{api.rows.public}/sync")).body
    assert (body["status"], body["sentence"]) == ("partial", f"Not everything is synced from GitHub: issues. {reason}")
    assert [one["resource"] for one in body["resources"]] == [resource.value for resource in SyncResource]
    [missing] = body["missing"]
    assert (missing["source"], missing["reason"]) == ("issues", f"Issues are not synced completely. {reason}")
    assert missing["until"] is not None
    states = {one["resource"]: one for one in body["resources"]}
    assert (states["issues"]["status"], states["issues"]["completed_at"]) == ("refused", None)
    assert (states["pulls"]["done"], states["pulls"]["completed_at"]) == (3, "2026-01-02T03:04:05Z")


async def test_the_running_pass_is_told_with_its_progress(api: Api) -> None:
    running = {"status": SyncStatus.RUNNING, "done": 1_200, "total": 9_000}
    await set_state(api.web.db, api.rows, {SyncResource.LABELS: DONE, SyncResource.ISSUES: running})
    body = (await api(f"/repositories/{api.rows.public}/sync")).body
    assert body["status"] == "running"
    assert body["sentence"] == "The sync from GitHub is running: issues, 1,200 of about 9,000 so far."
    assert body["missing"][0]["reason"] == "Issues are being synced from GitHub; 1,200 are read."


async def test_an_unknown_repository_and_no_token(api: Api) -> None:
    for path in ("sync", "issues", "contributors"):
        assert_problem(await api(f"/repositories/{uuid4()}/{path}"), 404)
        assert_problem(await api(f"/repositories/{api.rows.public}/{path}", token=None), 401)


async def test_issues_are_listed_and_filtered(api: Api) -> None:
    await save(
        api.web.db,
        api.rows,
        item(1, title=HOSTILE, labels=("bug", "good first issue"), author=None),
        item(2, state="closed", state_reason="completed", closed_at=BEGIN, author=BOT),
        pull(3, title="a\u202eb\nc"),
    )
    place = f"/repositories/{api.rows.public}/issues"
    body = (await api(place)).body
    assert (body["total"], [one["number"] for one in body["items"]]) == (3, [3, 2, 1])
    third, second, first = body["items"]
    assert (third["kind"], third["title"], third["draft"]) == ("pull_request", "ab c", False)
    assert third["url"] == "https://github.com/octo/public/pull/3"
    assert second["author"] == {"id": 2, "login": "a[bot]", "is_bot": True}
    assert (first["author"], first["draft"], first["labels"]) == (None, None, ["bug", "good first issue"])
    for query, numbers in (
        ("kind=issue", [2, 1]),
        ("state=open&kind=issue", [1]),
        ("label=good%20first%20issue", [1]),
        ("author=ANNA", [3]),
        ("q=script", [1]),
        ("since=2026-01-04T03:04:05Z", [3, 2]),
        ("limit=1&offset=1", [2]),
    ):
        assert [one["number"] for one in (await api(f"{place}?{query}")).body["items"]] == numbers
    for query in ("kind=nonsense", "state=x", "since=yesterday", "label=%00", "limit=101"):
        assert_problem(await api(f"{place}?{query}"), 422)


async def test_contributors_are_listed_by_login(api: Api) -> None:
    people = [AccountActivity(Account(3, "zoe"), 900), AccountActivity(ANNA, 5), AccountActivity(BOT, 1)]
    async with api.web.db.writing() as session:
        await items.save_contributors(session, api.rows.public, people, now())
    body = (await api(f"/repositories/{api.rows.public}/contributors")).body
    assert [(one["account"]["login"], one["contributions"]) for one in body["items"]] == [
        ("a[bot]", 1),
        ("Anna", 5),
        ("zoe", 900),
    ]


async def test_titles_in_answers(api: Api) -> None:
    await save(api.web.db, api.rows, pull(7, title="Fix the parser"))
    body = (await api(f"/repositories/{api.rows.public}/pull-requests/7")).body
    assert (body["title"], body["author"]) == ("Fix the parser", "Anna")
    found = [
        *body["analyses"],
        *(await api(f"/repositories/{api.rows.public}/analyses")).body["items"],
        *(await api(f"/repositories/{api.rows.public}/insights")).body["items"],
        (await api(f"/insights/{api.rows.insights[1]}")).body,
    ]
    assert {(one["pull_request"], one["pull_request_title"], one["pull_request_author"]) for one in found} == {
        (7, "Fix the parser", "Anna"),
        (None, None, None),
    }


async def test_titles_that_are_not_synced_are_null(api: Api) -> None:
    body = (await api(f"/repositories/{api.rows.public}/pull-requests/7")).body
    assert (body["title"], body["author"]) == (None, None)
    assert {one["pull_request_title"] for one in body["analyses"]} == {None}


@pytest.fixture
async def rows(web: Web) -> Filled:
    return await fill(web.db)


async def test_pages_show_titles_as_text(web: Web, rows: Filled) -> None:
    await save(web.db, rows, pull(7, title=f"{HOSTILE}\u202e"))
    for path in ("", "/insights", "/pull-requests", "/analyses"):
        seen = await get(web, f"/repositories/{rows.public}{path}")
        assert seen.status == 200
        assert SHOWN in seen.text and "by Anna" in seen.text
        assert "<script>alert" not in seen.text and "\u202e" not in seen.text


async def test_the_page_tells_how_far_the_sync_is(web: Web, rows: Filled) -> None:
    place = f"/repositories/{rows.public}"
    assert "begins soon" in (await get(web, place)).text
    running = {"status": SyncStatus.RUNNING, "done": 1_200, "total": 9_000}
    await set_state(web.db, rows, {SyncResource.ISSUES: running})
    seen = await get(web, place)
    assert "issues, 1,200 of about 9,000 so far" in seen.text
    assert (
        f'data-events="{place}/sync/events"' in seen.text and '<progress aria-label="Progress of the sync' in seen.text
    )


async def test_without_a_github_app_it_says_so(web: Web, rows: Filled) -> None:
    app = web.client.app
    assert app is not None
    app._state[HAS_APP] = False  # the started application is frozen
    try:
        seen = await get(web, f"/repositories/{rows.public}")
        assert "Issues and pull requests come from GitHub; this instance has no GitHub App." in seen.text
        body = (await Api(web, rows)(f"/repositories/{rows.public}/sync")).body
        assert (body["status"], len(body["missing"])) == ("unavailable", 2)
    finally:
        app._state[HAS_APP] = True


async def test_progress_events(web: Web, rows: Filled) -> None:
    app = web.client.app
    assert app is not None
    app[STREAMS].poll_seconds = 0.02
    await set_state(web.db, rows, {SyncResource.ISSUES: {"status": SyncStatus.RUNNING, "done": 100, "total": 300}})
    async with web.client.get(f"/repositories/{rows.public}/sync/events") as answer, asyncio.timeout(20):
        assert b'"done":100,"total":300' in await answer.content.readuntil(b"}\n\n")
        await set_state(web.db, rows, {SyncResource.ISSUES: {"done": 200}})
        assert b'"done":200' in await answer.content.readuntil(b"}\n\n")
        async with web.db.writing() as session:
            await session.execute(update(SyncStateRow).values(status=SyncStatus.DONE))
        assert b"event: done" in await answer.read()
    assert (await get(web, f"/repositories/{rows.private}/sync/events")).status == 404
