"""Predictions, and the outcomes of the predicted changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Database, now
from bot.db.history_tables import PredictionRow
from bot.db.tables import Analysis
from bot.domain.history import ChangeRisk


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The predicted risk of a change, and its outcome.

    probability: None if there was too little history.
    landed_sha: the commit of the default branch that contains the change.
    outcome: whether the change needed a fix; None until that is known.
    """

    id: UUID
    pull_request: int | None
    head_sha: str
    model_version: str
    probability: float | None
    percentile: float | None
    made_at: datetime
    landed_sha: str | None
    outcome: bool | None
    outcome_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of a change.

    landed_sha: the commit of the default branch that contains it.
    needed_fix: None until it is known.
    evidence: the fix or revert.
    """

    landed_sha: str
    needed_fix: bool | None
    known_at: datetime | None
    evidence: Mapping[str, Any]


async def save_prediction(session: AsyncSession, analysis: Analysis, risk: ChangeRisk) -> None:
    """Store a prediction in the transaction that saves its analysis. An existing one is not changed."""
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


async def with_outcome(db: Database, repository_id: UUID) -> list[Prediction]:
    """Predictions whose outcome is known, oldest first."""
    return await _list(db, PredictionRow.repository_id == repository_id, PredictionRow.outcome_at.is_not(None))


async def awaiting_outcome(db: Database, repository_id: UUID) -> list[Prediction]:
    """Predictions whose outcome is not known yet, oldest first."""
    return await _list(db, PredictionRow.repository_id == repository_id, PredictionRow.outcome_at.is_(None))


async def _list(db: Database, *conditions: ColumnElement[bool]) -> list[Prediction]:
    async with db.reading() as session:
        rows = await session.scalars(select(PredictionRow).where(*conditions).order_by(PredictionRow.made_at))
        return [read_prediction(row) for row in rows]


async def get_prediction(db: Database, analysis_id: UUID) -> Prediction | None:
    """The prediction of an analysis, or None."""
    async with db.reading() as session:
        row = await session.scalar(select(PredictionRow).where(PredictionRow.analysis_id == analysis_id))
        return read_prediction(row) if row else None


async def record_outcomes(db: Database, outcomes: Mapping[UUID, Outcome]) -> None:
    """Store the outcomes, by prediction id."""
    async with db.writing() as session:
        rows = await session.scalars(select(PredictionRow).where(PredictionRow.id.in_(outcomes)))
        for row in rows:
            found = outcomes[row.id]
            row.landed_sha = found.landed_sha
            row.outcome, row.outcome_at = found.needed_fix, found.known_at
            row.outcome_evidence = dict(found.evidence)


def read_prediction(row: PredictionRow) -> Prediction:
    """The prediction of a row."""
    return Prediction(
        id=row.id,
        pull_request=row.pull_request,
        head_sha=row.head_sha,
        model_version=row.model_version,
        probability=row.probability,
        percentile=row.percentile,
        made_at=row.made_at,
        landed_sha=row.landed_sha,
        outcome=row.outcome,
        outcome_at=row.outcome_at,
    )
