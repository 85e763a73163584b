"""Projects that tests write by hand: changes, issues, pull requests, responses and releases."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.items import Account, Item, ItemKind, PullFacts, Release, Response, ResponseKind
from bot.domain.periods import DAY
from bot.domain.project import Project, ProjectChange

ANN, BEA, CAT = Account(1, "ann"), Account(2, "bea"), Account(3, "cat")
BOT = Account(9, "helper[bot]", is_bot=True)
SYNCED = frozenset(ItemKind)


def day(number: float) -> datetime:
    """The day with this number since the beginning of 2023, in UTC; a fraction is a time of the day."""
    return datetime(2023, 1, 1, tzinfo=UTC) + timedelta(days=number)


def change(at: float, sha: str = "", **facts: Any) -> ProjectChange:
    """A change on a day; `fixed_after` is in days."""
    known = {"person": 1, "is_bot": False, "kind": "other", "is_fix": False, "is_mass": False, "files": 1}
    known |= {"added": 2, "deleted": 1, "subject": ""}
    if "fixed_after" in facts:
        facts["fixed_after"] = round(facts["fixed_after"] * DAY)
    return ProjectChange(**{"sha": sha or f"{at}", "when": round(day(at).timestamp()), **known, **facts})


def issue(number: int, opened: float, closed: float | None = None, author: Account | None = ANN) -> Item:
    """An issue."""
    return _item(ItemKind.ISSUE, number, opened, closed, author, None)


def pull(
    number: int,
    opened: float,
    closed: float | None = None,
    *,
    merged: bool = False,
    author: Account | None = ANN,
    by: Account | None = None,
) -> Item:
    """A pull request. by: who merged it."""
    facts = PullFacts(
        draft=False,
        base_ref="main",
        head_sha="",
        merged_at=day(closed) if merged and closed is not None else None,
        merged_by=by,
    )
    return _item(ItemKind.PULL_REQUEST, number, opened, closed, author, facts)


def _item(
    kind: ItemKind, number: int, opened: float, closed: float | None, author: Account | None, facts: PullFacts | None
) -> Item:
    return Item(
        github_id=number,
        number=number,
        kind=kind,
        title="",
        body="",
        author=author,
        state="open" if closed is None else "closed",
        created_at=day(opened),
        updated_at=day(opened),
        closed_at=None if closed is None else day(closed),
        pull=facts,
    )


def comment(number: int, at: float, author: Account | None) -> Response:
    """A comment."""
    return Response(github_id=round(at * 1000), number=number, kind=ResponseKind.COMMENT, author=author, at=day(at))


def review(number: int, at: float, author: Account | None, state: str = "approved") -> Response:
    """A review."""
    return Response(
        github_id=round(at * 1000), number=number, kind=ResponseKind.REVIEW, author=author, at=day(at), state=state
    )


def release(at: float, *, prerelease: bool = False) -> Release:
    """A release."""
    return Release(
        github_id=round(at * 1000),
        tag="v1",
        name="",
        author=ANN,
        draft=False,
        prerelease=prerelease,
        created_at=day(at),
        published_at=day(at),
    )


def project(
    now: float,
    *,
    changes: Iterable[ProjectChange] = (),
    items: Iterable[Item] = (),
    responses: Iterable[Response] = (),
    releases: Iterable[Release] = (),
    synced: frozenset[ItemKind] = SYNCED,
    releases_synced: bool = True,
) -> Project:
    """A project up to a day. The changes are put in order."""
    return Project(
        now=day(now),
        changes=tuple(sorted(changes, key=lambda one: one.when)),
        items=tuple(items),
        responses=tuple(responses),
        releases=tuple(releases),
        synced=synced,
        releases_synced=releases_synced,
    )
