"""Analyses for the API, the pages and the commands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from bot.db.engine import Database
from bot.db.page import Page
from bot.db.tables import Analysis
from bot.domain.analyses import AnalysisKind, AnalysisStatus
from bot.domain.change import LeftOut, Report, RepositoryConfig
from bot.domain.published import Conclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """The stored part of a report, without its insights."""

    files_analyzed: int = 0
    left_out: tuple[LeftOut, ...] = ()
    config_problem: str | None = None
    config: RepositoryConfig = field(default_factory=RepositoryConfig)
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnalysis:
    """A stored analysis.

    progress: 0 to 1.
    report: None until it is stored.
    seconds: the duration of each step.
    """

    id: UUID
    repository_id: UUID
    kind: AnalysisKind
    pull_number: int | None
    ref: str
    head_sha: str
    merge_base: str | None
    status: AnalysisStatus
    step: str
    progress: float
    attempt: int
    conclusion: Conclusion | None
    engine: str | None
    report: StoredReport | None
    error: str | None
    seconds: Mapping[str, float]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def report_json(report: Report) -> dict[str, Any]:
    """The JSON of `analyses.report`."""
    stored = StoredReport(
        files_analyzed=report.files_analyzed,
        left_out=report.left_out,
        config_problem=report.config_problem,
        config=report.config,
        title=report.title,
    )
    content: dict[str, Any] = msgspec.to_builtins(stored)
    return content


async def get_analysis(db: Database, analysis_id: UUID) -> StoredAnalysis | None:
    """One analysis, or None."""
    async with db.reading() as session:
        row = await session.get(Analysis, analysis_id)
        return stored_analysis(row) if row else None


async def list_analyses(db: Database, repository_id: UUID, *, limit: int, offset: int) -> Page[StoredAnalysis]:
    """The analyses of a repository, newest first."""
    ours = Analysis.repository_id == repository_id
    query = select(Analysis).where(ours).order_by(Analysis.created_at.desc(), Analysis.id.desc())
    async with db.reading() as session:
        total = await session.scalar(select(func.count(Analysis.id)).where(ours)) or 0
        rows = await session.scalars(query.limit(limit).offset(offset))
        return Page([stored_analysis(row) for row in rows], total)


async def analyses_of_pull(db: Database, repository_id: UUID, number: int, *, limit: int) -> list[StoredAnalysis]:
    """The analyses of one pull request, newest first."""
    query = select(Analysis).where(Analysis.repository_id == repository_id, Analysis.pull_number == number)
    async with db.reading() as session:
        rows = await session.scalars(query.order_by(Analysis.created_at.desc(), Analysis.id.desc()).limit(limit))
        return [stored_analysis(row) for row in rows]


def stored_analysis(row: Analysis) -> StoredAnalysis:
    """The analysis of a row."""
    return StoredAnalysis(
        id=row.id,
        repository_id=row.repository_id,
        kind=row.kind,
        pull_number=row.pull_number,
        ref=row.ref,
        head_sha=row.head_sha,
        merge_base=row.merge_base,
        status=row.status,
        step=row.step,
        progress=row.progress,
        attempt=row.attempt,
        conclusion=row.conclusion,
        engine=row.engine,
        report=msgspec.convert(row.report, StoredReport) if row.report is not None else None,
        error=row.error,
        seconds=row.seconds,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
