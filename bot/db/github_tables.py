"""The tables of what is synced from GitHub, and of dismissals. A change here needs a migration, as in `tables.py`."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.column_types import text_of
from bot.db.tables import Table
from bot.domain.dismissals import DismissReason
from bot.domain.items import ItemKind, ResponseKind
from bot.domain.sync import SyncResource, SyncStatus


class ItemRow(Table):
    """An issue or a pull request (`domain.items.Item`).

    author, merged_by: {id, login, bot}; None for a deleted user.
    seen_at: when GitHub last listed it. A complete pass deletes what it did not list.
    """

    __tablename__ = "items"
    __table_args__ = (
        Index(None, "repository_id", "number", unique=True),
        Index(None, "repository_id", "kind", "state", "created_at"),
        Index(None, "repository_id", "updated_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    github_id: Mapped[int]
    number: Mapped[int]
    kind: Mapped[ItemKind] = mapped_column(text_of(ItemKind, 20))
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    author: Mapped[dict[str, Any] | None]
    state: Mapped[str] = mapped_column(String(20))
    state_reason: Mapped[str | None] = mapped_column(String(40))
    labels: Mapped[list[Any]]
    milestone: Mapped[int | None]
    comments: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    draft: Mapped[bool | None]
    base_ref: Mapped[str | None] = mapped_column(String(1024))
    head_sha: Mapped[str | None] = mapped_column(String(64))
    merge_commit_sha: Mapped[str | None] = mapped_column(String(64))
    merged_at: Mapped[datetime | None]
    merged_by: Mapped[dict[str, Any] | None]
    seen_at: Mapped[datetime]


class ResponseRow(Table):
    """A comment, a review or a review comment: who and when (`domain.items.Response`)."""

    __tablename__ = "responses"
    __table_args__ = (
        Index(None, "repository_id", "kind", "github_id", unique=True),
        Index(None, "repository_id", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    github_id: Mapped[int]
    number: Mapped[int]
    kind: Mapped[ResponseKind] = mapped_column(text_of(ResponseKind, 20))
    author: Mapped[dict[str, Any] | None]
    at: Mapped[datetime]
    state: Mapped[str | None] = mapped_column(String(40))
    seen_at: Mapped[datetime]


class LabelRow(Table):
    """A label of a repository."""

    __tablename__ = "labels"
    __table_args__ = (Index(None, "repository_id", "name", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    color: Mapped[str] = mapped_column(String(20))
    description: Mapped[str] = mapped_column(Text)
    seen_at: Mapped[datetime]


class MilestoneRow(Table):
    """A milestone of a repository."""

    __tablename__ = "milestones"
    __table_args__ = (Index(None, "repository_id", "number", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    due_on: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]


class ReleaseRow(Table):
    """A release of a repository."""

    __tablename__ = "releases"
    __table_args__ = (
        Index(None, "repository_id", "github_id", unique=True),
        Index(None, "repository_id", "published_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    github_id: Mapped[int]
    tag: Mapped[str] = mapped_column(String(1024))
    name: Mapped[str] = mapped_column(Text)
    author: Mapped[dict[str, Any] | None]
    draft: Mapped[bool]
    prerelease: Mapped[bool]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]


class ContributorRow(Table):
    """A contributor of a repository, as GitHub counts them."""

    __tablename__ = "contributors"
    __table_args__ = (
        Index(None, "repository_id", "github_id", unique=True),
        Index(None, "repository_id", "contributions"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    github_id: Mapped[int]
    login: Mapped[str] = mapped_column(String(255))
    is_bot: Mapped[bool]
    contributions: Mapped[int]
    seen_at: Mapped[datetime]


class SyncStateRow(Table):
    """How far one resource of a repository is (`domain.sync.ResourceState`).

    position: where the running pass goes on: the page, and what else its reader needs; None between two passes.
    etags: the ETag of each page of the last pass that a conditional request can use.
    pass_started_at: elements that a complete pass started then did not see are gone.
    full_at: when the last complete pass (not only of what changed since) ended.
    """

    __tablename__ = "sync_states"
    __table_args__ = (Index(None, "repository_id", "resource", unique=True), Index(None, "status", "due_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    resource: Mapped[SyncResource] = mapped_column(text_of(SyncResource, 40))
    status: Mapped[SyncStatus] = mapped_column(text_of(SyncStatus, 20))
    position: Mapped[dict[str, Any] | None]
    etags: Mapped[dict[str, Any]] = mapped_column(default=dict)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    since: Mapped[datetime | None]
    pass_started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    full_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime]


class DismissalRow(Table):
    """A dismissal (`domain.dismissals.Dismissal`). One per repository and fingerprint; a later one replaces it."""

    __tablename__ = "dismissals"
    __table_args__ = (Index(None, "repository_id", "fingerprint", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    fingerprint: Mapped[str] = mapped_column(String(32))
    rule: Mapped[str] = mapped_column(String(100))
    reason: Mapped[DismissReason] = mapped_column(text_of(DismissReason, 20))
    note: Mapped[str] = mapped_column(Text)
    evidence: Mapped[dict[str, Any]]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    by: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
