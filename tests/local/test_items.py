"""The REST API of issues and what belongs to them, served from a data file."""

import json
import re
import sqlite3
import time
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from bot.errors import GiveUp
from bot.local import RATE, Fault
from tests.items import SHA, at, issue, pull, response, write
from tests.local.conftest import Repo, Rest, installed, rest, token_of
from tests.standin import StandIn, running_stand_in


@asynccontextmanager
async def served(
    repo: Repo, tmp_path: Path, *records: dict[str, Any], **config: Any
) -> AsyncIterator[tuple[StandIn, Rest]]:
    """A stand-in with a data file, and a client of its repository."""
    items = write(tmp_path / "items.jsonl", *records)
    async with (
        running_stand_in(repo.path, tmp_path, newest=0, items=items, **config) as stand_in,
        installed(stand_in) as client,
    ):
        yield stand_in, client


def numbers(items: list[dict[str, Any]]) -> list[int]:
    return [item["number"] for item in items]


async def pages(client: Rest, url: str) -> list[dict[str, Any]]:
    """All elements of a list, by the links of its pages."""
    found: list[dict[str, Any]] = []
    while url:
        page = await client("GET", url)
        assert page.status == 200, page.body
        found += page.body
        found_next = re.search(r'<([^>]*)>; rel="next"', page.headers.get("link", ""))
        url = found_next[1] if found_next else ""
    return found


ITEMS = (
    issue(101, labels=["bug"], milestone=1, body="a"),
    pull(102, labels=["bug", "odd"], merged_at=at(105), merged_by="carol", merge_commit_sha="c" * 40),
    issue(103, state="closed", state_reason="not_planned", closed_at=at(108), user=None),
    pull(104, head_repository=None, draft=True),
    response("comment", 11, 101),
    response("comment", 12, 103, created_at=at(120), user=None),
    response("review", 13, 102, state="APPROVED"),
    response("review_comment", 14, 102, review=13, user="dave[bot]"),
    {"type": "label", "name": "bug", "color": "ff0000", "description": "broken"},
    {"type": "milestone", "number": 1, "title": "1.0", "created_at": at(1), "due_on": at(200)},
    {"type": "milestone", "number": 2, "title": "0.9", "created_at": at(1), "state": "closed", "closed_at": at(9)},
    {"type": "release", "id": 21, "tag": "v0.9", "user": "carol", "created_at": at(9), "published_at": at(9)},
    {"type": "release", "id": 22, "tag": "v1.0/β", "user": None, "created_at": at(99), "draft": True},
    {"type": "contributor", "user": "alice", "contributions": 7},
    {"type": "contributor", "user": "bob", "contributions": 9},
)


async def test_issues_are_filtered_sorted_and_paged(repo: Repo, tmp_path: Path) -> None:
    async with served(repo, tmp_path, *ITEMS) as (_, client):

        async def listed(query: str) -> list[int]:
            own = 105  # the pull request of the branch `feature`
            return [number for number in numbers(await pages(client, f"/issues?{query}")) if number != own]

        assert await listed("state=all") == [104, 103, 102, 101]
        assert await listed("") == [104, 101]
        assert await listed("state=closed&direction=asc") == [102, 103]
        assert await listed("state=all&sort=updated&direction=asc&per_page=1") == [101, 104, 102, 103]
        assert (await listed("state=all&sort=comments"))[:2] == [103, 101]
        assert await listed("state=all&labels=bug") == [102, 101]
        assert await listed("state=all&labels=bug,odd") == [102]
        assert await listed(f"state=all&since={at(105)}") == [103, 102]
        assert await listed("state=all&since=2025-04-16T02:00:00%2B02:00") == [103, 102]  # the same moment


async def test_unknown_values_are_refused(repo: Repo, tmp_path: Path) -> None:
    async with served(repo, tmp_path, *ITEMS, expect_violations=True) as (_, client):
        for wrong in ("since=yesterday", "sort=size", "direction=up", "state=new"):
            assert (await client("GET", f"/issues?{wrong}")).status == 422


async def test_an_issue_has_its_labels_milestone_and_comments(repo: Repo, tmp_path: Path) -> None:
    async with served(repo, tmp_path, *ITEMS) as (_, client):
        one = (await client("GET", "/issues/101")).body
        assert [(label["name"], label["color"]) for label in one["labels"]] == [("bug", "ff0000")]
        assert (one["milestone"]["title"], one["milestone"]["open_issues"], one["comments"]) == ("1.0", 1, 1)
        assert "pull_request" not in one
        nobody = (await client("GET", "/issues/103")).body
        assert (nobody["user"], nobody["state_reason"], nobody["closed_at"]) == (None, "not_planned", at(108))
        merged = (await client("GET", "/issues/102")).body
        assert merged["pull_request"]["merged_at"] == at(105)
        assert (await client("GET", "/issues/999")).status == 404


