"""Queries of the pages only: a repository's newest analysis, its pull requests, and the analyses by status."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.dismissals import dismissed_ids
from bot.db.engine import Database
from bot.db.history_tables import OpenPullRow, PredictionRow
from bot.db.page import Page
from bot.db.predictions import Prediction, read_prediction
from bot.db.stored_analyses import StoredAnalysis, stored_analysis
from bot.db.tables import Analysis, InsightRow, Repository
from bot.domain.analyses import WHOLE_REPOSITORY_KINDS, AnalysisStatus
from bot.domain.insights import Standing

WORK = (AnalysisStatus.QUEUED, AnalysisStatus.IN_PROGRESS, AnalysisStatus.FAILED)


@dataclass(frozen=True, slots=True)
class WholeAnalysis:
    """The newest completed analysis of a whole repository. remarks: the current ones that are not dismissed."""

    id: UUID
    finished_at: datetime | None
    remarks: int


@dataclass(frozen=True, slots=True)
class PullView:
    """A pull request.

    analysis: the newest one.
    remarks: the number of its remarks that are not dismissed.
    prediction: the newest one.
    """

    number: int
    analysis: StoredAnalysis
    remarks: int
    prediction: Prediction | None
    open: bool


async def newest_whole_analysis(db: Database, repository_id: UUID) -> WholeAnalysis | None:
    """The newest completed analysis of the whole repository; None if there is none."""
    query = (
        select(Analysis.id, Analysis.finished_at)
        .where(
            Analysis.repository_id == repository_id,
            Analysis.kind.in_(WHOLE_REPOSITORY_KINDS),
            Analysis.status == AnalysisStatus.COMPLETED,
        )
        .order_by(Analysis.created_at.desc())
        .limit(1)
    )
    async with db.reading() as session:
        found = (await session.execute(query)).one_or_none()
        if found is None:
            return None
        remarks = select(func.count(InsightRow.id)).where(
            InsightRow.analysis_id == found.id,
            InsightRow.current.is_(True),
            InsightRow.standing == Standing.REMARK.value,
            InsightRow.id.not_in(dismissed_ids(repository_id)),
        )
        return WholeAnalysis(found.id, found.finished_at, await session.scalar(remarks) or 0)


async def list_pulls(db: Database, repository_id: UUID, *, limit: int, offset: int) -> Page[PullView]:
    """Pull requests that were analyzed, the highest number first."""
    ours = (Analysis.repository_id == repository_id, Analysis.pull_number.is_not(None))
    numbers = select(Analysis.pull_number).where(*ours).distinct()
    async with db.reading() as session:
        total = await session.scalar(select(func.count()).select_from(numbers.subquery())) or 0
        page = await session.scalars(numbers.order_by(Analysis.pull_number.desc()).limit(limit).offset(offset))
        shown = [number for number in page if number is not None]
        newest = await _newest(session, repository_id, shown)
        remarks = await _remarks(session, repository_id, [row.id for row in newest.values()])
        predictions = await _predictions(session, repository_id, shown)
        still_open = set(
            await session.scalars(
                select(OpenPullRow.number).where(
                    OpenPullRow.repository_id == repository_id, OpenPullRow.number.in_(shown)
                )
            )
        )
    views = [
        PullView(number, newest[number], remarks[newest[number].id], predictions.get(number), number in still_open)
        for number in shown
        if number in newest
    ]
    return Page(views, total)


async def _newest(session: AsyncSession, repository_id: UUID, numbers: Sequence[int]) -> dict[int, StoredAnalysis]:
    """The newest analysis of each pull request."""
    rank = func.row_number().over(
        partition_by=Analysis.pull_number, order_by=(Analysis.created_at.desc(), Analysis.id.desc())
    )
    ranked = (
        select(Analysis.id, rank.label("n"))
        .where(Analysis.repository_id == repository_id, Analysis.pull_number.in_(numbers))
        .subquery()
    )
    query = select(Analysis).join(ranked, ranked.c.id == Analysis.id).where(ranked.c.n == 1)
    return {
        row.pull_number: stored_analysis(row) for row in await session.scalars(query) if row.pull_number is not None
    }


async def _remarks(session: AsyncSession, repository_id: UUID, analyses: Sequence[UUID]) -> Counter[UUID]:
    """How many remarks of each analysis are not dismissed."""
    query = (
        select(InsightRow.analysis_id, func.count())
        .where(
            InsightRow.analysis_id.in_(analyses),
            InsightRow.standing == Standing.REMARK.value,
            InsightRow.id.not_in(dismissed_ids(repository_id)),
        )
        .group_by(InsightRow.analysis_id)
    )
    return Counter({row[0]: row[1] for row in await session.execute(query)})


async def _predictions(session: AsyncSession, repository_id: UUID, numbers: Sequence[int]) -> dict[int, Prediction]:
    """The newest prediction of each pull request."""
    query = (
        select(PredictionRow, Analysis.pull_number)
        .join(Analysis, Analysis.id == PredictionRow.analysis_id)
        .where(Analysis.repository_id == repository_id, Analysis.pull_number.in_(numbers))
        .order_by(PredictionRow.made_at)
    )
    return {number: read_prediction(row) for row, number in await session.execute(query) if number is not None}


async def list_work(
    db: Database, status: AnalysisStatus, *, limit: int, offset: int
) -> Page[tuple[StoredAnalysis, str]]:
    """(analysis, full name of its repository) of all repositories with this status, one of `WORK`; newest first."""
    query = (
        select(Analysis, Repository.full_name)
        .join(Repository, Repository.id == Analysis.repository_id)
        .where(Analysis.status == status)
        .order_by(Analysis.created_at.desc(), Analysis.id.desc())
        .limit(limit)
        .offset(offset)
    )
    async with db.reading() as session:
        total = await session.scalar(select(func.count(Analysis.id)).where(Analysis.status == status)) or 0
        return Page([(stored_analysis(row), name) for row, name in await session.execute(query)], total)
