"""Which analyses there must be: one for each head that is wanted, queued again if it no longer has the last word."""

from collections.abc import Collection, Sequence
from uuid import UUID, uuid4

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.analyses import Claimed
from bot.db.engine import Database, now
from bot.db.tables import Analysis, PullRequest, Repository
from bot.domain.analyses import AnalysisKind, AnalysisStatus
from bot.domain.orders import ChangeRef
from bot.domain.published import Conclusion
from bot.domain.steps import CONCLUDING

Name = tuple[UUID, str]  # repository and key of an analysis


async def known_analyses(session: AsyncSession, names: Collection[Name]) -> dict[Name, Analysis]:
    """The existing analyses, by repository and key."""
    rows = await session.scalars(
        select(Analysis).where(
            Analysis.repository_id.in_({repository_id for repository_id, _ in names}),
            Analysis.key.in_({key for _, key in names}),
        )
    )
    return {(row.repository_id, row.key): row for row in rows}


def new_analysis(repository_id: UUID, change: ChangeRef) -> Analysis:
    """A queued analysis of a change."""
    return Analysis(
        id=uuid4(),
        repository_id=repository_id,
        kind=AnalysisKind.CHANGE,
        key=change.key,
        subject=change.subject,
        pull_number=change.pull_number,
        ref=change.ref,
        head_sha=change.head_sha,
        base_sha=change.base_sha,
        delivery_id=change.delivery_id,
        status=AnalysisStatus.QUEUED,
        created_at=now(),
    )


def requeue(analysis: Analysis, delivery_id: str | None = None, *, by_request: bool = False) -> None:
    """Reset an analysis to queued. A completed check run cannot be reopened, so the next attempt creates a new one.

    delivery_id: of the delivery that asks for it; None: the one before.
    The attempts go on, so that a worker of the earlier run cannot take its attempt for a new one; they do not count.
    """
    analysis.status = AnalysisStatus.QUEUED
    analysis.check_run_id = None
    analysis.conclusion = None
    analysis.lease_until = None
    analysis.uncounted = analysis.attempt
    analysis.waits_since = None
    analysis.by_request = by_request
    analysis.delivery_id = delivery_id or analysis.delivery_id
    analysis.step = ""
    analysis.error = None
    analysis.created_at = now()


async def want_again(session: AsyncSession, analysis: Analysis, delivery_id: str | None) -> bool:
    """Queue an analysis again if its head is wanted but will not get a verdict. Returns whether it was queued.

    It has ended and another head or base spoke since, or it is ending because another head was there.
    """
    if analysis.status is AnalysisStatus.IN_PROGRESS:
        analysis.created_at = now()  # `asked_meanwhile` compares, if the worker steps aside right now
    elif analysis.status is AnalysisStatus.QUEUED:
        if analysis.step == CONCLUDING and analysis.conclusion is Conclusion.CANCELLED:
            open_run = analysis.check_run_id
            requeue(analysis, delivery_id)
            analysis.check_run_id = open_run
            return True
    elif await _lacks_the_last_word(session, analysis):
        requeue(analysis, delivery_id)
        return True
    return False


async def asked_meanwhile(db: Database, claimed: Claimed) -> bool:
    """Queue an analysis that was superseded once more, if its head was asked for while it ended."""
    async with db.writing() as session:
        row = await session.get(Analysis, claimed.id)
        if row is None or row.status is not AnalysisStatus.SUPERSEDED or row.created_at <= claimed.created_at:
            return False
        requeue(row)
        return True


async def _lacks_the_last_word(session: AsyncSession, analysis: Analysis) -> bool:
    """Whether an ended analysis is not what check run and comment speak of. That of a push has no other."""
    if analysis.status is AnalysisStatus.SUPERSEDED:
        return True
    if analysis.pull_number is None:
        return False
    last = await session.scalar(
        select(PullRequest.verdict_id).where(
            PullRequest.repository_id == analysis.repository_id, PullRequest.number == analysis.pull_number
        )
    )
    if analysis.status is AnalysisStatus.FAILED and last is None:
        return False
    return last != analysis.id


async def want(
    db: Database, repository_id: UUID, change: ChangeRef, *, rerun: bool = False
) -> tuple[bool, UUID | None]:
    """Make sure that the present head of a pull request or a branch has an analysis: queued, running or done.

    rerun: analyze it again if its analysis has ended.
    Returns whether it has one, and the id of the analysis if it waits for a job. It has none if the repository is not
    analyzed by itself.
    """
    async with db.writing() as session:
        query = select(Repository).where(Repository.id == repository_id)
        repository = await session.scalar(query if db.is_sqlite else query.with_for_update(key_share=True))
        if repository is None:
            return False, None
        known = (await known_analyses(session, [(repository.id, change.key)])).get((repository.id, change.key))
        if known is None:
            if not repository.auto_analyze:
                return False, None
            known = new_analysis(repository.id, change)
            session.add(known)
        elif rerun and known.status.is_final:
            requeue(known, change.delivery_id)
        elif repository.auto_analyze:
            await want_again(session, known, change.delivery_id)
        return True, known.id if known.status is AnalysisStatus.QUEUED else None


async def newest_waiting(db: Database, claimed: Claimed) -> UUID | None:
    """The newest queued analysis of the same pull request or branch, which waited for this one to end."""
    query = (
        select(Analysis.id)
        .where(
            Analysis.repository_id == claimed.repository_id,
            Analysis.subject == claimed.subject,
            Analysis.status == AnalysisStatus.QUEUED,
            or_(Analysis.lease_until.is_(None), Analysis.lease_until < now()),
            Analysis.id != claimed.id,
        )
        .order_by(Analysis.created_at.desc())
        .limit(1)
    )
    async with db.reading() as session:
        return await session.scalar(query)


async def rerun_analysis(session: AsyncSession, analysis_id: UUID, delivery_id: str | None = None) -> Sequence[UUID]:
    """Queue an analysis again, because a person asks for it; its id, or nothing if it has not ended."""
    known = await session.get(Analysis, analysis_id)
    if known is None or not known.status.is_final or known.kind is not AnalysisKind.CHANGE:
        return ()
    requeue(known, delivery_id, by_request=True)
    return (known.id,)


async def rerun_head(
    session: AsyncSession, repository_id: UUID, head_sha: str, delivery_id: str | None = None
) -> tuple[bool, Sequence[UUID]]:
    """Queue the analyses with a check run on a head again: of each pull request and branch the newest.

    Returns whether there is any analysis with a check run on this head, and the ids of those that were queued.
    """
    rows = await session.scalars(
        select(Analysis)
        .where(
            Analysis.repository_id == repository_id,
            Analysis.head_sha == head_sha,
            Analysis.kind == AnalysisKind.CHANGE,
        )
        .order_by(Analysis.created_at)
    )
    newest = {row.subject: row for row in rows if row.check_run_id is not None or not row.status.is_final}
    ended = [row for row in newest.values() if row.status.is_final]
    for row in ended:
        requeue(row, delivery_id, by_request=True)
    return bool(newest), [row.id for row in ended]
