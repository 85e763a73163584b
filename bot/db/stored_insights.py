"""Stored insights: each with its repository, analysis and head."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.db.engine import Database
from bot.db.page import Page
from bot.db.tables import InsightRow
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInsight:
    """An insight of an analysis.

    model_version: the version of the engine.
    """

    id: UUID
    repository_id: UUID
    analysis_id: UUID
    pull_request: int | None
    head_sha: str
    model_version: str
    created_at: datetime
    insight: Insight


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightFilter:
    """Criteria for a list of insights; None means any."""

    type: InsightType | None = None
    severity: Severity | None = None
    pull_request: int | None = None
    since: datetime | None = None
    analysis_id: UUID | None = None
    standing: Standing | None = None


async def list_insights(
    db: Database, repository_id: UUID, filters: InsightFilter, *, limit: int, offset: int
) -> Page[StoredInsight]:
    """Insights, newest first: the current ones, or all of one analysis.

    The total of a long list can be some seconds old.
    """
    conditions = [InsightRow.repository_id == repository_id]
    if filters.analysis_id is not None:
        conditions.append(InsightRow.analysis_id == filters.analysis_id)
    else:
        conditions.append(InsightRow.current.is_(True))
    for column, value in (
        (InsightRow.type, filters.type and filters.type.value),
        (InsightRow.severity, filters.severity and filters.severity.value),
        (InsightRow.pull_request, filters.pull_request),
        (InsightRow.standing, filters.standing and filters.standing.value),
    ):
        if value is not None:
            conditions.append(column == value)
    if filters.since is not None:
        conditions.append(InsightRow.created_at >= filters.since)
    # The offset skips entries of the index only; table rows are read for this page only.
    page = (
        select(InsightRow.id)
        .where(*conditions)
        .order_by(InsightRow.created_at.desc(), InsightRow.id.desc())
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    query = select(InsightRow).join(page, page.c.id == InsightRow.id)
    query = query.order_by(InsightRow.created_at.desc(), InsightRow.id.desc())
    count = select(func.count(InsightRow.id)).where(*conditions)

    def read(session: Session) -> Page[StoredInsight]:
        total = db.totals.get((repository_id, filters), lambda: session.scalar(count) or 0)
        return Page([_stored(row) for row in session.scalars(query)], total)

    return await db.read(read)


async def get_insight(db: Database, insight_id: UUID) -> StoredInsight | None:
    """One insight, or None."""
    async with db.reading() as session:
        row = await session.get(InsightRow, insight_id)
        return _stored(row) if row else None


def _stored(row: InsightRow) -> StoredInsight:
    return StoredInsight(
        id=row.id,
        repository_id=row.repository_id,
        analysis_id=row.analysis_id,
        pull_request=row.pull_request,
        head_sha=row.head_sha,
        model_version=row.model_version,
        created_at=row.created_at,
        insight=Insight(
            type=InsightType(row.type),
            rule=row.rule,
            standing=Standing(row.standing),
            title=row.title,
            description=row.description,
            remedy=row.remedy,
            severity=Severity(row.severity),
            confidence=Confidence(row.confidence_score, row.confidence_reason),
            evidence=row.evidence,
            locations=tuple(Location(**place) for place in row.locations),
            tags=tuple(row.tags),
            fingerprint=row.fingerprint,
        ),
    )
