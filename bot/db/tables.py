"""The tables, as SQLAlchemy 2 typed models. Changes here need a migration in `alembic/versions` (a test compares)."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Float, ForeignKey, Index, MetaData, String, Text, true
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.db.column_types import Compressed, Json, Moment, text_of
from bot.domain.analyses import AnalysisKind, AnalysisStatus
from bot.domain.deliveries import DeliveryStatus
from bot.domain.published import Conclusion


class Table(DeclarativeBase):
    """The base of all tables; names of constraints are fixed so that migrations can name them."""

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
    """The app on one account. GitHub's numeric id is the key: names change."""

    __tablename__ = "installations"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(String(255))
    suspended: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Repository(Table):
    """A repository the app is installed on. registered_at: None while only events told of it."""

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
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Delivery(Table):
    """The inbox: one webhook POST, stored before it is answered. id is GitHub's X-GitHub-Delivery."""

    __tablename__ = "deliveries"
    __table_args__ = (Index(None, "status", "received_at"),)

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    event: Mapped[str] = mapped_column(String(100))
    payload: Mapped[bytes] = mapped_column(Compressed)
    status: Mapped[DeliveryStatus] = mapped_column(text_of(DeliveryStatus, 20))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime]


class Analysis(Table):
    """One run over one change or one whole repository.

    key: names the change, so that a change is analyzed once.
    subject: the pull request or the ref; a newer head of the same subject supersedes an older one.
    attempt: the fencing token; a worker posts only while it holds the newest attempt.
    lease_until: when a silent worker counts as dead.
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
    head_sha: Mapped[str] = mapped_column(String(40))
    base_sha: Mapped[str | None] = mapped_column(String(40))
    merge_base: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[AnalysisStatus] = mapped_column(text_of(AnalysisStatus, 20))
    step: Mapped[str] = mapped_column(String(40), default="")
    progress: Mapped[float] = mapped_column(Float, default=0.0)
    attempt: Mapped[int] = mapped_column(default=0)
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
    """What we keep of a pull request: its one comment."""

    __tablename__ = "pull_requests"
    __table_args__ = (Index(None, "repository_id", "number", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    number: Mapped[int]
    comment_id: Mapped[int | None]


class InsightRow(Table):
    """What an analyzer said, as `domain.Insight` with where it belongs.

    current: False once a later whole-repository analysis looked at the same things; it is kept as history.
    """

    __tablename__ = "insights"
    __table_args__ = (
        Index(None, "repository_id", "current", "created_at", "id"),
        Index(None, "repository_id", "current", "type", "created_at", "id"),
        Index(None, "repository_id", "current", "severity", "created_at", "id"),
        Index(None, "repository_id", "current", "pull_request", "created_at", "id"),
        Index(None, "analysis_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    analysis_id: Mapped[UUID] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"))
    pull_request: Mapped[int | None]
    head_sha: Mapped[str] = mapped_column(String(40))
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
    created_at: Mapped[datetime]


class PredictionRow(Table):
    """A change risk as it was said, and what became of the change. Nothing of it is ever rewritten but the outcome.

    probability: None where there was too little history. landed_sha: the commit of the default branch that brought
    the change. outcome: whether it needed a fix or a revert within 90 days; None until that is known.
    """

    __tablename__ = "predictions"
    __table_args__ = (
        Index(None, "analysis_id", unique=True),
        Index(None, "repository_id", "made_at"),
        Index(None, "repository_id", "outcome_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    analysis_id: Mapped[UUID] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"))
    pull_request: Mapped[int | None]
    head_sha: Mapped[str] = mapped_column(String(40))
    model_version: Mapped[str] = mapped_column(String(100))
    probability: Mapped[float | None]
    percentile: Mapped[float | None]
    features: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    landed_sha: Mapped[str | None] = mapped_column(String(40))
    outcome: Mapped[bool | None]
    outcome_at: Mapped[datetime | None]
    outcome_evidence: Mapped[dict[str, Any] | None]


class Snapshot(Table):
    """What the history index tells of a repository, for the API and the pages: they have no mirror.

    kind: hotspots, ownership, coupling, model-card, back-test. head_sha: the commit up to which it holds.
    """

    __tablename__ = "snapshots"
    __table_args__ = (Index(None, "repository_id", "kind", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    head_sha: Mapped[str] = mapped_column(String(40))
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class OpenPullRow(Table):
    """What an open pull request touches, as of its newest head. files, functions: as in `domain.open_pulls.Touched`."""

    __tablename__ = "open_pulls"
    __table_args__ = (
        Index(None, "repository_id", "number", unique=True),
        Index(None, "repository_id", "base_ref", "seen_at"),
        Index(None, "seen_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    number: Mapped[int]
    base_ref: Mapped[str] = mapped_column(String(1024))
    head_sha: Mapped[str] = mapped_column(String(40))
    files: Mapped[list[Any]]
    functions: Mapped[list[Any]]
    seen_at: Mapped[datetime]
