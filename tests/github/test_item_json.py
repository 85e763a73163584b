"""GitHub's JSON as values: its own examples, and what strangers and old payloads make of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.items import MAX_BODY, MAX_LABELS, MAX_TITLE, Account, ItemKind, ResponseKind
from bot.github.item_json import (
    read_account,
    read_comment,
    read_contributor,
    read_issue,
    read_item,
    read_label,
    read_milestone,
    read_pull,
    read_release,
    read_review,
)
from tests.contract.examples import examples, examples_of

ISSUE: dict[str, Any] = {
    "id": 5,
    "number": 7,
    "title": "t",
    "state": "open",
    "user": {"id": 1, "login": "alice", "type": "User"},
    "created_at": "2026-01-02T03:04:05Z",
}


def test_every_published_example_can_be_read() -> None:
    readers = {
        "issue": read_issue,
        "pull_request": read_pull,
        "review": read_review,
        "comment": read_comment,
        "label": read_label,
        "milestone": read_milestone,
        "release": read_release,
    }
    read = dict.fromkeys(readers, 0)
    for event, payload in examples():
        if event in {"commit_comment", "discussion_comment"} or payload.get("action") in {"pinned", "unpinned"}:
            continue  # comments on no item; issues without a state
        for name, reader in readers.items():
            if isinstance(payload.get(name), dict):
                assert reader(payload[name]) is not None
                read[name] += 1
    assert all(read.values()), read
    assert read["pull_request"] > 30
    assert read["issue"] > 30


def test_an_issue_is_read() -> None:
    issue = read_item(
        ISSUE
        | {
            "body": "b",
            "state": "closed",
            "state_reason": "not_planned",
            "labels": [{"name": "bug"}, "old", {"name": None}, {"name": "bug"}],
            "milestone": {"number": 3},
            "comments": 2,
            "updated_at": "2026-02-02T03:04:05+02:00",
            "closed_at": "2026-02-03T00:00:00Z",
        }
    )
    assert (issue.github_id, issue.number, issue.kind, issue.pull) == (5, 7, ItemKind.ISSUE, None)
    assert (issue.state, issue.state_reason, issue.labels) == ("closed", "not_planned", ("bug", "old"))
    assert (issue.milestone, issue.comments, issue.author) == (3, 2, Account(1, "alice"))
    assert issue.updated_at == datetime(2026, 2, 2, 1, 4, 5, tzinfo=UTC)
    assert issue.closed_at == datetime(2026, 2, 3, tzinfo=UTC)


def test_only_the_required_fields_are_needed() -> None:
    issue = read_issue(ISSUE | {"user": None, "title": None})
    assert (issue.author, issue.title, issue.body, issue.labels, issue.comments) == (None, "", "", (), 0)
    assert issue.updated_at == issue.created_at
    for field in ("id", "number", "state", "created_at"):
        with pytest.raises(KeyError):
            read_issue({name: value for name, value in ISSUE.items() if name != field})


def test_a_pull_request_among_issues_lacks_what_only_it_has() -> None:
    item = read_item(ISSUE | {"pull_request": {"url": "…"}})
    assert (item.kind, item.pull) == (ItemKind.PULL_REQUEST, None)


def test_a_merged_pull_request_of_a_deleted_fork() -> None:
    payload = ISSUE | {
        "state": "closed",
        "head": {"sha": "a" * 40, "ref": "x", "repo": None, "user": None},
        "base": {"ref": "main", "sha": "b" * 40},
        "merged_at": "2026-01-03T00:00:00Z",
        "merge_commit_sha": "c" * 40,
        "merged_by": {"id": 2, "login": "merger[bot]", "type": "Bot"},
    }
    pull = read_item(payload).pull
    assert pull is not None
    assert (pull.base_ref, pull.head_sha, pull.merge_commit_sha) == ("main", "a" * 40, "c" * 40)
    assert pull.merged_by == Account(2, "merger[bot]", is_bot=True)
    unmerged = read_pull(payload | {"merged_at": None}).pull
    assert unmerged is not None
    assert unmerged.merge_commit_sha is None  # GitHub's commit of the test merge


def test_text_of_strangers_is_cut_and_can_be_stored() -> None:
    labels = [{"name": f"l{number}" + "x" * 300} for number in range(MAX_LABELS + 5)]
    hostile = {"title": "\x00a\ud83db\x07" + "t" * 2000, "body": "\x00" * 60_000 + "b" * 60_000, "labels": labels}
    issue = read_issue(ISSUE | hostile)
    assert issue.title.startswith("ab\x07t")
    assert (len(issue.title), issue.body, len(issue.labels)) == (MAX_TITLE, "b" * MAX_BODY, MAX_LABELS)
    assert {len(name) for name in issue.labels} == {255}
    issue.title.encode()


@pytest.mark.parametrize("time", ["", "yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_what_is_no_time_is_an_error(time: str) -> None:
    with pytest.raises(ValueError, match=r"time|isoformat"):
        read_issue(ISSUE | {"created_at": time})


def test_a_time_in_the_future_is_read_as_it_is() -> None:
    assert read_issue(ISSUE | {"created_at": "2999-01-01T00:00:00Z"}).created_at.year == 2999


def test_reviews_and_comments_name_their_item() -> None:
    url = "https://api.github.com/repos/o/r/pulls/12"
    review = {"id": 1, "user": None, "state": "CHANGES_REQUESTED", "submitted_at": "2026-01-02T03:04:05Z"}
    read = read_review(review | {"pull_request_url": url})
    assert read is not None
    assert (read.number, read.kind, read.author, read.state) == (12, ResponseKind.REVIEW, None, "changes_requested")
    assert read_review({"id": 1, "state": "PENDING", "pull_request_url": url}) is None
    written = {"id": 2, "created_at": "2026-01-02T03:04:05Z", "user": ISSUE["user"]}
    comment = read_comment(written | {"issue_url": "https://api.github.com/repos/o/r/issues/12"})
    assert (comment.number, comment.kind, comment.state) == (12, ResponseKind.COMMENT, None)
    assert read_comment(written | {"pull_request_url": url}).kind == ResponseKind.REVIEW_COMMENT


@pytest.mark.parametrize(
    ("json", "account"),
    [
        (None, None),
        ({}, None),
        ({"id": 10137, "login": "ghost", "type": "User"}, None),
        ({"id": 3, "login": "alice", "type": "Organization"}, Account(3, "alice")),
        ({"id": 3, "login": "x", "type": "Bot"}, Account(3, "x", is_bot=True)),
        ({"id": 3, "login": "x[bot]"}, Account(3, "x[bot]", is_bot=True)),
    ],
)
def test_accounts(json: dict[str, Any] | None, account: Account | None) -> None:
    assert read_account(json) == account


def test_contributors_without_an_account_are_left_out() -> None:
    counted = read_contributor({"id": 3, "login": "alice", "contributions": 4})
    assert counted is not None
    assert counted.contributions == 4
    assert read_contributor({"type": "Anonymous", "name": "x", "email": "x@y", "contributions": 4}) is None


def test_a_release_and_a_label_of_the_examples() -> None:
    payload = examples_of("release", "published")[0]["release"]
    release = read_release(payload)
    assert (release.github_id, release.tag) == (payload["id"], payload["tag_name"])
    assert release.published_at == datetime.fromisoformat(payload["published_at"])
    assert read_label({"name": "a\x00b", "description": None}).name == "ab"
