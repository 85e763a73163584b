"""Stores the report of an analysis: its insights, and the prediction of its risk."""

from dataclasses import asdict

from sqlalchemy import delete, select

from bot.db.analyses import Claimed
from bot.db.dismissals import ids_by_fingerprint
from bot.db.engine import Database, now
from bot.db.predictions import save_prediction
from bot.db.stored_analyses import report_json
from bot.db.tables import Analysis, InsightRow
from bot.domain.change import Report


async def save_report(db: Database, claimed: Claimed, report: Report) -> bool:
    """Replace the analysis's stored report and insights; False if this attempt no longer holds it."""
    moment = now()
    async with db.writing() as session:
        held = await session.scalar(
            select(Analysis).where(Analysis.id == claimed.id, Analysis.attempt == claimed.attempt)
        )
        if held is None:
            return False
        held.engine, held.merge_base = report.engine, report.merge_base
        held.report = report_json(report)
        await session.execute(delete(InsightRow).where(InsightRow.analysis_id == claimed.id))
        dismissals = await ids_by_fingerprint(session, claimed.repository_id, report.dismissed)
        for insight in report.insights:
            session.add(
                InsightRow(
                    repository_id=claimed.repository_id,
                    analysis_id=claimed.id,
                    pull_request=claimed.pull_number,
                    head_sha=claimed.head_sha,
                    type=insight.type.value,
                    rule=insight.rule,
                    standing=insight.standing.value,
                    severity=insight.severity.value,
                    title=insight.title,
                    description=insight.description,
                    remedy=insight.remedy,
                    confidence_score=insight.confidence.score,
                    confidence_reason=insight.confidence.reason,
                    evidence=dict(insight.evidence),
                    locations=[asdict(location) for location in insight.locations],
                    tags=list(insight.tags),
                    fingerprint=insight.fingerprint,
                    model_version=report.engine,
                    dismissal_id=dismissals.get(insight.fingerprint),
                    created_at=moment,
                    updated_at=moment,
                )
            )
        if report.risk is not None:
            await save_prediction(session, held, report.risk)
    return True
