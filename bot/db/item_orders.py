"""Carry out orders on issues, pull requests, reviews, labels and releases.

An order on a repository that is not stored does nothing: its sync brings all of it.
"""

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import items
from bot.db.engine import now
from bot.db.item_labels import replace_label
from bot.db.tables import Repository
from bot.domain.orders import (
    DeleteItem,
    DeleteLabel,
    DeleteRelease,
    ItemOrder,
    SaveItem,
    SaveLabel,
    SaveRelease,
    SaveResponse,
)

# Orders on different tables can be carried out in any order.
_TABLES: dict[type[ItemOrder], str] = {
    SaveItem: "items",
    DeleteItem: "items",
    SaveResponse: "responses",
    SaveLabel: "labels",
    DeleteLabel: "labels",
    SaveRelease: "releases",
    DeleteRelease: "releases",
}


async def carry_out_item_orders(session: AsyncSession, orders: Sequence[ItemOrder]) -> None:
    """Carry out orders with a few statements for all of a repository that are of one kind."""
    names = {order.repository for order in orders}
    query = select(Repository.github_id, Repository.id).where(Repository.github_id.in_(names))
    ids: dict[int, UUID] = {row.github_id: row.id for row in await session.execute(query)}
    known = [order for order in orders if order.repository in ids]
    known.sort(key=lambda order: (order.repository, _TABLES[type(order)]))
    for (repository, _), some in groupby(known, lambda order: (order.repository, type(order))):
        await _carry_out(session, ids[repository], list(some))


async def _carry_out(session: AsyncSession, repository_id: UUID, orders: Sequence[ItemOrder]) -> None:
    """Carry out orders of one kind on one repository."""
    at = now()
    saved = [order.item for order in orders if isinstance(order, SaveItem)]
    await items.save_items(session, repository_id, saved, at)
    answered = [order.response for order in orders if isinstance(order, SaveResponse)]
    await items.save_responses(session, repository_id, answered, at)
    released = [order.release for order in orders if isinstance(order, SaveRelease)]
    await items.save_releases(session, repository_id, released, at)
    for order in orders:
        match order:
            case DeleteItem():
                await items.delete_item(session, repository_id, order.number)
            case SaveLabel():
                if order.old_name:
                    await items.delete_label(session, repository_id, order.old_name)
                    await replace_label(session, repository_id, order.old_name, order.label.name)
                await items.save_labels(session, repository_id, [order.label], at)
            case DeleteLabel():
                await items.delete_label(session, repository_id, order.name)
                await replace_label(session, repository_id, order.name, None)
            case DeleteRelease():
                await items.delete_release(session, repository_id, order.github_id)
