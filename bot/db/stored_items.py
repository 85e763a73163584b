"""Read what is synced from GitHub: in pages of bounded memory for the learning, in lists for REST and pages."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from bot.db.engine import Database
from bot.db.github_tables import ContributorRow, ItemRow, ReleaseRow, ResponseRow
from bot.db.page import Page
from bot.domain.items import Account, AccountActivity, Item, ItemKind, PullFacts, Release, Response, ResponseKind
from bot.text import plain

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Criteria for a list of issues and pull requests; None means any.

    author: a login, in any case.
    since: items that changed at this time or later.
    q: a part of the title, in any case.
    """

    kind: ItemKind | None = None
    state: str | None = None
    label: str | None = None
    author: str | None = None
    since: datetime | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class ItemTitle:
    """What a list shows of a pull request, safe to show. author: a login; None for a deleted user."""

    title: str
    author: str | None


async def stream_items(
    db: Database, repository_id: UUID, kind: ItemKind | None = None, *, bodies: bool = True
) -> AsyncIterator[Item]:
    """All issues and pull requests, or those of one kind, by number. At most 500 are in memory.

    bodies: False: each `body` is empty, and is not read.
    """
    query = select(ItemRow).where(ItemRow.repository_id == repository_id).order_by(ItemRow.number).limit(_PAGE)
    if kind is not None:
        query = query.where(ItemRow.kind == kind)
    if not bodies:
        query = query.options(defer(ItemRow.body, raiseload=True))
    last = 0
    while True:
        async with db.reading() as session:
            rows = list(await session.scalars(query.where(ItemRow.number > last)))
        for row in rows:
            yield read_item(row, body=bodies)
        if len(rows) < _PAGE:
            return
        last = rows[-1].number


async def stream_responses(
    db: Database, repository_id: UUID, kind: ResponseKind | None = None
) -> AsyncIterator[Response]:
    """All comments, reviews and review comments, or those of one kind, by kind and GitHub's id.

    At most 500 are in memory. GitHub's ids of one kind grow with time, so those of a kind are oldest first but for
    few exceptions.
    """
    for one in ResponseKind if kind is None else (kind,):
        ours = (ResponseRow.repository_id == repository_id, ResponseRow.kind == one)
        query = select(ResponseRow).where(*ours).order_by(ResponseRow.github_id).limit(_PAGE)
        last = -1
        while True:
            async with db.reading() as session:
                rows = list(await session.scalars(query.where(ResponseRow.github_id > last)))
            for row in rows:
                yield _read_response(row)
            if len(rows) < _PAGE:
                break
            last = rows[-1].github_id


async def releases(db: Database, repository_id: UUID) -> list[Release]:
    """The published releases, oldest first. Drafts are left out."""
    published = (ReleaseRow.repository_id == repository_id, ReleaseRow.published_at.is_not(None))
    query = select(ReleaseRow).where(*published, ReleaseRow.draft.is_(False)).order_by(ReleaseRow.published_at)
    async with db.reading() as session:
        return [_read_release(row) for row in await session.scalars(query)]


async def list_items(db: Database, repository_id: UUID, filters: ItemFilter, *, limit: int, offset: int) -> Page[Item]:
    """Issues and pull requests, the highest number first."""
    conditions = [ItemRow.repository_id == repository_id, *_conditions(db, filters)]
    page = select(ItemRow.id).where(*conditions).order_by(ItemRow.number.desc()).limit(limit).offset(offset).subquery()
    query = select(ItemRow).join(page, page.c.id == ItemRow.id).order_by(ItemRow.number.desc())
    async with db.reading() as session:
        total = await session.scalar(select(func.count(ItemRow.id)).where(*conditions)) or 0
        return Page([read_item(row) for row in await session.scalars(query)], total)


