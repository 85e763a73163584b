"""Read the texts of the issues and pull requests with which new changes are compared.

These are the open ones, and pull requests that were closed unmerged within two years. Those of bots are left out: they
have the same words each time.
"""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from bot.db.engine import Database, now
from bot.db.github_tables import ItemRow
from bot.domain.items import ItemKind

KEPT = timedelta(days=730)
# Only the newest are compared, and of a body only the beginning.
MAX_ITEMS = 10_000
MAX_BODY = 2_000
_PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemText:
    """The text of an issue or a pull request, as strangers wrote it. body: its beginning.

    base_ref, head_sha: of a pull request; empty for an issue.
    """

    number: int
    is_pull: bool
    is_open: bool
    title: str
    body: str
    base_ref: str
    head_sha: str


async def version_of(db: Database, repository_id: UUID, kinds: Collection[ItemKind]) -> str:
    """Return a short text that changes when an item is added, changed or deleted."""
    query = select(func.count(ItemRow.id), func.max(ItemRow.updated_at), func.max(ItemRow.number))
    async with db.reading() as session:
        count, updated, last = (await session.execute(query.where(*_compared(repository_id, kinds)))).one()
    return f"{count} {last or 0} {updated.timestamp() if updated else 0:.0f}"


async def stream_texts(db: Database, repository_id: UUID, kinds: Collection[ItemKind]) -> AsyncIterator[ItemText]:
    """The texts of the newest MAX_ITEMS items, highest number first. At most 1,000 are in memory."""
    query = _query(repository_id, kinds).order_by(ItemRow.number.desc()).limit(_PAGE)
    below, left = None, MAX_ITEMS
    while left > 0:
        page = query if below is None else query.where(ItemRow.number < below)
        async with db.reading() as session:
            rows = [_read(row) for row in await session.execute(page)]
        for row in rows[:left]:
            yield row
        if len(rows) < _PAGE:
            return
        below, left = rows[-1].number, left - len(rows)


async def texts_of(
    db: Database, repository_id: UUID, kinds: Collection[ItemKind], numbers: Collection[int], *, newest: int
) -> list[ItemText]:
    """The texts of these items, and of the newest ones. Those that are closed or deleted by now are left out."""
    query = _query(repository_id, kinds)
    async with db.reading() as session:
        named = await session.execute(query.where(ItemRow.number.in_(numbers)))
        found = {row.number: row for row in map(_read, named)}
        found |= {
            row.number: row
            for row in map(_read, await session.execute(query.order_by(ItemRow.number.desc()).limit(newest)))
        }
    return list(found.values())


def _query(repository_id: UUID, kinds: Collection[ItemKind]) -> Select[Any]:
    body = func.substr(ItemRow.body, 1, MAX_BODY)
    columns = (ItemRow.number, ItemRow.kind, ItemRow.state, ItemRow.title, body, ItemRow.base_ref, ItemRow.head_sha)
    return select(*columns).where(*_compared(repository_id, kinds))


def _read(row: Row[Any]) -> ItemText:
    number, kind, state, title, body, base_ref, head_sha = tuple(row)
    return ItemText(
        number=number,
        is_pull=kind is ItemKind.PULL_REQUEST,
        is_open=state == "open",
        title=title,
        body=body,
        base_ref=base_ref or "",
        head_sha=head_sha or "",
    )


def _compared(repository_id: UUID, kinds: Collection[ItemKind]) -> tuple[ColumnElement[bool], ...]:
    refused = and_(ItemRow.kind == ItemKind.PULL_REQUEST, ItemRow.merged_at.is_(None), ItemRow.closed_at > now() - KEPT)
    bot = ItemRow.author["bot"].as_boolean()
    return (
        ItemRow.repository_id == repository_id,
        ItemRow.kind.in_(kinds),
        or_(ItemRow.state == "open", refused),
        or_(bot.is_(None), bot.is_(False)),
    )
