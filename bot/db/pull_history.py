"""One pull request for its page: its analyses with what each brought and cleared, the prediction, and what followed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.dismissals import dismissed_ids
from bot.db.engine import Database
from bot.db.github_tables import ItemRow
from bot.db.history_tables import OpenPullRow, PredictionRow
from bot.db.predictions import Prediction, read_prediction
from bot.db.stored_analyses import StoredAnalysis, stored_analysis
from bot.db.stored_items import read_item
from bot.db.tables import Analysis, InsightRow
from bot.domain.analyses import AnalysisStatus
from bot.domain.insights import Standing
from bot.domain.items import Item, ItemKind

_MOST_REMARKS = 2_000


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark of an analysis, as a line. title: our Markdown."""

    id: UUID
    title: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An analysis of a head of the pull request.

    remarks: those that are not dismissed; None if the analysis did not complete.
    new, gone: compared with the completed analysis before; empty for the first.
    is_first: whether no analysis was completed before.
    """

    analysis: StoredAnalysis
    remarks: tuple[Remark, ...] | None
    new: tuple[Remark, ...] = ()
    gone: tuple[Remark, ...] = ()
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The fix or revert that corrected the change. subject: of its commit, a stranger's text."""

    sha: str
    subject: str
    is_revert: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PullHistory:
    """A pull request.

    item: as it is synced from GitHub; None if it is not.
    is_open: whether its newest head was analyzed while it was open, and it was not closed since.
    visits: its newest analyses, newest first.
    prediction: the newest one.
    follow_up: of a change that needed one.
    """

    number: int
    item: Item | None
    is_open: bool
    visits: tuple[Visit, ...] = field(default=())
    prediction: Prediction | None = None
    follow_up: FollowUp | None = None


async def pull_history(db: Database, repository_id: UUID, number: int, *, limit: int) -> PullHistory | None:
    """The pull request; None if it was never analyzed. limit: of its analyses."""
    query = select(Analysis).where(Analysis.repository_id == repository_id, Analysis.pull_number == number)
    newest_first = query.order_by(Analysis.created_at.desc(), Analysis.id.desc()).limit(limit + 1)
    open_pull = exists().where(OpenPullRow.repository_id == repository_id, OpenPullRow.number == number)
    async with db.reading() as session:
        analyses = [stored_analysis(row) for row in await session.scalars(newest_first)]
        if not analyses:
            return None
        remarks = await _remarks(session, repository_id, [one.id for one in analyses])
        prediction, follow_up = await _prediction(session, repository_id, number)
        return PullHistory(
            number=number,
            item=await _item(session, repository_id, number),
            is_open=bool(await session.scalar(select(open_pull))),
            visits=visits_of(analyses, remarks)[:limit],
            prediction=prediction,
            follow_up=follow_up,
        )


async def _item(session: AsyncSession, repository_id: UUID, number: int) -> Item | None:
    ours = (ItemRow.repository_id == repository_id, ItemRow.number == number, ItemRow.kind == ItemKind.PULL_REQUEST)
    row = await session.scalar(select(ItemRow).where(*ours))
    return read_item(row) if row else None


async def _remarks(
    session: AsyncSession, repository_id: UUID, analyses: Sequence[UUID]
) -> dict[UUID, tuple[Remark, ...]]:
    query = (
        select(InsightRow.analysis_id, InsightRow.id, InsightRow.title, InsightRow.fingerprint)
        .where(
            InsightRow.analysis_id.in_(analyses),
            InsightRow.standing == Standing.REMARK.value,
            InsightRow.id.not_in(dismissed_ids(repository_id)),
        )
        .order_by(InsightRow.created_at.desc(), InsightRow.id)
        .limit(_MOST_REMARKS)
    )
    found: dict[UUID, list[Remark]] = defaultdict(list)
    for analysis_id, identifier, title, fingerprint in await session.execute(query):
        found[analysis_id].append(Remark(identifier, title, fingerprint))
    return {key: tuple(remarks) for key, remarks in found.items()}


async def _prediction(
    session: AsyncSession, repository_id: UUID, number: int
) -> tuple[Prediction | None, FollowUp | None]:
    query = (
        select(PredictionRow)
        .join(Analysis, Analysis.id == PredictionRow.analysis_id)
        .where(Analysis.repository_id == repository_id, Analysis.pull_number == number)
        .order_by(PredictionRow.made_at.desc())
        .limit(1)
    )
    row = await session.scalar(query)
    return (read_prediction(row), _follow_up(row.outcome_evidence or {})) if row else (None, None)


def _follow_up(evidence: dict[str, Any]) -> FollowUp | None:
    if not evidence.get("sha"):
        return None
    return FollowUp(str(evidence["sha"]), str(evidence.get("subject") or ""), evidence.get("how") == "revert")


def visits_of(newest_first: Sequence[StoredAnalysis], remarks: Mapping[UUID, tuple[Remark, ...]]) -> tuple[Visit, ...]:
    """Compare each completed analysis with the completed one before it."""
    completed = [one for one in newest_first if one.status is AnalysisStatus.COMPLETED]
    earlier = {one.id: before for one, before in zip_longest(completed, completed[1:])}
    return tuple(_visit(one, earlier.get(one.id), remarks, one.id in earlier) for one in newest_first)


def _visit(
    analysis: StoredAnalysis,
    before: StoredAnalysis | None,
    remarks: Mapping[UUID, tuple[Remark, ...]],
    is_completed: bool,
) -> Visit:
    if not is_completed:
        return Visit(analysis=analysis, remarks=None)
    own = remarks.get(analysis.id, ())
    if before is None:
        return Visit(analysis=analysis, remarks=own, is_first=True)
    theirs = remarks.get(before.id, ())
    known, kept = {one.fingerprint for one in theirs}, {one.fingerprint for one in own}
    return Visit(
        analysis=analysis,
        remarks=own,
        new=tuple(one for one in own if one.fingerprint not in known),
        gone=tuple(one for one in theirs if one.fingerprint not in kept),
    )
