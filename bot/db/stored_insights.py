"""Insights as they are stored: each as the analyzer made it, with where it belongs."""

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

    model_version: the engine that made it.
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
    """What of a repository's insights is wanted; None means any."""

    type: InsightType | None = None
    severity: Severity | None = None
    pull_request: int | None = None
    since: datetime | None = None
    analysis_id: UUID | None = None
    standing: Standing | None = None


async def list_insights(
    db: Database, repository_id: UUID, wanted: InsightFilter, *, limit: int, offset: int
) -> Page[StoredInsight]:
    """Insights, newest first: the current ones, or all of one analysis. The total of a long list may be seconds old."""
    conditions = [InsightRow.repository_id == repository_id]
    if wanted.analysis_id is not None:
        conditions.append(InsightRow.analysis_id == wanted.analysis_id)
    else:
        conditions.append(InsightRow.current.is_(True))
    for column, value in (
        (InsightRow.type, wanted.type and wanted.type.value),
        (InsightRow.severity, wanted.severity and wanted.severity.value),
        (InsightRow.pull_request, wanted.pull_request),
        (InsightRow.standing, wanted.standing and wanted.standing.value),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.since is not None:
        conditions.append(InsightRow.created_at >= wanted.since)
    # The offset walks over the index only; rows are read for the page alone.
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
        total = db.totals.of((repository_id, wanted), lambda: session.scalar(count) or 0)
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
