"""The tables, as SQLAlchemy 2 typed models. A change here needs a migration in `alembic/versions`; a test compares."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Float, ForeignKey, Index, MetaData, String, Text, false, true
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.db.column_types import Compressed, Json, Moment, ObjectId, text_of
from bot.domain.analyses import AnalysisKind, AnalysisStatus
from bot.domain.deliveries import DeliveryStatus
from bot.domain.published import Conclusion


class Table(DeclarativeBase):
    """The base of all tables. It fixes the names of constraints, because migrations refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, dict[str, Any]: Json, list[Any]: Json, int: BigInteger}  # noqa: RUF012


class Installation(Table):
    """The App on one account. The key is GitHub's numeric id, because names change."""

    __tablename__ = "installations"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(String(255))
    suspended: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Repository(Table):
    """A repository on which the App is installed.

    registered_at: None if it is known from events only.
    gone_since: since when GitHub answers that it does not exist; None if it does.
    """

    __tablename__ = "repositories"
    __table_args__ = (Index(None, "full_name"), Index(None, "installation_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    github_id: Mapped[int] = mapped_column(unique=True)
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id", ondelete="CASCADE"))
    full_name: Mapped[str] = mapped_column(String(400))
    private: Mapped[bool] = mapped_column(default=True)
    default_branch: Mapped[str] = mapped_column(String(1024))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    auto_analyze: Mapped[bool] = mapped_column(default=True)
    notification_settings: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    registered_at: Mapped[datetime | None]
    gone_since: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Delivery(Table):
    """A row of the inbox: one webhook POST. id: GitHub's X-GitHub-Delivery.

    repository: the full name in the payload, empty without one; None for what came before there was the column.
    """

    __tablename__ = "deliveries"
    __table_args__ = (Index(None, "status", "received_at"), Index(None, "repository", "status", "received_at"))

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    event: Mapped[str] = mapped_column(String(100))
    payload: Mapped[bytes] = mapped_column(Compressed)
    status: Mapped[DeliveryStatus] = mapped_column(text_of(DeliveryStatus, 20))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime]
    repository: Mapped[str | None] = mapped_column(String(201))


class Analysis(Table):
    """One run over one change or one whole repository.

    key: identifies the change, so that it is analyzed once.
    subject: the pull request or the ref; a newer head of the same subject supersedes an older one.
    attempt: the fencing token; a worker writes only while its attempt is the newest.
    uncounted: how many of the attempts do not count, because GitHub was not available, or of an earlier run.
    waits_since: when the attempts that do not count began; None after one that counts.
    by_request: whether a person asked for it, so that it is analyzed although a pull request has a newer head.
    lease_until: when a silent worker counts as dead; for a queued analysis, when a delay ends.
    delivery_id: the delivery that asked for it last, for the log; it may have expired. None if there was none.
    scope: what a whole-repository analysis covers (`domain.analyses.Scope`); None for a change.
    """

    __tablename__ = "analyses"
    __table_args__ = (
        Index(None, "repository_id", "key", unique=True),
        Index(None, "repository_id", "subject", "created_at"),
        Index(None, "repository_id", "kind", "created_at"),
        Index(None, "repository_id", "created_at", "id"),
        Index(None, "repository_id", "pull_number"),
        Index(None, "status", "lease_until"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    # Processes of the version before 0009 insert rows without a kind while they are replaced.
    kind: Mapped[AnalysisKind] = mapped_column(text_of(AnalysisKind, 20), server_default=AnalysisKind.CHANGE.value)
    key: Mapped[str] = mapped_column(String(1200))
    subject: Mapped[str] = mapped_column(String(1100))
    pull_number: Mapped[int | None]
    ref: Mapped[str] = mapped_column(String(1024))
    head_sha: Mapped[str] = mapped_column(ObjectId)
    base_sha: Mapped[str | None] = mapped_column(ObjectId)
    merge_base: Mapped[str | None] = mapped_column(ObjectId)
    status: Mapped[AnalysisStatus] = mapped_column(text_of(AnalysisStatus, 20))
    step: Mapped[str] = mapped_column(String(40), default="")
    progress: Mapped[float] = mapped_column(Float, default=0.0)
    attempt: Mapped[int] = mapped_column(default=0)
    uncounted: Mapped[int] = mapped_column(default=0, server_default="0")
    waits_since: Mapped[datetime | None]
    by_request: Mapped[bool] = mapped_column(default=False, server_default=false())
    delivery_id: Mapped[str | None] = mapped_column(String(100))
    lease_until: Mapped[datetime | None]
    check_run_id: Mapped[int | None]
    conclusion: Mapped[Conclusion | None] = mapped_column(text_of(Conclusion, 20))
    engine: Mapped[str | None] = mapped_column(String(100))
    report: Mapped[dict[str, Any] | None]
    scope: Mapped[dict[str, Any] | None] = mapped_column("wanted")
    seconds: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class PullRequest(Table):
    """A pull request and the id of its comment.

    verdict_id: the analysis that wrote check run and comment last; None if that is not known.
    """

    __tablename__ = "pull_requests"
    __table_args__ = (Index(None, "repository_id", "number", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    number: Mapped[int]
    comment_id: Mapped[int | None]
    verdict_id: Mapped[UUID | None]


class InsightRow(Table):
    """An insight (`domain.insights.Insight`) with its repository, analysis and head.

    current: False after a later analysis of the whole repository covered the same insight type; the row is kept.
    dismissal_id: the dismissal that covers it. No foreign key: SQLite would have to copy the table to add one.
    updated_at: when the row changed last; None in rows of the version before 0010: use `created_at`.
    """

    __tablename__ = "insights"
    __table_args__ = (
        Index(None, "repository_id", "current", "created_at", "id"),
        Index(None, "repository_id", "current", "type", "created_at", "id"),
        Index(None, "repository_id", "current", "severity", "created_at", "id"),
        Index(None, "repository_id", "current", "pull_request", "created_at", "id"),
        Index(None, "repository_id", "current", "standing", "created_at", "id"),
        Index(None, "repository_id", "fingerprint", "created_at"),
        Index(None, "analysis_id"),
        Index(None, "dismissal_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    analysis_id: Mapped[UUID] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"))
    pull_request: Mapped[int | None]
    head_sha: Mapped[str] = mapped_column(ObjectId)
    type: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(100))
    standing: Mapped[str] = mapped_column(String(10))
    severity: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    remedy: Mapped[str] = mapped_column("way_out", Text)
    confidence_score: Mapped[float]
    confidence_reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[dict[str, Any]]
    locations: Mapped[list[Any]]
    tags: Mapped[list[Any]]
    fingerprint: Mapped[str] = mapped_column(String(32))
    model_version: Mapped[str] = mapped_column(String(100))
    current: Mapped[bool] = mapped_column(default=True, server_default=true())
    dismissal_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime | None]
