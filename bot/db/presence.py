"""Read who reviewed and merged on GitHub lately, and who opened pull requests. Both are bounded, newest first."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, func, select

from bot.db.engine import Database
from bot.db.github_tables import ItemRow, ResponseRow
from bot.domain.items import Account, ItemKind, ResponseKind

# GitHub's ids of a kind grow with time, so that the newest reviews have the highest ones.
_MOST_RESPONSES = 20_000
_MOST_MERGES = 2_000
_REVIEWS = (ResponseKind.REVIEW, ResponseKind.REVIEW_COMMENT)


async def seen_since(db: Database, repository_id: UUID, since: datetime) -> dict[Account, datetime]:
    """When each account last reviewed or merged a pull request, of those who did at `since` or later. No bots."""
    found: dict[Account, datetime] = {}
    async with db.reading() as session:
        for query in (*(_reviews(repository_id, kind) for kind in _REVIEWS), _merges(repository_id)):
            for number, login, at in await session.execute(_newest(query, since)):
                account = Account(int(number), login)
                found[account] = max(at, found.get(account, at))
    return found


async def authors_of_pulls(db: Database, repository_id: UUID, numbers: Collection[int]) -> dict[int, Account]:
    """Who opened these pull requests, by number. Deleted users and bots are left out."""
    query = select(ItemRow.number, ItemRow.author).where(
        ItemRow.repository_id == repository_id,
        ItemRow.number.in_(numbers),
        ItemRow.kind == ItemKind.PULL_REQUEST,
        ItemRow.merged_at.is_not(None),
    )
    async with db.reading() as session:
        return {
            number: Account(author["id"], author["login"])
            for number, author in await session.execute(query)
            if author and not author["bot"]
        }


def _reviews(repository_id: UUID, kind: ResponseKind) -> Subquery:
    author = ResponseRow.author
    columns = (author["id"].as_string().label("number"), author["login"].as_string().label("login"), ResponseRow.at)
    query = select(*columns, author["bot"].as_boolean().label("bot"))
    query = query.where(ResponseRow.repository_id == repository_id, ResponseRow.kind == kind)
    return query.order_by(ResponseRow.github_id.desc()).limit(_MOST_RESPONSES).subquery()


def _merges(repository_id: UUID) -> Subquery:
    by = ItemRow.merged_by
    columns = (by["id"].as_string().label("number"), by["login"].as_string().label("login"))
    query = select(*columns, ItemRow.merged_at.label("at"), by["bot"].as_boolean().label("bot"))
    query = query.where(ItemRow.repository_id == repository_id, ItemRow.merged_at.is_not(None))
    return query.order_by(ItemRow.number.desc()).limit(_MOST_MERGES).subquery()


def _newest(seen: Subquery, since: datetime) -> Select[Any]:
    """The newest time of each account. The subquery names the parts of JSON, so that they can be grouped by."""
    query = select(seen.c.number, seen.c.login, func.max(seen.c.at)).where(seen.c.at >= since)
    return query.where(seen.c.number.is_not(None), seen.c.bot.is_(False)).group_by(seen.c.number, seen.c.login)