async def test_pull_requests_say_who_merged_them(repo: Repo, tmp_path: Path) -> None:
    async with served(repo, tmp_path, *ITEMS) as (_, client):
        merged = (await client("GET", "/pulls/102")).body
        assert (merged["merged"], merged["merged_at"], merged["merged_by"]["login"]) == (True, at(105), "carol")
        assert (merged["merge_commit_sha"], merged["review_comments"]) == ("c" * 40, 1)
        deleted_fork = (await client("GET", "/pulls/104")).body
        assert (deleted_fork["head"]["repo"], deleted_fork["head"]["sha"], deleted_fork["draft"]) == (None, SHA, True)
        assert numbers(await pages(client, "/pulls?state=all&direction=asc&per_page=2")) == [102, 104, 105]
        assert numbers(await pages(client, "/pulls?state=closed")) == [102]
        assert numbers(await pages(client, "/pulls?state=all&sort=updated&direction=desc"))[-1] == 104
        assert (await client("GET", "/pulls/101")).status == 404


async def test_reviews_and_comments_are_listed(repo: Repo, tmp_path: Path) -> None:
    async with served(repo, tmp_path, *ITEMS) as (_, client):
        (review,) = (await client("GET", "/pulls/102/reviews")).body
        assert (review["id"], review["state"], review["submitted_at"]) == (13, "APPROVED", at(103))
        assert (await client("GET", "/pulls/101/reviews")).status == 404
        (remark,) = await pages(client, "/pulls/comments")
        assert (remark["id"], remark["user"]["type"], remark["pull_request_review_id"]) == (14, "Bot", 13)
        assert [one["id"] for one in await pages(client, "/issues/comments?per_page=1")] == [11, 12]
        newest = await pages(client, "/issues/comments?sort=updated&direction=desc")
        assert [(one["id"], one["user"] and one["user"]["login"]) for one in newest] == [(12, None), (11, "bob")]
        assert [one["id"] for one in await pages(client, f"/issues/comments?since={at(110)}")] == [12]
        assert [one["id"] for one in await pages(client, "/issues/101/comments")] == [11]


async def test_labels_milestones_releases_and_contributors(repo: Repo, tmp_path: Path) -> None:
    async with served(repo, tmp_path, *ITEMS) as (_, client):
        assert [one["name"] for one in await pages(client, "/labels")] == ["bug"]
        assert numbers(await pages(client, "/milestones")) == [1]
        assert numbers(await pages(client, "/milestones?state=all")) == [1, 2]
        assert [one["tag_name"] for one in await pages(client, "/releases")] == ["v0.9"]  # drafts need push access
        counted = [(one["login"], one["contributions"]) for one in await pages(client, "/contributors")]
        assert counted == [("bob", 9), ("alice", 7)]


async def test_each_list_needs_its_permission(repo: Repo, tmp_path: Path) -> None:
    needs = {
        "/issues": {"issues"},
        "/issues/101": {"issues"},
        "/issues/comments": {"issues", "pull_requests"},
        "/labels": {"issues", "pull_requests"},
        "/milestones": {"issues", "pull_requests"},
        "/pulls": {"pull_requests"},
        "/pulls/comments": {"pull_requests"},
        "/pulls/102/reviews": {"pull_requests"},
        "/releases": {"contents"},
        "/contributors": {"issues", "pull_requests", "contents"},
    }
    async with served(repo, tmp_path, *ITEMS) as (stand_in, _):
        for permission in ("issues", "pull_requests", "contents"):
            async with installed(stand_in, permissions={permission: "read"}) as client:
                for path, allowed in needs.items():
                    answer = await client("GET", path)
                    assert answer.status == (200 if permission in allowed else 403), (permission, path)
                    assert answer.status == 200 or answer.body["message"] == "Resource not accessible by integration"


async def test_an_installation_can_lack_a_permission_until_it_accepts(repo: Repo, tmp_path: Path) -> None:
    async with served(repo, tmp_path, *ITEMS, unaccepted=frozenset({"issues"})) as (stand_in, client):
        assert (await client("GET", "/issues")).status == 403
        assert (await client("GET", "/pulls")).status == 200
        async with rest(stand_in, stand_in.app_jwt()) as app:
            path = f"/app/installations/{stand_in.installation_id}"
            assert "issues" not in (await app("GET", path)).body["permissions"]
            refused = await app("POST", f"{path}/access_tokens", {"permissions": {"issues": "read"}})
            assert refused.status == 422
            stand_in.hub.repository.accept_permissions()
            assert (await app("GET", path)).body["permissions"]["issues"] == "read"
        async with installed(stand_in, permissions={"issues": "read"}) as accepted:
            assert (await accepted("GET", "/issues")).status == 200


