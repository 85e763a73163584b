"""Store what is synced from GitHub: issues, pull requests, what people answered, labels, milestones, releases.

The job `sync_github` and the webhooks write it, in any order. Text is stored as it comes: `github/item_json.py` has
cleaned it. Each function writes all its rows with one or two statements, in a transaction of the caller.
`stored_items.py` reads the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import JSON, TableClause, bindparam, case, delete, func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.github_tables import ContributorRow, ItemRow, LabelRow, MilestoneRow, ReleaseRow, ResponseRow
from bot.db.tables import Table
from bot.domain.items import (
    Account,
    AccountActivity,
    Item,
    Label,
    Milestone,
    PullFacts,
    Release,
    Response,
)

# None must become NULL, not JSON's null, so that COALESCE sees it.
_ACCOUNT = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
_ACCOUNTS = ("author", "merged_by")
_PULL_FACTS = ("draft", "base_ref", "head_sha", "merge_commit_sha", "merged_at", "merged_by")


async def save_items(session: AsyncSession, repository_id: UUID, items: Sequence[Item], seen_at: datetime) -> None:
    """Insert or update issues and pull requests. A stored one that is newer than the given one stays.

    seen_at: when GitHub listed them; it is stored in each case.
    The list of issues has no facts of pull requests, and the list of pull requests counts no comments: what a given
    pull request lacks keeps its stored value.
    """
    if not items:
        return
    rows = [_item_row(repository_id, item, seen_at) for item in sorted(items, key=lambda item: item.number)]
    await session.execute(_item_statement(_is_sqlite(session)), rows)
    outdated = (
        ItemRow.repository_id == repository_id,
        ItemRow.number.in_([item.number for item in items]),
        ItemRow.seen_at < seen_at,
    )
    await session.execute(update(ItemRow).where(*outdated).values(seen_at=seen_at))


async def delete_item(session: AsyncSession, repository_id: UUID, number: int) -> None:
    """Delete an issue or a pull request, with what people answered on it."""
    await session.execute(delete(ItemRow).where(ItemRow.repository_id == repository_id, ItemRow.number == number))
    answers = (ResponseRow.repository_id == repository_id, ResponseRow.number == number)
    await session.execute(delete(ResponseRow).where(*answers))


async def save_responses(
    session: AsyncSession, repository_id: UUID, responses: Sequence[Response], seen_at: datetime
) -> None:
    """Insert or update comments, reviews and review comments."""
    rows = [
        {
            "github_id": one.github_id,
            "number": one.number,
            "kind": one.kind,
            "author": account_json(one.author),
            "at": one.at,
            "state": one.state,
        }
        for one in sorted(responses, key=lambda one: (one.kind, one.github_id))
    ]
    await _upsert(session, ResponseRow, ("kind", "github_id"), repository_id, rows, seen_at)


async def save_labels(session: AsyncSession, repository_id: UUID, labels: Sequence[Label], seen_at: datetime) -> None:
    """Insert or update labels, by name."""
    rows = [
        {
            "name": one.name,
            "color": one.color,
            "description": one.description,
        }
        for one in sorted(labels, key=lambda one: one.name)
    ]
    await _upsert(session, LabelRow, ("name",), repository_id, rows, seen_at)


async def delete_label(session: AsyncSession, repository_id: UUID, name: str) -> None:
    """Delete a label. The items keep its name until GitHub lists them without it."""
    await session.execute(delete(LabelRow).where(LabelRow.repository_id == repository_id, LabelRow.name == name))


async def save_milestones(
    session: AsyncSession, repository_id: UUID, milestones: Sequence[Milestone], seen_at: datetime
) -> None:
    """Insert or update milestones, by number."""
    rows = [asdict(one) for one in sorted(milestones, key=lambda one: one.number)]
    await _upsert(session, MilestoneRow, ("number",), repository_id, rows, seen_at)


async def save_releases(
    session: AsyncSession, repository_id: UUID, releases: Sequence[Release], seen_at: datetime
) -> None:
    """Insert or update releases, by GitHub's id."""
    rows = [
        asdict(one) | {"author": account_json(one.author)} for one in sorted(releases, key=lambda one: one.github_id)
    ]
    await _upsert(session, ReleaseRow, ("github_id",), repository_id, rows, seen_at)


async def delete_release(session: AsyncSession, repository_id: UUID, github_id: int) -> None:
    """Delete a release."""
    ours = (ReleaseRow.repository_id == repository_id, ReleaseRow.github_id == github_id)
    await session.execute(delete(ReleaseRow).where(*ours))


