"""Stored insights: each with its repository, analysis and head."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_

from bot.db.dismissals import dismissal_of
from bot.db.engine import Database, now
from bot.db.github_tables import DismissalRow
from bot.db.stored_analyses import StoredAnalysis, stored_analysis
from bot.db.tables import Analysis, InsightRow
from bot.domain.analyses import WHOLE_REPOSITORY_KINDS
from bot.domain.dismissals import Dismissal, evidence_changed
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing

_QUERY = select(InsightRow, DismissalRow).outerjoin(DismissalRow, DismissalRow.id == InsightRow.dismissal_id)
_MOST_QUALITY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInsight:
    """An insight of an analysis.

    model_version: the version of the engine.
    updated_at: when it was made, dismissed, restored or replaced last.
    dismissal: the one that covers it now; None if none does.
    """

    id: UUID
    repository_id: UUID
    analysis_id: UUID
    pull_request: int | None
    head_sha: str
    model_version: str
    created_at: datetime
    updated_at: datetime
    dismissal: Dismissal | None
    insight: Insight


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightHistory:
    """The other insights of a repository with the same fingerprint, each with its analysis; the nearest first."""

    earlier: tuple[tuple[StoredInsight, StoredAnalysis], ...]
    later: tuple[tuple[StoredInsight, StoredAnalysis], ...]


async def get_insight(db: Database, insight_id: UUID) -> StoredInsight | None:
    """One insight, or None."""
    async with db.reading() as session:
        found = (await session.execute(_QUERY.where(InsightRow.id == insight_id))).one_or_none()
        return _stored(found[0], found[1]) if found else None


async def insight_history(db: Database, stored: StoredInsight, *, limit: int) -> InsightHistory:
    """The earlier and the later insights with the fingerprint of this one, at most `limit` each."""
    place = (stored.created_at, stored.id)
    mine = tuple_(InsightRow.created_at, InsightRow.id)
    same = _QUERY.add_columns(Analysis).join(Analysis, Analysis.id == InsightRow.analysis_id)
    same = same.where(
        InsightRow.repository_id == stored.repository_id, InsightRow.fingerprint == stored.insight.fingerprint
    ).limit(limit)
    earlier = same.where(mine < place).order_by(InsightRow.created_at.desc(), InsightRow.id.desc())
    later = same.where(mine > place).order_by(InsightRow.created_at, InsightRow.id)
    async with db.reading() as session:
        before, after = [
            tuple((_stored(row, dismissal), stored_analysis(analysis)) for row, dismissal, analysis in found)
            for found in (await session.execute(earlier), await session.execute(later))
        ]
    return InsightHistory(earlier=before, later=after)


def _stored(row: InsightRow, dismissal: DismissalRow | None) -> StoredInsight:
    return StoredInsight(
        id=row.id,
        repository_id=row.repository_id,
        analysis_id=row.analysis_id,
        pull_request=row.pull_request,
        head_sha=row.head_sha,
        model_version=row.model_version,
        created_at=row.created_at,
        updated_at=row.updated_at or row.created_at,
        dismissal=_holding(dismissal),
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


def _holding(row: DismissalRow | None) -> Dismissal | None:
    dismissal = dismissal_of(row) if row is not None else None
    return dismissal if dismissal is not None and not dismissal.has_ended(now()) else None


async def stored_counterparts(
    db: Database, repository_id: UUID, computed: Collection[Insight]
) -> dict[str, StoredInsight]:
    """The stored insight for each of these computed ones on the whole repository, by fingerprint; one query.

    It is the newest current one of an analysis of the whole repository. If its evidence differs from the computed one
    (`domain.dismissals.evidence_changed`), it says something else: a dismissal of it would not cover the computed one.
    """
    by_fingerprint = {insight.fingerprint: insight for insight in computed}
    query = (
        _QUERY.join(Analysis, Analysis.id == InsightRow.analysis_id)
        .where(
            InsightRow.repository_id == repository_id,
            InsightRow.fingerprint.in_(by_fingerprint),
            InsightRow.current.is_(True),
            Analysis.kind.in_(WHOLE_REPOSITORY_KINDS),
        )
        .order_by(InsightRow.created_at, InsightRow.id)
    )
    async with db.reading() as session:
        rows = await session.execute(query)
        newest = {row.fingerprint: _stored(row, dismissal) for row, dismissal in rows}
    return {
        one: stored
        for one, stored in newest.items()
        if not evidence_changed(stored.insight.evidence, by_fingerprint[one].evidence)
    }


async def quality_insights(db: Database, repository_id: UUID) -> list[Insight]:
    """The current insights on the code of the whole repository, in the order in which its analysis made them.

    The order is that of severity: within a severity, the hardest functions come first.
    """
    query = (
        select(InsightRow)
        .where(
            InsightRow.repository_id == repository_id,
            InsightRow.current.is_(True),
            InsightRow.type == InsightType.CODE_QUALITY.value,
            InsightRow.rule.startswith("repository/"),
        )
        .limit(_MOST_QUALITY)
    )
    async with db.reading() as session:
        found = [_stored(row, None).insight for row in await session.scalars(query)]
    return sorted(found, key=lambda one: (-one.severity.rank, -_hardness(one), one.fingerprint))


def _hardness(insight: Insight) -> float:
    known = insight.evidence.get("cognitive") or insight.evidence.get("ccn") or 0
    return float(known) if isinstance(known, int | float) else 0.0
