"""Analyses as jobs: workers claim them with a lease and write with the attempt number as fencing token."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db.dismissals import ids_by_fingerprint
from bot.db.engine import Database, now, rows_changed
from bot.db.outbox import write_outbox_item
from bot.db.predictions import save_prediction
from bot.db.stored_analyses import report_json
from bot.db.tables import Analysis, InsightRow, Installation, PullRequest, Repository
from bot.domain.analyses import AnalysisKind, AnalysisStatus
from bot.domain.change import Report
from bot.domain.published import Conclusion
from bot.domain.steps import DONE, WAITING

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An analysis that this worker has claimed, with the facts of its repository that the worker needs."""

    id: UUID
    attempt: int
    repository_id: UUID
    github_id: int
    installation_id: int
    full_name: str
    default_branch: str
    subject: str
    pull_number: int | None
    ref: str
    head_sha: str
    base_sha: str | None
    check_run_id: int | None
    comment_id: int | None
    created_at: datetime


async def claim(db: Database, analysis_id: UUID) -> Claimed | None:
    """Claim an analysis that is queued or whose lease expired; None if it cannot be claimed."""
    async with db.writing() as session:
        query = select(Analysis).where(Analysis.id == analysis_id)
        row = await session.scalar(query if db.is_sqlite else query.with_for_update())
        if row is None or row.status.is_final or (row.lease_until is not None and row.lease_until > now()):
            return None
        repository = await session.get_one(Repository, row.repository_id)
        installation = await session.get_one(Installation, repository.installation_id)
        if installation.suspended:
            return None
        row.status, row.attempt, row.lease_until = AnalysisStatus.IN_PROGRESS, row.attempt + 1, now() + LEASE
        row.started_at = row.started_at or now()
        comment_id = await session.scalar(
            select(PullRequest.comment_id).where(
                PullRequest.repository_id == row.repository_id, PullRequest.number == row.pull_number
            )
        )
        return Claimed(
            id=row.id,
            attempt=row.attempt,
            repository_id=row.repository_id,
            github_id=repository.github_id,
            installation_id=repository.installation_id,
            full_name=repository.full_name,
            default_branch=repository.default_branch,
            subject=row.subject,
            pull_number=row.pull_number,
            ref=row.ref,
            head_sha=row.head_sha,
            base_sha=row.base_sha,
            check_run_id=row.check_run_id,
            comment_id=comment_id,
            created_at=row.created_at,
        )


async def update_held(db: Database, claimed: Claimed, **values: Any) -> bool:
    """Update an analysis; False if this attempt no longer holds it."""
    async with db.writing() as session:
        return await _update_held(session, claimed, **values)


async def _update_held(session: AsyncSession, claimed: Claimed, **values: Any) -> bool:
    if values.get("error"):
        values["error"] = values["error"].replace("\0", "")  # PostgreSQL has no text with NUL
    done = await session.execute(
        update(Analysis)
        .where(
            Analysis.id == claimed.id,
            Analysis.attempt == claimed.attempt,
            Analysis.status == AnalysisStatus.IN_PROGRESS,
        )
        .values(**values)
    )
    return bool(rows_changed(done))


async def extend_lease(db: Database, claimed: Claimed) -> bool:
    """Extend the lease; False if this attempt no longer holds the analysis."""
    return await update_held(db, claimed, lease_until=now() + LEASE)


async def postpone(db: Database, claimed: Claimed, *, after: float, reason: str) -> None:
    """Return an analysis to the queue; it can be claimed again after `after` seconds."""
    await update_held(
        db,
        claimed,
        status=AnalysisStatus.QUEUED,
        lease_until=now() + timedelta(seconds=after),
        step=WAITING,
        error=reason,
    )


async def finish(
    db: Database,
    claimed: Claimed,
    status: AnalysisStatus,
    conclusion: Conclusion | None,
    error: str | None = None,
    seconds: Mapping[str, float] | None = None,
) -> None:
    """End an analysis as completed, failed or superseded. seconds: the duration of each step."""
    async with db.writing() as session:
        ended = await _update_held(
            session,
            claimed,
            status=status,
            conclusion=conclusion,
            error=error,
            seconds=dict(seconds or {}),
            progress=1.0,
            step=DONE,
            finished_at=now(),
            lease_until=None,
        )
        if ended:
            await write_outbox_item(session, claimed.id)


async def check_run_of(db: Database, claimed: Claimed) -> int | None:
    """The stored id of the analysis's check run."""
    async with db.reading() as session:
        return await session.scalar(select(Analysis.check_run_id).where(Analysis.id == claimed.id))


async def is_newest(db: Database, claimed: Claimed) -> bool:
    """Whether no newer analysis of the same pull request or branch exists."""
    query = select(
        exists().where(
            Analysis.repository_id == claimed.repository_id,
            Analysis.subject == claimed.subject,
            Analysis.created_at > claimed.created_at,
            Analysis.id != claimed.id,
        )
    )
    async with db.reading() as session:
        return not await session.scalar(query)


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


async def save_comment(db: Database, claimed: Claimed, comment_id: int | None) -> None:
    """Store the id of the pull request's comment; None if it has none."""
    async with db.writing() as session:
        row = await session.scalar(
            select(PullRequest).where(
                PullRequest.repository_id == claimed.repository_id, PullRequest.number == claimed.pull_number
            )
        )
        if row is None:
            row = PullRequest(repository_id=claimed.repository_id, number=claimed.pull_number)
            session.add(row)
        row.comment_id = comment_id


async def find_unleased(
    db: Database, kinds: Collection[AnalysisKind], *, queued_for: timedelta = timedelta(seconds=10)
) -> list[UUID]:
    """Analyses that no worker holds: queued for `queued_for`, due again after a delay, or with an expired lease."""
    moment = now()
    waiting = (Analysis.status == AnalysisStatus.QUEUED) & or_(
        Analysis.lease_until < moment, Analysis.lease_until.is_(None) & (Analysis.created_at < moment - queued_for)
    )
    dead = (Analysis.status == AnalysisStatus.IN_PROGRESS) & (Analysis.lease_until < moment)
    repository = aliased(Repository)
    query = (
        select(Analysis.id)
        .join(repository, repository.id == Analysis.repository_id)
        .join(Installation, Installation.id == repository.installation_id)
        .where(or_(waiting, dead), Installation.suspended.is_(False), Analysis.kind.in_(kinds))
        .order_by(Analysis.created_at)
        .limit(500)
    )
    async with db.reading() as session:
        return list(await session.scalars(query))