async def save_contributors(
    session: AsyncSession, repository_id: UUID, contributors: Sequence[AccountActivity], seen_at: datetime
) -> None:
    """Insert or update contributors, by GitHub's id of the account."""
    rows = [
        {
            "github_id": one.account.github_id,
            "login": one.account.login,
            "is_bot": one.account.is_bot,
            "contributions": one.contributions,
        }
        for one in sorted(contributors, key=lambda one: one.account.github_id)
    ]
    await _upsert(session, ContributorRow, ("github_id",), repository_id, rows, seen_at)


def account_json(account: Account | None) -> dict[str, Any] | None:
    """The stored form of an account."""
    if account is None:
        return None
    return {"id": account.github_id, "login": account.login, "bot": account.is_bot}


def _item_row(repository_id: UUID, item: Item, seen_at: datetime) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "repository_id": repository_id,
        "github_id": item.github_id,
        "number": item.number,
        "kind": item.kind,
        "title": item.title,
        "body": item.body,
        "author": account_json(item.author),
        "state": item.state,
        "state_reason": item.state_reason,
        "labels": list(item.labels),
        "milestone": item.milestone,
        "comments": item.comments,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "closed_at": item.closed_at,
        "seen_at": seen_at,
        **_pull_columns(item.pull),
    }


def _pull_columns(pull: PullFacts | None) -> dict[str, Any]:
    if pull is None:
        return dict.fromkeys(_PULL_FACTS)
    return {
        "draft": pull.draft,
        "base_ref": pull.base_ref or None,
        "head_sha": pull.head_sha or None,
        "merge_commit_sha": pull.merge_commit_sha,
        "merged_at": pull.merged_at,
        "merged_by": account_json(pull.merged_by),
    }


Insert = sqlite.Insert | postgresql.Insert


# Statements are made once: to make one takes as long as to run it.
@cache
def _item_statement(is_sqlite: bool) -> Insert:
    insert = _insert(is_sqlite, ItemRow)
    old, new = ItemRow.__table__.c, insert.excluded
    kept: dict[str, Any] = {name: func.coalesce(new[name], old[name]) for name in _PULL_FACTS}
    # An issue that is a pull request has an id of its own there; that of the pull request stays.
    is_issue_of_pull = new["base_ref"].is_(None) & old["base_ref"].is_not(None)
    kept["github_id"] = case((is_issue_of_pull, old["github_id"]), else_=new["github_id"])
    uncounted = new["base_ref"].is_not(None) & (new["comments"] == 0)
    kept["comments"] = case((uncounted, old["comments"]), else_=new["comments"])
    return insert.on_conflict_do_update(
        index_elements=["repository_id", "number"],
        set_=_columns(ItemRow, insert) | kept,
        where=new["updated_at"] >= old["updated_at"],
    )


@cache
def _statement(is_sqlite: bool, table: type[Table], key: tuple[str, ...]) -> Insert:
    insert = _insert(is_sqlite, table)
    return insert.on_conflict_do_update(index_elements=["repository_id", *key], set_=_columns(table, insert))


def _insert(is_sqlite: bool, table: type[Table]) -> Insert:
    """An INSERT of all columns of a table. Both databases have ON CONFLICT; SQLAlchemy has a class for each."""
    columns = table.__table__.c
    typed = {column.key: bindparam(column.key, type_=column.type) for column in columns}
    typed |= {name: bindparam(name, type_=_ACCOUNT) for name in _ACCOUNTS if name in columns}
    # The table instead of its class: the ORM would look at each row, which takes as long as the statement itself.
    rows = cast(TableClause, table.__table__)
    return sqlite.insert(rows).values(typed) if is_sqlite else postgresql.insert(rows).values(typed)


def _columns(table: type[Table], insert: Insert) -> dict[str, Any]:
    """What an existing row gets: every column of the given row except the keys."""
    return {
        column.key: insert.excluded[column.key]
        for column in table.__table__.c
        if column.key not in {"id", "repository_id"}
    }


def _is_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


async def _upsert(
    session: AsyncSession,
    table: type[Table],
    key: tuple[str, ...],
    repository_id: UUID,
    rows: Sequence[Mapping[str, Any]],
    seen_at: datetime,
) -> None:
    """Insert rows, or update those of the same key. The rows are sorted by key, so that two writers do not deadlock."""
    if not rows:
        return
    common = {"repository_id": repository_id, "seen_at": seen_at}
    given = [{"id": uuid4(), **row, **common} for row in rows]
    await session.execute(_statement(_is_sqlite(session), table, key), given)
