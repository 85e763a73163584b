"""Reads the reviews, which GitHub lists per pull request: one request for each, the newest pull request first.

Who merged a pull request is in no list; where the list of issues did not tell who closed it, it costs one more request.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bot.db.github_tables import ItemRow
from bot.db.item_rows import write_items, write_responses
from bot.domain.items import Item, ItemKind, Response
from bot.errors import RetryLater
from bot.github.item_json import read_pull, read_review
from bot.sync.positions import Page, Position, Reading
from bot.sync.readers import PER_PAGE, elements
from bot.sync.source import Refused

log = logging.getLogger(__name__)
_GONE = (404, 410)
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class NextPull:
    """A pull request whose reviews are to be read. lacks_merger: it is merged, and it is not known by whom."""

    number: int
    lacks_merger: bool


async def read_reviews(reading: Reading, at: Position) -> Page:
    """The reviews of the next pull requests, one request after the other, or one more page of those of the last one.

    Several are one page, because a transaction for each would take longer than its request.
    """
    pulls = await _next_pulls(reading, at)
    if not pulls:
        return Page(last=at)
    total = await _count(reading, at) if at.below is None else None
    found: list[Item | Response] = []
    here, done = at, 0
    for pull in pulls:
        try:
            some, here = await _read_pull(reading, here, pull)
        except (RetryLater, Refused):
            if not done:
                raise
            break  # store what is read; the next page begins with the same pull request, and fails again
        found += some
        if here.url is not None:
            break
        done += 1
        if reading.source.budget_until is not None:
            break
    return Page(found=found, next=here, last=here, done=done, total=total)


async def _read_pull(reading: Reading, at: Position, pull: NextPull) -> tuple[list[Item | Response], Position]:
    """(reviews, and the pull request itself if it has to be read; where the pass goes on)."""
    after = replace(at, below=pull.number, url=None)
    source = reading.source
    try:
        answer = await source.get(at.url or source.url(f"/pulls/{pull.number}/reviews", per_page=str(PER_PAGE)))
        found: list[Item | Response] = [*elements(answer, read_review)[0]]
        if answer.next_url:
            return found, replace(at, url=answer.next_url)
        if pull.lacks_merger:
            single = await source.get(source.url(f"/pulls/{pull.number}"))
            found += elements(replace(single, content=[single.content]), read_pull)[0]
    except Refused as refused:
        if refused.status not in _GONE:
            raise
        return [], after  # the pull request is gone, not the list
    return found, after


def write_reviews(session: Session, repository_id: UUID, found: Sequence[Any], seen_at: Any) -> None:
    """Store what `read_reviews` has found."""
    write_responses(session, repository_id, [one for one in found if isinstance(one, Response)], seen_at)
    write_items(session, repository_id, [one for one in found if isinstance(one, Item)], seen_at)


async def _next_pulls(reading: Reading, at: Position) -> list[NextPull]:
    lacks_merger = ItemRow.merged_at.is_not(None) & ItemRow.merged_by.is_(None)
    query = select(ItemRow.number, lacks_merger).where(*_conditions(reading, at)).order_by(ItemRow.number.desc())
    rows = await reading.db.read(lambda session: session.execute(query.limit(_AT_ONCE)).all())
    return [NextPull(number, bool(lacks)) for number, lacks in rows]


async def _count(reading: Reading, at: Position) -> int:
    async with reading.db.reading() as session:
        return await session.scalar(select(func.count(ItemRow.id)).where(*_conditions(reading, at))) or 0


def _conditions(reading: Reading, at: Position) -> list[ColumnElement[bool]]:
    conditions = [ItemRow.repository_id == reading.repository_id, ItemRow.kind == ItemKind.PULL_REQUEST]
    if at.below is not None:
        conditions.append(ItemRow.number < at.below)
    if at.since is not None:
        conditions.append(ItemRow.updated_at >= at.since)
    return conditions
