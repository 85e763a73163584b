"""Insights."""

from datetime import datetime
from typing import Any

from pydantic import Field

from bot.db.tables import InsightRow
from bot.domain.insights import InsightType, Severity
from bot.web.api.models.base import Answer, Id, Number, PageAnswer, PageQuery, When


class InsightQuery(PageQuery):
    """Which insights."""

    type: InsightType | None = None
    severity: Severity | None = None
    pull_request: Number | None = None
    since: When | None = Field(None, description="Only those made at this time or later.")
    analysis_id: Id | None = Field(None, description="Those of one analysis, also of a full one that was replaced.")


class Location(Answer):
    """Where at head; lines are 1-based and inclusive."""

    path: str
    start_line: int
    end_line: int


class Insight(Answer):
    """What an analyzer says. description is Markdown; data is the evidence.

    analysis_id and head_sha: null in what `/ai/generate-insights` says, which belongs to no single analysis.
    """

    id: Id
    repository_id: Id
    type: InsightType
    title: str
    description: str
    severity: Severity
    confidence_score: float = Field(ge=0, le=1)
    data: dict[str, Any]
    model_version: str
    tags: list[str]
    locations: list[Location]
    fingerprint: str
    analysis_id: Id | None
    pull_request: int | None
    head_sha: str | None
    created_at: datetime


class InsightPage(PageAnswer):
    """Insights, newest first."""

    items: list[Insight]


def insight_answer(row: InsightRow) -> Insight:
    """An insight; `data` is its evidence, with the rule, the way out and the reason of the confidence."""
    return Insight(
        id=row.id,
        repository_id=row.repository_id,
        type=InsightType(row.type),
        title=row.title,
        description=row.description,
        severity=Severity(row.severity),
        confidence_score=row.confidence_score,
        data={
            **row.evidence,
            "rule": row.rule,
            "standing": row.standing,
            "way_out": row.remedy,
            "confidence_reason": row.confidence_reason,
        },
        model_version=row.model_version,
        tags=row.tags,
        locations=row.locations,
        fingerprint=row.fingerprint,
        analysis_id=row.analysis_id,
        pull_request=row.pull_request,
        head_sha=row.head_sha,
        created_at=row.created_at,
    )
