"""Reads the reviews, which GitHub lists per pull request: one request for each, the newest pull request first.

Who merged a pull request is in no list; where the list of issues did not tell who closed it, it costs one more request.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.github_tables import ItemRow
from bot.db.items import save_items, save_responses
from bot.domain.items import Item, ItemKind, Response
from bot.github.item_json import read_pull, read_review
from bot.sync.positions import Page, Position, Reading
from bot.sync.readers import PER_PAGE, elements
from bot.sync.source import Refused

log = logging.getLogger(__name__)
_GONE = (404, 410)


async def read_reviews(reading: Reading, at: Position) -> Page:
    """The reviews of the next pull request, or one more page of them."""
    number, lacks_merger = await _next_pull(reading, at)
    if number is None:
        return Page(last=at)
    done = replace(at, below=number, url=None)
    total = await _count(reading, at) if at.below is None else None
    url = at.url or reading.source.url(f"/pulls/{number}/reviews", per_page=str(PER_PAGE))
    try:
        answer = await reading.source.get(url)
        found: list[Item | Response] = [*elements(answer, read_review)[0]]
        if answer.next_url:
            return Page(found=found, next=replace(at, url=answer.next_url), last=at, total=total)
        if lacks_merger:
            single = await reading.source.get(reading.source.url(f"/pulls/{number}"))
            found += elements(replace(single, content=[single.content]), read_pull)[0]
    except Refused as refused:
        if refused.status not in _GONE:
            raise
        return Page(next=done, last=done, done=1, total=total)  # the pull request is gone, not the list
    return Page(found=found, next=done, last=done, done=1, total=total)


async def save_reviews(session: AsyncSession, repository_id: UUID, found: Sequence[Any], seen_at: Any) -> None:
    """Store what `read_reviews` has found."""
    await save_responses(session, repository_id, [one for one in found if isinstance(one, Response)], seen_at)
    await save_items(session, repository_id, [one for one in found if isinstance(one, Item)], seen_at)


async def _next_pull(reading: Reading, at: Position) -> tuple[int | None, bool]:
    """(the number of the next pull request, whether it is not known who merged it); (None, False): there is none."""
    lacks_merger = ItemRow.merged_at.is_not(None) & ItemRow.merged_by.is_(None)
    query = select(ItemRow.number, lacks_merger).where(*_conditions(reading, at)).order_by(ItemRow.number.desc())
    async with reading.db.reading() as session:
        row = (await session.execute(query.limit(1))).one_or_none()
    return (row[0], bool(row[1])) if row else (None, False)


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
