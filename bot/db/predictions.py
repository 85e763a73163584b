"""Predictions as they were made, and what became of the changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Database, now
from bot.db.tables import Analysis, PredictionRow
from bot.domain.history import ChangeRisk


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a change. landed_sha: the commit of the default branch that brought it.

    needed_fix: None while it is too young to tell. evidence: the fix or revert.
    """

    landed_sha: str
    needed_fix: bool | None
    known_at: datetime | None
    evidence: Mapping[str, Any]


async def save_prediction(session: AsyncSession, analysis: Analysis, risk: ChangeRisk) -> None:
    """Keep what was predicted, in the transaction that saves its analysis. What was said first is never rewritten."""
    if await session.scalar(select(exists().where(PredictionRow.analysis_id == analysis.id))):
        return
    session.add(
        PredictionRow(
            repository_id=analysis.repository_id,
            analysis_id=analysis.id,
            pull_request=analysis.pull_number,
            head_sha=analysis.head_sha,
            model_version=risk.model_version,
            probability=risk.probability,
            percentile=risk.percentile,
            features=risk.features._asdict() if risk.features else {},
            made_at=now(),
        )
    )


async def with_outcome(db: Database, repository_id: UUID) -> list[PredictionRow]:
    """Predictions whose outcome is known, oldest first."""
    query = select(PredictionRow).where(
        PredictionRow.repository_id == repository_id, PredictionRow.outcome_at.is_not(None)
    )
    async with db.reading() as session:
        return list(await session.scalars(query.order_by(PredictionRow.made_at)))


async def awaiting_outcome(db: Database, repository_id: UUID) -> list[PredictionRow]:
    """Predictions whose outcome is not known yet, oldest first."""
    query = select(PredictionRow).where(
        PredictionRow.repository_id == repository_id, PredictionRow.outcome_at.is_(None)
    )
    async with db.reading() as session:
        return list(await session.scalars(query.order_by(PredictionRow.made_at)))


async def record_outcomes(db: Database, outcomes: Mapping[UUID, Outcome]) -> None:
    """Write what became of the changes, by prediction id."""
    async with db.writing() as session:
        rows = await session.scalars(select(PredictionRow).where(PredictionRow.id.in_(outcomes)))
        for row in rows:
            found = outcomes[row.id]
            row.landed_sha = found.landed_sha
            row.outcome, row.outcome_at = found.needed_fix, found.known_at
            row.outcome_evidence = dict(found.evidence)
