"""What is new in an analysis of a whole repository: for notifications, which repeat nothing."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Analysis, InsightRow
from bot.domain.analyses import FIRST_KEY, WHOLE_REPOSITORY_KINDS, AnalysisStatus
from bot.domain.dismissals import evidence_changed
from bot.domain.insights import InsightType, Severity, Standing
from bot.text import plain

MOST_HIGHLIGHTS = 5
# In this order: what to do, what changes, what returns.
_TYPES = (InsightType.RECOMMENDATION.value, InsightType.TREND.value, InsightType.PATTERN.value)


async def highlights_of(session: AsyncSession, analysis: Analysis) -> list[dict[str, Any]]:
    """The recommendations, trends and patterns that are new, or whose evidence has changed since the analysis before.

    At most MOST_HIGHLIGHTS; recommendations first, then the most severe. Dismissed ones are left out.
    """
    before = {row.fingerprint: row.evidence for row in await _insights(session, await _previous(session, analysis))}
    rows = [
        row
        for row in await _insights(session, analysis)
        if row.dismissal_id is None
        and (row.fingerprint not in before or evidence_changed(before[row.fingerprint], row.evidence))
    ]
    rows.sort(key=lambda row: (_TYPES.index(row.type), -Severity(row.severity).rank, -row.confidence_score, row.title))
    return [
        {"id": str(row.id), "type": row.type, "severity": row.severity, "title": plain(row.title, 300)}
        for row in rows[:MOST_HIGHLIGHTS]
    ]


async def has_new_remarks(session: AsyncSession, analysis: Analysis) -> bool:
    """Whether an analysis has a remark of any type that the one before did not have."""
    earlier = await _previous(session, analysis)
    if earlier is None:
        return True
    known = select(InsightRow.fingerprint).where(InsightRow.analysis_id == earlier.id)
    query = select(InsightRow.id).where(
        InsightRow.analysis_id == analysis.id,
        InsightRow.standing == Standing.REMARK.value,
        InsightRow.dismissal_id.is_(None),
        InsightRow.fingerprint.not_in(known),
    )
    return await session.scalar(query.limit(1)) is not None


async def _previous(session: AsyncSession, analysis: Analysis) -> Analysis | None:
    """The completed analysis of the whole repository before this one. Nobody was told of the first ones."""
    query = select(Analysis).where(
        Analysis.repository_id == analysis.repository_id,
        Analysis.kind.in_(WHOLE_REPOSITORY_KINDS),
        Analysis.status == AnalysisStatus.COMPLETED,
        ~Analysis.key.startswith(FIRST_KEY),
        Analysis.created_at < analysis.created_at,
        Analysis.id != analysis.id,
    )
    found: Analysis | None = await session.scalar(query.order_by(Analysis.created_at.desc()).limit(1))
    return found


async def _insights(session: AsyncSession, analysis: Analysis | None) -> list[InsightRow]:
    if analysis is None:
        return []
    query = select(InsightRow).where(
        InsightRow.analysis_id == analysis.id,
        InsightRow.type.in_(_TYPES),
        InsightRow.standing == Standing.REMARK.value,
    )
    return list(await session.scalars(query))