async def test_disabled_issues_are_gone(repo: Repo, tmp_path: Path) -> None:
    async with served(repo, tmp_path, *ITEMS) as (stand_in, client):
        stand_in.hub.repository.disable_issues()
        assert (await client("GET", "/issues")).status == 410
        assert (await client("GET", "/pulls")).status == 200


async def test_what_is_deleted_transferred_or_converted_is_not_listed(repo: Repo, tmp_path: Path) -> None:
    records = [issue(number) for number in (1, 2, 3, 4)] + [response("comment", number, number) for number in (1, 4)]
    async with served(repo, tmp_path, *records, issue(50, gone="deleted")) as (stand_in, client):
        items = stand_in.hub.items
        items.delete(1)
        items.transfer(2)
        items.convert(3)
        assert numbers(await pages(client, "/issues?state=all&labels=&sort=created&direction=asc"))[:1] == [4]
        assert [one["number"] for one in await pages(client, "/issues") if "pull_request" not in one] == [4]
        assert [one["id"] for one in await pages(client, "/issues/comments")] == [4]
        assert (await client("GET", "/issues/1")).status == 410
        assert (await client("GET", "/issues/3")).status == 410
        assert stand_in.hub.items.open_issue("next").number == 52  # 51 is the branch's pull request
        async with client._session.get(
            f"{stand_in.repo_url}/issues/2", headers=client._headers, allow_redirects=False
        ) as moved:
            assert (moved.status, moved.headers["Location"].endswith("/local/elsewhere/issues/2")) == (301, True)


async def test_unchanged_pages_cost_nothing(repo: Repo, tmp_path: Path) -> None:
    async with served(repo, tmp_path, *ITEMS) as (stand_in, client):
        first = await client("GET", "/issues?state=all")
        left = int(first.headers["x-ratelimit-remaining"])
        same = await client("GET", "/issues?state=all", **{"If-None-Match": first.headers["etag"]})
        assert (same.status, same.body, int(same.headers["x-ratelimit-remaining"])) == (304, "", left)
        async with installed(stand_in) as other:  # an ETag belongs to one token
            again = await other("GET", "/issues?state=all", **{"If-None-Match": first.headers["etag"]})
            assert (again.status, int(again.headers["x-ratelimit-remaining"])) == (200, left - 1)
        stand_in.hub.items.edit(101, title="new")
        changed = await client("GET", "/issues?state=all", **{"If-None-Match": first.headers["etag"]})
        assert (changed.status, changed.headers["etag"] != first.headers["etag"]) == (200, True)


async def test_the_limit_can_be_nearly_spent(repo: Repo, tmp_path: Path) -> None:
    async with served(repo, tmp_path, *ITEMS) as (stand_in, client):
        stand_in.app[RATE].set_remaining(2, reset_in=60)
        left = [int((await client("GET", "/labels")).headers["x-ratelimit-remaining"]) for _ in range(2)]
        refused = await client("GET", "/labels")
        assert (left, refused.status) == ([1, 0], 403)
        assert 0 < int(refused.headers["x-ratelimit-reset"]) - time.time() <= 60
        async with installed(stand_in) as other:  # a second token of the installation
            assert (await other("GET", "/labels")).status == 403


async def test_one_page_in_the_middle_can_fail(repo: Repo, tmp_path: Path) -> None:
    async with served(repo, tmp_path, *(issue(number) for number in range(1, 8))) as (stand_in, client):
        stand_in.faults.append(Fault(502, path="/issues$", query="page=2"))
        stand_in.faults.append(Fault(200, path="/labels$", skip=1, raw=b'[{"name": "bug"'))
        statuses = [(await client("GET", f"/issues?per_page=3&page={page}")).status for page in (1, 2, 3, 2)]
        assert statuses == [200, 502, 200, 200]
        assert (await client("GET", "/labels")).body == []
        with pytest.raises(json.JSONDecodeError):
            await client("GET", "/labels")
        assert (await client("GET", "/labels")).body == []


