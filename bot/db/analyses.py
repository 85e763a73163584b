"""Analyses as jobs: workers claim them with a lease and write with the attempt number as fencing token."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db.engine import Database, now, rows_changed
from bot.db.outbox import write_outbox_item
from bot.db.tables import Analysis, Installation, PullRequest, Repository
from bot.domain.analyses import AnalysisKind, AnalysisStatus
from bot.domain.orders import ChangeRef
from bot.domain.published import Conclusion
from bot.domain.steps import CONCLUDING, DONE, WAITING

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An analysis that this worker has claimed, with the facts of its repository that the worker needs.

    tries: how many attempts count, with this one.
    waits_since: when the attempts that do not count began; None if there are none.
    posted: the conclusion that an earlier attempt posted with its report.
    ended: conclusion and reason of an analysis that has ended, whose check run could not be concluded yet.
    delivery_id: of the delivery that asked for it last, for the log.
    taken_over: whether the worker of the attempt before died.
    """

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
    tries: int = 1
    waits_since: datetime | None = None
    by_request: bool = False
    posted: Conclusion | None = None
    ended: tuple[Conclusion, str] | None = None
    delivery_id: str | None = None
    taken_over: bool = False

    @property
    def change(self) -> ChangeRef:
        """The change that is analyzed."""
        return ChangeRef(
            subject=self.subject,
            ref=self.ref,
            head_sha=self.head_sha,
            base_sha=self.base_sha,
            pull_number=self.pull_number,
        )


async def claim(db: Database, analysis_id: UUID) -> Claimed | None:
    """Claim an analysis that is queued or whose lease expired; None if it cannot be claimed.

    Of each pull request and branch one analysis runs at a time, so that no two write its comment; the others wait.
    """
    async with db.writing() as session:
        # On PostgreSQL the locked repository makes the claims of its analyses wait for each other.
        owner = select(Repository).join(Analysis, Analysis.repository_id == Repository.id)
        owner = owner.where(Analysis.id == analysis_id)
        locked = owner if db.is_sqlite else owner.with_for_update(of=Repository, key_share=True)
        if (repository := await session.scalar(locked)) is None:
            return None
        query = select(Analysis).where(Analysis.id == analysis_id)
        row = await session.scalar(query if db.is_sqlite else query.with_for_update())
        if row is None or row.status.is_final or (row.lease_until is not None and row.lease_until > now()):
            return None
        if row.kind is AnalysisKind.CHANGE and await _another_runs(session, row):
            return None
        installation = await session.get_one(Installation, repository.installation_id)
        if installation.suspended:
            return None
        taken_over = row.status is AnalysisStatus.IN_PROGRESS
        row.status, row.attempt, row.lease_until = AnalysisStatus.IN_PROGRESS, row.attempt + 1, now() + LEASE
        row.started_at = row.started_at or now()
        if row.check_run_id is None and row.step != CONCLUDING:
            row.conclusion = None  # of an earlier run
        comment_id = await session.scalar(
            select(PullRequest.comment_id).where(
                PullRequest.repository_id == row.repository_id, PullRequest.number == row.pull_number
            )
        )
        return _claimed(row, repository, comment_id, taken_over=taken_over)


def _claimed(row: Analysis, repository: Repository, comment_id: int | None, *, taken_over: bool) -> Claimed:
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
        tries=row.attempt - row.uncounted,
        waits_since=row.waits_since,
        by_request=row.by_request,
        posted=None if row.step == CONCLUDING else row.conclusion,
        delivery_id=row.delivery_id,
        taken_over=taken_over,
        ended=(row.conclusion, row.error or "") if row.step == CONCLUDING and row.conclusion else None,
    )


async def _another_runs(session: AsyncSession, row: Analysis) -> bool:
    """Whether a worker holds another analysis of the same pull request or branch."""
    running = exists().where(
        Analysis.repository_id == row.repository_id,
        Analysis.subject == row.subject,
        Analysis.id != row.id,
        Analysis.status == AnalysisStatus.IN_PROGRESS,
        Analysis.lease_until > now(),
    )
    return bool(await session.scalar(select(running)))


async def update_held(db: Database, claimed: Claimed, **values: Any) -> bool:
    """Update an analysis; False if this attempt no longer holds it."""
    async with db.writing() as session:
        return await update_held_in(session, claimed, **values)


async def update_held_in(session: AsyncSession, claimed: Claimed, **values: Any) -> bool:
    """As `update_held`, in a transaction of the caller."""
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


async def postpone(
    db: Database, claimed: Claimed, *, after: float, reason: str | None = None, counts: bool = True, step: str = WAITING
) -> None:
    """Return an analysis to the queue; it can be claimed again after `after` seconds.

    reason: None: as it is stored.
    counts: whether this attempt is one of MAX_ATTEMPTS.
    """
    values: dict[str, Any] = {} if reason is None else {"error": reason}
    if counts:
        values["waits_since"] = None
    else:
        values |= {"uncounted": Analysis.uncounted + 1, "waits_since": claimed.waits_since or now()}
    lease_until = now() + timedelta(seconds=after)
    await update_held(db, claimed, status=AnalysisStatus.QUEUED, lease_until=lease_until, step=step, **values)


async def end(db: Database, claimed: Claimed, conclusion: Conclusion, reason: str) -> bool:
    """Store how an analysis ends without a report, before its check run says so. A later attempt only concludes it.

    False if this attempt no longer holds it.
    """
    return await update_held(db, claimed, step=CONCLUDING, conclusion=conclusion, error=reason)


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
        ended = await update_held_in(
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
