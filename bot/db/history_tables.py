"""The tables of predictions, snapshots and open pull requests. A change here needs a migration, as in `tables.py`."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.column_types import ObjectId
from bot.db.tables import Table


class PredictionRow(Table):
    """The predicted risk of a change, and its outcome. Only the outcome is ever updated.

    probability: None if there was too little history.
    landed_sha: the commit of the default branch that contains the change.
    outcome: whether the change needed a fix or a revert within 90 days; None until that is known.
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
    head_sha: Mapped[str] = mapped_column(ObjectId)
    model_version: Mapped[str] = mapped_column(String(100))
    probability: Mapped[float | None]
    percentile: Mapped[float | None]
    features: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    landed_sha: Mapped[str | None] = mapped_column(ObjectId)
    outcome: Mapped[bool | None]
    outcome_at: Mapped[datetime | None]
    outcome_evidence: Mapped[dict[str, Any] | None]


class Snapshot(Table):
    """Stored facts on a whole repository, for the API and the pages, which have no mirror.

    kind: as in `domain.snapshots.KINDS`.
    head_sha: the commit that they describe.
    """

    __tablename__ = "snapshots"
    __table_args__ = (Index(None, "repository_id", "kind", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("repositories.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    head_sha: Mapped[str] = mapped_column(ObjectId)
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class OpenPullRow(Table):
    """The files and functions that an open pull request touches, as of its newest analysis.

    files, functions: as in `domain.open_pulls.Touched`.
    """

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
    head_sha: Mapped[str] = mapped_column(ObjectId)
    files: Mapped[list[Any]]
    functions: Mapped[list[Any]]
    seen_at: Mapped[datetime]
