"""Issues, pull requests and what belongs to them, in SQL tables.

The stand-in's own pull requests are among them, so that lists hold both. A number that is gone is never used again.
"""

import sqlite3
from collections.abc import Iterable
from functools import partial

import msgspec

from bot.local.item_records import (
    Comment,
    Contributor,
    Issue,
    Label,
    Milestone,
    Release,
    Response,
    Review,
    ReviewComment,
)
from bot.local.records import PullRequest
from bot.local.stored import Stored, T

Item = Issue | PullRequest
_BY_NUMBER = "number, created_at"
_RESPONSES = (_BY_NUMBER, "created_at, id", "updated_at, id")


class Items:
    """The tables. `all` has issues and pull requests, by number."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.all: Stored[Item] = Stored(
            connection,
            "items",
            _decode_item,
            {
                "number": lambda item: item.number,
                "kind": lambda item: "issue" if isinstance(item, Issue) else "pull",
                "state": lambda item: item.state,
                "milestone": lambda item: item.milestone,
                "created_at": lambda item: item.created_at,
                "updated_at": _updated,
                "gone": lambda item: item.gone if isinstance(item, Issue) else "",
            },
            (
                "gone, created_at, number",
                "gone, updated_at, number",
                "gone, kind, created_at, number",
                "gone, kind, updated_at, number",
                "milestone, state",
            ),
        )
        self.comments = _responses(connection, "comments", Comment)
        self.reviews = _responses(connection, "reviews", Review)
        self.review_comments = _responses(connection, "review_comments", ReviewComment)
        self.labels: Stored[Label] = Stored(connection, "labels", _decoder(Label), {"name": lambda label: label.name})
        self.milestones: Stored[Milestone] = Stored(
            connection,
            "milestones",
            _decoder(Milestone),
            {"number": lambda one: one.number, "state": lambda one: one.state, "due_on": lambda one: one.due_on},
        )
        self.releases: Stored[Release] = Stored(
            connection,
            "releases",
            _decoder(Release),
            {"id": lambda one: one.id, "created_at": lambda one: one.created_at, "tag": lambda one: one.tag},
            ("created_at, id",),
        )
        self.contributors: Stored[Contributor] = Stored(
            connection,
            "contributors",
            _decoder(Contributor),
            {"login": lambda one: one.user, "contributions": lambda one: one.contributions},
            ("contributions",),
        )

    def open_count(self) -> int:
        """Return how many issues and pull requests are open."""
        return self.all.count("state = 'open' AND gone = ''")

    def issues_among(self, numbers: Iterable[int | None]) -> set[int]:
        """Return those of the numbers that issues have."""
        return {number for number in numbers if number and isinstance(self.all.get(number), Issue)}

    def with_ids(self) -> tuple[Stored[Comment], Stored[Review], Stored[ReviewComment], Stored[Release]]:
        """Return the tables whose keys are ids of one sequence."""
        return self.comments, self.reviews, self.review_comments, self.releases

    def issue(self, number: int) -> Issue:
        """Return an issue. Raises KeyError if the number is not that of an issue, or if it is gone."""
        found = self.all.get(number)
        if not isinstance(found, Issue) or found.gone:
            raise KeyError(number)
        return found


def _responses(connection: sqlite3.Connection, name: str, kind: type[T]) -> Stored[T]:
    columns = {
        "id": lambda one: one.id,
        "number": lambda one: one.number,
        "created_at": lambda one: one.created_at,
        "updated_at": _updated,
    }
    return Stored(connection, name, _decoder(kind), columns, _RESPONSES)


def _decoder(kind: type[T]) -> partial[T]:
    return partial(msgspec.json.decode, type=kind)


def _updated(record: Item | Response) -> str:
    return (record.updated_at if isinstance(record, PullRequest) else record.updated) or ""


def _decode_item(body: str) -> Item:
    # Only a record of an issue begins with its type.
    is_issue = body.startswith('{"type":"issue"')
    return msgspec.json.decode(body, type=Issue) if is_issue else msgspec.json.decode(body, type=PullRequest)
