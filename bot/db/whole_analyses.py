"""Full analyses: asked for by a person, worked on like any other, and replacing what the last one said."""

import statistics
from collections.abc import Collection
from dataclasses import asdict, dataclass
from uuid import UUID, uuid4

from sqlalchemy import func, select, update

from bot.db import audit
from bot.db.analyses import Claimed, save_report
from bot.db.audit import Actor
from bot.db.engine import Database, now, rows_changed
from bot.db.orders import FINISHED, FULL
from bot.db.tables import Analysis, InsightRow, Repository
from bot.domain.change import Report
from bot.domain.insights import InsightType

_RUNS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a full analysis looks at. kind: full, quick or security."""

    kind: str = "full"
    code_quality: bool = True
    security: bool = True
    dependencies: bool = True
    history: bool = True


async def start(db: Database, repository_id: UUID, wanted: Wanted, by: Actor) -> Analysis | None:
    """Register a full analysis; None when the repository is gone. The caller rings for it."""
    async with db.writing() as session:
        repository = await session.get(Repository, repository_id)
        if repository is None:
            return None
        identifier = uuid4()
        row = Analysis(
            id=identifier,
            repository_id=repository_id,
            key=f"{FULL}{identifier}",
            subject="full",
            ref=repository.default_branch,
            head_sha="",
            status="queued",
            wanted=asdict(wanted),
            step="",
            progress=0.0,
            created_at=now(),
        )
        session.add(row)
        audit.record(session, by, "repository.analyze", (repository_id, repository.full_name), asdict(wanted))
        return row


async def wanted_of(db: Database, analysis_id: UUID) -> Wanted | None:
    """What was asked for; None for an analysis of a change, or one that is gone."""
    async with db.reading() as session:
        stored = await session.scalar(select(Analysis.wanted).where(Analysis.id == analysis_id))
        return Wanted(**stored) if stored else None


async def estimate(db: Database, repository_id: UUID, kind: str) -> float | None:
    """Seconds that such an analysis takes: the median of the last ones of its kind, else of all kinds, else None."""
    query = (
        select(Analysis.wanted, Analysis.started_at, Analysis.finished_at)
        .where(Analysis.repository_id == repository_id, Analysis.key.startswith(FULL), Analysis.status == "completed")
        .order_by(Analysis.created_at.desc(), Analysis.id.desc())
        .limit(_RUNS)
    )
    async with db.reading() as session:
        runs = [
            (row.wanted or {}, (row.finished_at - row.started_at).total_seconds())
            for row in await session.execute(query)
            if row.started_at and row.finished_at
        ]
    same = [took for wanted, took in runs if wanted.get("kind") == kind]
    took = same or [took for _, took in runs]
    return round(statistics.median(took), 1) if took else None


async def cancel(db: Database, analysis_id: UUID, by: Actor) -> bool:
    """End a full analysis now; its worker stops at its next step or beat. False when it is over already."""
    async with db.writing() as session:
        done = await session.execute(
            update(Analysis)
            .where(Analysis.id == analysis_id, Analysis.status.not_in(FINISHED), Analysis.key.startswith(FULL))
            .values(
                status="failed",
                attempt=Analysis.attempt + 1,  # what its worker still writes is refused
                error=f"Cancelled by {by.name}.",
                step="done",
                finished_at=now(),
                lease_until=None,
            )
        )
        cancelled = bool(rows_changed(done))
        if cancelled:
            row = await session.get_one(Analysis, analysis_id)
            repository = await session.get_one(Repository, row.repository_id)
            audit.record(session, by, "analysis.cancel", (analysis_id, repository.full_name))
        return cancelled


async def insights_count(db: Database, analysis_id: UUID) -> int:
    """How many insights an analysis has."""
    async with db.reading() as session:
        query = select(func.count(InsightRow.id)).where(InsightRow.analysis_id == analysis_id)
        return await session.scalar(query) or 0


async def save_full(db: Database, claimed: Claimed, report: Report, covered: Collection[InsightType]) -> bool:
    """Store a full analysis's report; what earlier ones said of the covered types becomes history.

    False when the analysis is no longer held.
    """
    if not await save_report(db, claimed, report):
        return False
    async with db.writing() as session:
        earlier = select(Analysis.id).where(
            Analysis.repository_id == claimed.repository_id,
            Analysis.key.startswith(FULL),
            Analysis.id != claimed.id,
        )
        await session.execute(
            update(InsightRow)
            .where(
                InsightRow.repository_id == claimed.repository_id,
                InsightRow.current.is_(True),
                InsightRow.type.in_([one.value for one in covered]),
                InsightRow.analysis_id.in_(earlier),
            )
            .values(current=False)
            .execution_options(synchronize_session=False)
        )
    return True