async def list_contributors(db: Database, repository_id: UUID, *, limit: int, offset: int) -> Page[AccountActivity]:
    """The contributors as GitHub counts them, by login: people are not ranked."""
    ours = ContributorRow.repository_id == repository_id
    query = select(ContributorRow).where(ours).order_by(func.lower(ContributorRow.login), ContributorRow.github_id)
    async with db.reading() as session:
        total = await session.scalar(select(func.count(ContributorRow.id)).where(ours)) or 0
        rows = await session.scalars(query.limit(limit).offset(offset))
        return Page(
            [AccountActivity(Account(row.github_id, row.login, row.is_bot), row.contributions) for row in rows], total
        )


async def titles_of(db: Database, repository_id: UUID, numbers: Iterable[int | None]) -> dict[int, ItemTitle]:
    """Title and author of issues and pull requests, by number. Those that are not synced are absent."""
    named = {number for number in numbers if number is not None}
    if not named:
        return {}
    async with db.reading() as session:
        return await titles_in(session, repository_id, named)


async def titles_in(session: AsyncSession, repository_id: UUID, numbers: Collection[int]) -> dict[int, ItemTitle]:
    """As `titles_of`, in a transaction of the caller."""
    ours = (ItemRow.repository_id == repository_id, ItemRow.number.in_(numbers))
    query = select(ItemRow.number, ItemRow.title, ItemRow.author).where(*ours)
    return {
        number: ItemTitle(plain(title), plain(author["login"]) if author else None)
        for number, title, author in await session.execute(query)
    }


def read_item(row: ItemRow, *, body: bool = True) -> Item:
    """The issue or pull request of a row."""
    return Item(
        github_id=row.github_id,
        number=row.number,
        kind=row.kind,
        title=row.title,
        body=row.body if body else "",
        author=_account(row.author),
        state=row.state,
        state_reason=row.state_reason,
        labels=tuple(row.labels),
        milestone=row.milestone,
        comments=row.comments,
        created_at=row.created_at,
        updated_at=row.updated_at,
        closed_at=row.closed_at,
        pull=_pull_facts(row) if row.kind is ItemKind.PULL_REQUEST else None,
    )


def _pull_facts(row: ItemRow) -> PullFacts:
    return PullFacts(
        draft=bool(row.draft),
        base_ref=row.base_ref or "",
        head_sha=row.head_sha or "",
        merge_commit_sha=row.merge_commit_sha,
        merged_at=row.merged_at,
        merged_by=_account(row.merged_by),
    )


def _read_response(row: ResponseRow) -> Response:
    return Response(
        github_id=row.github_id,
        number=row.number,
        kind=row.kind,
        author=_account(row.author),
        at=row.at,
        state=row.state,
    )


def _read_release(row: ReleaseRow) -> Release:
    return Release(
        github_id=row.github_id,
        tag=row.tag,
        name=row.name,
        author=_account(row.author),
        draft=row.draft,
        prerelease=row.prerelease,
        created_at=row.created_at,
        published_at=row.published_at,
    )


def _account(stored: Mapping[str, Any] | None) -> Account | None:
    return None if stored is None else Account(stored["id"], stored["login"], stored["bot"])


def _conditions(db: Database, filters: ItemFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.kind is not None:
        conditions.append(ItemRow.kind == filters.kind)
    if filters.state is not None:
        conditions.append(ItemRow.state == filters.state)
    if filters.label is not None:
        conditions.append(_has_label(db, filters.label))
    if filters.author is not None:
        conditions.append(func.lower(ItemRow.author["login"].as_string()) == filters.author.lower())
    if filters.since is not None:
        conditions.append(ItemRow.updated_at >= filters.since)
    if filters.q is not None:
        conditions.append(ItemRow.title.icontains(filters.q, autoescape=True))
    return conditions


def _has_label(db: Database, name: str) -> ColumnElement[bool]:
    if not db.is_sqlite:
        contained: ColumnElement[bool] = ItemRow.labels.op("@>", is_comparison=True)([name])
        return contained
    each = func.json_each(ItemRow.labels).table_valued("value")
    return exists(select(each.c.value).where(each.c.value == name))
