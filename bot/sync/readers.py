"""Reads the resources of a repository from GitHub: one function per way in which GitHub lists something.

The order of each list is chosen so that a pass can be interrupted anywhere, and misses nothing that changes meanwhile:

- Issues and comments are read by `updated`, oldest first, and each page begins at the time at which the last one ended.
  An element that changes during the pass moves to the end, where the pass still comes to it. With page numbers, all
  elements behind it would move up by one, so that one of them falls between two pages.
- `/pulls` has no `since`. A complete pass is by `created`, oldest first: this order never changes, and new ones are
  added at the end. Later passes are by `updated`, newest first, until what is known; what changes meanwhile moves to
  the front and is found by the next pass, because that begins where this one began.
- The lists of labels, milestones, releases and contributors are short and read as a whole.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from yarl import URL

from bot.domain.items import Item, ItemKind, PullFacts
from bot.errors import RetryLater
from bot.github.client import Answer
from bot.github.item_json import (
    read_account,
    read_comment,
    read_contributor,
    read_issue,
    read_label,
    read_milestone,
    read_pull,
    read_release,
)
from bot.sync.positions import Page, Position, Reading
from bot.sync.source import Refused, Source

PER_PAGE = 100
# GitHub's lists can lag behind its clock by seconds, and so can its servers behind each other.
OVERLAP = timedelta(minutes=5)
_BY_UPDATE = {"sort": "updated", "direction": "asc", "per_page": str(PER_PAGE)}
# A time that GitHub's JSON can hold, before every element.
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
log = logging.getLogger(__name__)
Element = TypeVar("Element")
Json = Mapping[str, Any]


async def read_labels(reading: Reading, at: Position) -> Page:
    """One page of the labels."""
    return await _whole_list(reading, at, "/labels", read_label)


async def read_milestones(reading: Reading, at: Position) -> Page:
    """One page of the milestones, open and closed."""
    return await _whole_list(reading, at, "/milestones", read_milestone, state="all")


async def read_releases(reading: Reading, at: Position) -> Page:
    """One page of the releases."""
    return await _whole_list(reading, at, "/releases", read_release)


async def read_contributors(reading: Reading, at: Position) -> Page:
    """One page of the contributors. GitHub lists at most 500 accounts."""
    return await _whole_list(reading, at, "/contributors", read_contributor)


async def read_issues(reading: Reading, at: Position) -> Page:
    """One page of the issues. GitHub lists pull requests among them."""
    if reading.source.lacks_issues:
        raise Refused(403, reading.source.issues_permission_sentence())
    return await _by_update(reading, at, "/issues", read_listed_issue, state="all")


async def read_comments(reading: Reading, at: Position) -> Page:
    """One page of the comments on all conversations."""
    return await _by_update(reading, at, "/issues/comments", read_comment)


async def read_review_comments(reading: Reading, at: Position) -> Page:
    """One page of the comments on lines of all diffs."""
    return await _by_update(reading, at, "/pulls/comments", read_comment)


async def read_pulls(reading: Reading, at: Position) -> Page:
    """One page of the pull requests: of all by creation, or of those that changed since `at.since`."""
    order = {"sort": "created", "direction": "asc"} if at.since is None else {"sort": "updated", "direction": "desc"}
    url = at.url or reading.source.url("/pulls", state="all", per_page=str(PER_PAGE), **order)
    # Only by update does a change anywhere in the list change its first page.
    first = at.url is None and at.since is not None
    answer = await reading.source.get(url, reading.etags.get(url) if first else None)
    here = replace(at, url=None, newest=at.newest or reading.began)
    if answer.is_unchanged:
        return Page(last=replace(here, etag=reading.etags[url], etag_url=url), is_unchanged=True)
    if first:
        here = replace(here, etag=answer.etag, etag_url=url)
    found, listed = elements(answer, read_pull)
    is_known = at.since is not None and any(one.updated_at < at.since for one in found)
    following = replace(here, url=answer.next_url) if answer.next_url and not is_known else None
    return Page(found=found, next=following, last=here, done=listed, total=_total(answer, at))


async def _whole_list(
    reading: Reading, at: Position, path: str, read: Callable[[Json], Element | None], **query: str
) -> Page:
    """One page of a short list."""
    url = at.url or reading.source.url(path, **query, per_page=str(PER_PAGE))
    answer = await reading.source.get(url, reading.etags.get(url) if at.url is None else None)
    here = _with_etag(reading, at, url, answer)
    if answer.is_unchanged:
        return Page(last=here, is_unchanged=True)
    found, listed = elements(answer, read)
    following = replace(here, url=answer.next_url) if answer.next_url else None
    return Page(found=found, next=following, last=here, done=listed, total=_total(answer, at))


async def _by_update(reading: Reading, at: Position, path: str, read: Callable[[Json], Element], **query: str) -> Page:
    """One page of a list that GitHub sorts by the time of the last change and that takes `since`."""
    source = reading.source
    url = at.url or _since_url(source, path, query, at.since)
    answer = await source.get(url, reading.etags.get(url) if at.url is None else None)
    here = _with_etag(reading, at, url, answer)
    if answer.is_unchanged:
        return Page(last=here, is_unchanged=True)
    found, listed = elements(answer, read)
    times = [time for json in _listed(answer) if (time := _updated(json)) is not None]
    here = replace(here, newest=max([*times, *([at.newest] if at.newest else [])], default=None))
    following = None
    if answer.next_url and times and times[-1] > (at.newest or times[0]):
        next_url = _since_url(source, path, query, times[-1])
        following = replace(here, url=next_url, repeated=sum(time == times[-1] for time in times))
    elif answer.next_url:  # a whole page of elements that changed in the same second
        following = replace(here, url=answer.next_url)
    done = max(0, listed - at.repeated)
    return Page(found=found, next=following, last=here, done=done, total=_total(answer, at))


def _with_etag(reading: Reading, at: Position, url: str, answer: Answer) -> Position:
    """The position after a page. The ETag of one page says nothing of others, so it is kept if it is the only one."""
    here = replace(at, url=None, repeated=0)
    if answer.is_unchanged:
        return replace(here, etag=reading.etags[url], etag_url=url)
    alone = at.url is None and answer.next_url is None and answer.etag
    return replace(here, etag=answer.etag, etag_url=url) if alone else here


def read_listed_issue(json: Json) -> Item:
    """An issue or a pull request of the list of issues. Who closed a merged pull request has merged it."""
    item = read_issue(json)
    if item.kind is ItemKind.ISSUE or not json["pull_request"].get("merged_at"):
        return item
    merger = read_account(json.get("closed_by"))
    return replace(
        item, pull=PullFacts(draft=False, base_ref="", head_sha="", merged_at=item.closed_at, merged_by=merger)
    )


def elements(answer: Answer, read: Callable[[Json], Element | None]) -> tuple[list[Element], int]:
    """(the elements of a page, how many GitHub listed). One that GitHub describes as nobody expects is left out."""
    found: list[Element] = []
    listed = _listed(answer)
    for json in listed:
        try:
            element = read(json)
        except (KeyError, TypeError, ValueError, AttributeError) as misfit:
            log.warning("an element of GitHub's list cannot be read and is left out: %r", misfit)
            continue
        if element is not None:
            found.append(element)
    return found, len(listed)


def _listed(answer: Answer) -> Sequence[Json]:
    if answer.content is None:  # 204: an empty repository has no list of contributors
        return ()
    if not isinstance(answer.content, list):
        raise RetryLater("GitHub's answer is not a list.", after=15)
    return answer.content


def _since_url(source: Source, path: str, query: Mapping[str, str], since: datetime | None) -> str:
    bound = {} if since is None else {"since": max(since, _BEGINNING).strftime("%Y-%m-%dT%H:%M:%SZ")}
    return source.url(path, **query, **_BY_UPDATE, **bound)


def _updated(json: Json) -> datetime | None:
    try:
        at = datetime.fromisoformat(json["updated_at"])
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _total(answer: Answer, at: Position) -> int | None:
    """How many elements a whole list has, about: its last page counts as full. None if this page does not tell."""
    if at.url is not None or at.since is not None:
        return None
    if answer.next_url is None:
        return len(_listed(answer))
    number = URL(answer.last_url).query.get("page", "") if answer.last_url else ""
    return int(number) * PER_PAGE if number.isdigit() and len(number) < 9 else None
