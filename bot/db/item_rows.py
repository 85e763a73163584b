"""Write what is synced from GitHub: issues, pull requests, what people answered, labels, milestones, releases.

Each function writes all its rows with one or two statements, in a transaction of the caller. Text is stored as it
comes: `github/item_json.py` has cleaned it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import TableClause, bindparam, case, func, literal_column, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from bot.db.driver_statements import DriverStatement, driver_statement
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

_PULL_FACTS = ("draft", "base_ref", "head_sha", "merge_commit_sha", "merged_at", "merged_by")


def write_items(session: Session, repository_id: UUID, items: Sequence[Item], seen_at: datetime) -> None:
    """Insert or update issues and pull requests. A stored one that is newer than the given one stays.

    seen_at: when GitHub listed them; it is stored in each case.
    The list of issues has no facts of pull requests, and the list of pull requests counts no comments: what a given
    pull request lacks keeps its stored value.
    """
    if not items:
        return
    rows = [_item_row(repository_id, item, seen_at) for item in sorted(items, key=lambda item: item.number)]
    _item_statement(session.get_bind().dialect).run(session, rows)
    # An older state than the stored one was not written.
    session.execute(_SEE, {"in": repository_id, "seen": seen_at, "numbers": [item.number for item in items]})


def write_responses(session: Session, repository_id: UUID, responses: Sequence[Response], seen_at: datetime) -> None:
    """Insert or update comments, reviews and review comments."""
    rows = [
        {
            "github_id": one.github_id,
            "number": one.number,
            "kind": one.kind,
            "author": _account(one.author),
            "at": one.at,
            "state": one.state,
        }
        for one in sorted(responses, key=lambda one: (one.kind, one.github_id))
    ]
    _upsert(session, ResponseRow, ("kind", "github_id"), repository_id, rows, seen_at)


def write_labels(session: Session, repository_id: UUID, labels: Sequence[Label], seen_at: datetime) -> None:
    """Insert or update labels, by name."""
    rows = [
        {
            "name": one.name,
            "color": one.color,
            "description": one.description,
        }
        for one in sorted(labels, key=lambda one: one.name)
    ]
    _upsert(session, LabelRow, ("name",), repository_id, rows, seen_at)


def write_milestones(session: Session, repository_id: UUID, milestones: Sequence[Milestone], seen_at: datetime) -> None:
    """Insert or update milestones, by number."""
    rows = [asdict(one) for one in sorted(milestones, key=lambda one: one.number)]
    _upsert(session, MilestoneRow, ("number",), repository_id, rows, seen_at)


def write_releases(session: Session, repository_id: UUID, releases: Sequence[Release], seen_at: datetime) -> None:
    """Insert or update releases, by GitHub's id."""
    rows = [asdict(one) | {"author": _account(one.author)} for one in sorted(releases, key=lambda one: one.github_id)]
    _upsert(session, ReleaseRow, ("github_id",), repository_id, rows, seen_at)


def write_contributors(
    session: Session, repository_id: UUID, contributors: Sequence[AccountActivity], seen_at: datetime
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
    _upsert(session, ContributorRow, ("github_id",), repository_id, rows, seen_at)


# A few people write most of what is on a page, and most items have one of a few sets of labels.
@lru_cache(maxsize=1_024)
def _account(account: Account | None) -> str | None:
    if account is None:
        return None
    return json.dumps({"id": account.github_id, "login": account.login, "bot": account.is_bot})


@lru_cache(maxsize=256)
def _names(labels: tuple[str, ...]) -> str:
    return json.dumps(labels)


def _item_row(repository_id: UUID, item: Item, seen_at: datetime) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "repository_id": repository_id,
        "github_id": item.github_id,
        "number": item.number,
        "kind": item.kind,
        "title": item.title,
        "body": item.body,
        "author": _account(item.author),
        "state": item.state,
        "state_reason": item.state_reason,
        "labels": _names(item.labels),
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
        "merged_by": _account(pull.merged_by),
    }


Insert = sqlite.Insert | postgresql.Insert
# The tables instead of their classes: the ORM would look at each row, which takes as long as the statement itself.
_ITEMS = cast(TableClause, ItemRow.__table__)
_SEE = (
    update(_ITEMS)
    .where(
        _ITEMS.c.repository_id == bindparam("in"),
        _ITEMS.c.number.in_(bindparam("numbers", expanding=True)),
        _ITEMS.c.seen_at < bindparam("seen"),
    )
    .values(seen_at=bindparam("seen"))
)


# Statements are made once: to make one takes as long as to run it.
@lru_cache(maxsize=8)
def _item_statement(dialect: Dialect) -> DriverStatement:
    insert = _insert(dialect, _ITEMS)
    old, new = _ITEMS.c, insert.excluded
    kept: dict[str, Any] = {name: func.coalesce(new[name], old[name]) for name in _PULL_FACTS}
    # An issue that is a pull request has an id of its own there; that of the pull request stays.
    is_issue_of_pull = new["base_ref"].is_(None) & old["base_ref"].is_not(None)
    kept["github_id"] = case((is_issue_of_pull, old["github_id"]), else_=new["github_id"])
    uncounted = new["base_ref"].is_not(None) & (new["comments"] == literal_column("0"))
    kept["comments"] = case((uncounted, old["comments"]), else_=new["comments"])
    upsert = insert.on_conflict_do_update(
        index_elements=["repository_id", "number"],
        set_=_columns(_ITEMS, insert) | kept,
        where=new["updated_at"] >= old["updated_at"],
    )
    return driver_statement(upsert, dialect)


@lru_cache(maxsize=32)
def _statement(dialect: Dialect, table: type[Table], key: tuple[str, ...]) -> DriverStatement:
    rows = cast(TableClause, table.__table__)
    insert = _insert(dialect, rows)
    upsert = insert.on_conflict_do_update(index_elements=["repository_id", *key], set_=_columns(rows, insert))
    return driver_statement(upsert, dialect)


def _insert(dialect: Dialect, table: TableClause) -> Insert:
    """An INSERT of all columns of a table. Both databases have ON CONFLICT; SQLAlchemy has a class for each."""
    typed = {column.key: bindparam(column.key, type_=column.type) for column in table.c}
    return (sqlite.insert if dialect.name == "sqlite" else postgresql.insert)(table).values(typed)


def _columns(table: TableClause, insert: Insert) -> dict[str, Any]:
    """What an existing row gets: every column of the given row except the keys."""
    return {column.key: insert.excluded[column.key] for column in table.c if column.key not in {"id", "repository_id"}}


def _upsert(
    session: Session,
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
    _statement(session.get_bind().dialect, table, key).run(session, given)
