"""Insights."""

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field

from bot.db.stored_insights import StoredInsight
from bot.domain.insights import Insight as ComputedInsight
from bot.domain.insights import InsightType, Severity
from bot.domain.published import ENGINE
from bot.report.insight_json import rest_json
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


def insight_answer(stored: StoredInsight) -> Insight:
    """A stored insight as it is answered."""
    return Insight(
        **rest_json(stored.insight),
        id=stored.id,
        repository_id=stored.repository_id,
        model_version=stored.model_version,
        analysis_id=stored.analysis_id,
        pull_request=stored.pull_request,
        head_sha=stored.head_sha,
        created_at=stored.created_at,
    )


def computed_insight(insight: ComputedInsight, repository_id: UUID, moment: datetime) -> Insight:
    """An insight that was computed at this moment and is not stored. Its id is the same each time."""
    return Insight(
        **rest_json(insight),
        id=uuid5(NAMESPACE_URL, f"{repository_id}/{insight.fingerprint}"),
        repository_id=repository_id,
        model_version=ENGINE,
        analysis_id=None,
        pull_request=None,
        head_sha=None,
        created_at=moment,
    )
