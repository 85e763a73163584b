"""The resources that are synced, in the order of `domain.sync.SyncResource`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from bot.db.github_tables import ContributorRow, ItemRow, LabelRow, MilestoneRow, ReleaseRow, ResponseRow
from bot.db.item_rows import (
    write_contributors,
    write_items,
    write_labels,
    write_milestones,
    write_releases,
    write_responses,
)
from bot.db.tables import Table
from bot.domain.items import ItemKind, ResponseKind
from bot.domain.sync import SyncResource
from bot.sync.positions import Page, Position, Reading
from bot.sync.readers import (
    read_comments,
    read_contributors,
    read_issues,
    read_labels,
    read_milestones,
    read_pulls,
    read_releases,
    read_review_comments,
)
from bot.sync.reviews import read_reviews, write_reviews


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource.

    read: one page from GitHub.
    write: stores what a page has found.
    table, kinds: where it is stored, and which of the rows there are its own.
    is_relisted: whether a weekly pass lists everything again and so finds what is gone. Reviews cannot be deleted, and
    listing them costs a request for each pull request.
    """

    name: SyncResource
    read: Callable[[Reading, Position], Awaitable[Page]]
    write: Callable[[Session, UUID, Sequence[Any], datetime], None]
    table: type[Table]
    kinds: tuple[ColumnElement[bool], ...] = ()
    is_relisted: bool = True


def _of_kind(kind: ItemKind | ResponseKind) -> tuple[ColumnElement[bool], ...]:
    return (ItemRow.kind == kind,) if isinstance(kind, ItemKind) else (ResponseRow.kind == kind,)


RESOURCES = (
    Resource(SyncResource.LABELS, read_labels, write_labels, LabelRow),
    Resource(SyncResource.MILESTONES, read_milestones, write_milestones, MilestoneRow),
    Resource(SyncResource.RELEASES, read_releases, write_releases, ReleaseRow),
    Resource(SyncResource.CONTRIBUTORS, read_contributors, write_contributors, ContributorRow),
    Resource(SyncResource.ISSUES, read_issues, write_items, ItemRow, _of_kind(ItemKind.ISSUE)),
    Resource(SyncResource.PULLS, read_pulls, write_items, ItemRow, _of_kind(ItemKind.PULL_REQUEST)),
    Resource(SyncResource.COMMENTS, read_comments, write_responses, ResponseRow, _of_kind(ResponseKind.COMMENT)),
    Resource(
        SyncResource.REVIEW_COMMENTS,
        read_review_comments,
        write_responses,
        ResponseRow,
        _of_kind(ResponseKind.REVIEW_COMMENT),
    ),
    Resource(
        SyncResource.REVIEWS,
        read_reviews,
        write_reviews,
        ResponseRow,
        _of_kind(ResponseKind.REVIEW),
        is_relisted=False,
    ),
)