async def test_texts_of_strangers_are_served_as_they_are(repo: Repo, tmp_path: Path) -> None:
    body = "\x00\x1b[31m<script>@all\u202e" + "x" * 60_000
    records = (issue(1, title="", body=body, created_at="2999-01-01T00:00:00Z"), issue(2, body=None, labels=["\x07"]))
    async with served(repo, tmp_path, *records) as (_, client):
        first = (await client("GET", "/issues/1")).body
        assert (first["title"], first["body"], first["created_at"][:4]) == ("", body, "2999")
        assert (await client("GET", "/issues/2")).body["labels"][0]["name"] == "\x07"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", "line 3: Input data was truncated"),
        (b'{"type": "wish"}', "line 3: Invalid value 'wish'"),
        (json.dumps(issue(1, titel="x")).encode(), "line 3: Object contains unknown field `titel`"),
        (json.dumps(issue(0)).encode(), "line 3: Expected `int` >= 1"),
        (json.dumps(issue(1, created_at="yesterday")).encode(), r"line 3: Expected `str` matching regex"),
        (b'{"type": "label", "name": "\xff"}', "line 3: "),
        (b"[" * 100_000, "line 3: "),
        (b'"' + b"x" * 5_000_000, "line 3: longer than 4 MB"),
    ],
)
async def test_a_bad_line_is_named_and_nothing_is_stored(repo: Repo, tmp_path: Path, line: bytes, says: str) -> None:
    file = tmp_path / "items.jsonl"
    file.write_bytes(json.dumps(issue(7)).encode() + b"\n\n" + line + b"\n")
    with pytest.raises(GiveUp, match=says):
        async with running_stand_in(repo.path, tmp_path, newest=0, items=file):
            pass
    async with running_stand_in(repo.path, tmp_path, newest=0) as stand_in:
        assert stand_in.state.items.all.count("kind = 'issue'") == 0


async def test_a_missing_file_is_named(repo: Repo, tmp_path: Path) -> None:
    with pytest.raises(GiveUp, match=r"none\.jsonl cannot be read"):
        async with running_stand_in(repo.path, tmp_path, items=tmp_path / "none.jsonl"):
            pass


async def test_a_restart_keeps_what_people_did(repo: Repo, tmp_path: Path) -> None:
    async with served(repo, tmp_path, *ITEMS) as (stand_in, _):
        stand_in.hub.items.edit(101, title="new")
    async with served(repo, tmp_path, *ITEMS) as (_, client):
        assert (await client("GET", "/issues/101")).body["title"] == "new"
    async with served(repo, tmp_path, *ITEMS, issue(200)) as (_, client):
        assert (await client("GET", "/issues/101")).body["title"] == "issue 101"  # a new version of the file
        assert (await client("GET", "/issues/200")).status == 200


async def test_pull_requests_in_the_state_of_an_earlier_version_are_listed(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        before = numbers(await pages(client, "/pulls"))
        file = stand_in.config.home / "github.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP TABLE items")
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        assert numbers(await pages(client, "/pulls")) == before != []


async def test_numbers_of_the_file_stay_its_own(repo: Repo, tmp_path: Path) -> None:
    """The merged commits name the numbers 7 and 9: one of them is an issue in the file."""
    items = write(tmp_path / "items.jsonl", issue(9), pull(30))
    async with running_stand_in(repo.path, tmp_path, items=items) as stand_in, installed(stand_in) as client:
        assert "pull_request" not in (await client("GET", "/issues/9")).body
        assert sorted(pull.number for pull in stand_in.state.pulls) == [7, 31, 32]
        assert (await client("GET", "/pulls/30")).body["title"] == "pull 30"


async def test_ten_thousand_items_load_in_seconds_and_are_served_in_pages(repo: Repo, tmp_path: Path) -> None:
    body = "text " * 100
    records = [issue(n, body=body) if n % 2 else pull(n, body=body, merged_at=at(n + 3)) for n in range(1, 10_001)]
    answers = [response("comment", 100_000 + n, 1 + n % 10_000, body="thanks") for n in range(50_000)]
    items = write(tmp_path / "items.jsonl", *records, *answers)
    start = time.monotonic()
    async with running_stand_in(repo.path, tmp_path, newest=0, items=items) as stand_in:
        assert time.monotonic() - start < 20
        token = await token_of(stand_in)
        async with rest(stand_in, token) as client:
            tracemalloc.start()
            url = f"{stand_in.repo_url}/issues?state=all&sort=updated&direction=asc&per_page=100&page=100"
            assert len((await client("GET", url)).body) == 100
            assert tracemalloc.get_traced_memory()[1] < 30 * 1024 * 1024
            tracemalloc.stop()
            url = f"{stand_in.repo_url}/issues/comments?sort=updated&direction=asc&per_page=100&page=500"
            assert len((await client("GET", url)).body) == 100
