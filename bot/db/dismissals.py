"""Dismissals: one per repository and fingerprint. The rows of the insights that it covers refer to it.

Which insights it covers is decided when it is stored, and when an insight is stored (`domain.dismissals`), so that a
list needs no look at the evidence.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, delete, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db import audit
from bot.db.audit import Actor
from bot.db.engine import Database, now
from bot.db.github_tables import DismissalRow
from bot.db.tables import InsightRow, Repository
from bot.domain.dismissals import LATER, Dismissal, Dismissals, DismissReason, evidence_changed

_MOST_ROWS = 5_000
_BATCH = 500


async def find_dismissals(db: Database, repository_id: UUID) -> Dismissals:
    """The dismissals of a repository that have not ended, by fingerprint."""
    query = select(DismissalRow).where(DismissalRow.repository_id == repository_id, _holds(now()))
    async with db.reading() as session:
        return {row.fingerprint: dismissal_of(row) for row in await session.scalars(query)}


async def save_dismissal(
    db: Database, insight_id: UUID, reason: DismissReason, note: str, by: Actor
) -> Dismissal | None:
    """Dismiss an insight, and all of its repository with the same fingerprint and evidence. None if it does not exist.

    The same dismissal again changes nothing; another reason or note replaces the earlier one.
    """
    async with db.writing() as session:
        insight, repository = await _locked(db, session, insight_id)
        if insight is None or repository is None:
            return None
        row = await _row(session, insight)
        if row is not None and _same(row, insight, reason, note):
            return dismissal_of(row)
        if row is None:
            row = DismissalRow(id=uuid4(), repository_id=insight.repository_id, fingerprint=insight.fingerprint)
            session.add(row)
        row.rule, row.reason, row.note = insight.rule, reason, note
        row.evidence, row.user_id, row.by, row.created_at = dict(insight.evidence), by.user_id, by.name[:255], now()
        await session.flush()
        await _refer(session, row)
        changes = {"reason": reason.value, "note": note, "rule": insight.rule, "fingerprint": insight.fingerprint}
        audit.record(session, by, "insight.dismiss", (insight.id, repository.full_name), changes)
        return dismissal_of(row)


async def delete_dismissal(db: Database, insight_id: UUID, by: Actor) -> bool:
    """Undo the dismissal of an insight's fingerprint; False if there is none."""
    async with db.writing() as session:
        insight, repository = await _locked(db, session, insight_id)
        row = await _row(session, insight) if insight is not None else None
        if row is None or insight is None or repository is None:
            return False
        await _release(session, row.id)
        await session.execute(delete(DismissalRow).where(DismissalRow.id == row.id))
        changes = {"rule": row.rule, "fingerprint": row.fingerprint}
        audit.record(session, by, "insight.restore", (insight.id, repository.full_name), changes)
        return True


async def ids_by_fingerprint(
    session: AsyncSession, repository_id: UUID, fingerprints: Collection[str]
) -> dict[str, UUID]:
    """The ids of the dismissals of these fingerprints, for the rows of new insights."""
    if not fingerprints:
        return {}
    query = select(DismissalRow).where(DismissalRow.repository_id == repository_id, _holds(now()))
    return {row.fingerprint: row.id for row in await session.scalars(query) if row.fingerprint in fingerprints}


def dismissed_ids(repository_id: UUID) -> Select[UUID]:
    """The ids of the insights of a repository that are dismissed now, as a subquery."""
    return dismissed_ids_at(literal(repository_id), literal(now() - LATER))


def dismissed_ids_at(repository_id: ColumnElement[UUID], ends: ColumnElement[datetime]) -> Select[UUID]:
    """As `dismissed_ids`, for statements that are made once. ends: temporary dismissals of this time are over."""
    insight = aliased(InsightRow)
    return (
        select(insight.id)
        .join(DismissalRow, DismissalRow.id == insight.dismissal_id)
        .where(DismissalRow.repository_id == repository_id, _lasts(ends))
    )


def held_ids(repository_ids: Collection[UUID]) -> Select[UUID]:
    """The ids of the dismissals of these repositories that have not ended, as a subquery."""
    return select(DismissalRow.id).where(DismissalRow.repository_id.in_(repository_ids), _holds(now()))


async def find_dismissals_by_id(db: Database, ids: Collection[UUID], moment: datetime) -> dict[UUID, Dismissal]:
    """Those of these dismissals that hold at a time, by the id of their row."""
    query = select(DismissalRow).where(DismissalRow.id.in_(ids), _holds(moment))
    async with db.reading() as session:
        return {row.id: dismissal_of(row) for row in await session.scalars(query)}


async def dismissed_among(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of these insights that are dismissed now; of any repository."""
    query = select(InsightRow.id).join(DismissalRow, DismissalRow.id == InsightRow.dismissal_id)
    return set(await session.scalars(query.where(InsightRow.id.in_(ids), _holds(now()))))


def dismissal_of(row: DismissalRow) -> Dismissal:
    """The dismissal of a row."""
    return Dismissal(
        fingerprint=row.fingerprint,
        reason=row.reason,
        note=row.note,
        evidence=row.evidence,
        by=row.by,
        at=row.created_at,
    )


def _holds(moment: datetime) -> ColumnElement[bool]:
    """The dismissal has not ended (`Dismissal.has_ended`)."""
    return _lasts(literal(moment - LATER))


def _lasts(ends: ColumnElement[datetime]) -> ColumnElement[bool]:
    return or_(DismissalRow.reason != DismissReason.LATER, DismissalRow.created_at > ends)


async def _locked(db: Database, session: AsyncSession, insight_id: UUID) -> tuple[InsightRow | None, Repository | None]:
    """The insight and its repository, whose row is locked first: of two simultaneous calls one waits for the other."""
    found = select(InsightRow.repository_id).where(InsightRow.id == insight_id).scalar_subquery()
    query = select(Repository).where(Repository.id == found)
    repository = await session.scalar(query if db.is_sqlite else query.with_for_update(key_share=True))
    return await session.get(InsightRow, insight_id), repository


async def _row(session: AsyncSession, insight: InsightRow) -> DismissalRow | None:
    query = select(DismissalRow).where(
        DismissalRow.repository_id == insight.repository_id, DismissalRow.fingerprint == insight.fingerprint
    )
    found: DismissalRow | None = await session.scalar(query)
    return found


def _same(row: DismissalRow, insight: InsightRow, reason: DismissReason, note: str) -> bool:
    covers = insight.dismissal_id == row.id and not dismissal_of(row).has_ended(now())
    return covers and row.reason is reason and row.note == note


async def _refer(session: AsyncSession, dismissal: DismissalRow) -> None:
    """Let the insights that the dismissal covers refer to it, and no others."""
    await _release(session, dismissal.id)
    query = (
        select(InsightRow.id, InsightRow.evidence)
        .where(
            InsightRow.repository_id == dismissal.repository_id,
            InsightRow.fingerprint == dismissal.fingerprint,
        )
        .order_by(InsightRow.created_at.desc())
        .limit(_MOST_ROWS)
    )
    found = (await session.execute(query)).all()
    covered = [row.id for row in found if not evidence_changed(dismissal.evidence, row.evidence)]
    for start in range(0, len(covered), _BATCH):
        await session.execute(
            update(InsightRow)
            .where(InsightRow.id.in_(covered[start : start + _BATCH]))
            .values(dismissal_id=dismissal.id, updated_at=now())
            .execution_options(synchronize_session=False)
        )


async def _release(session: AsyncSession, dismissal_id: UUID) -> None:
    await session.execute(
        update(InsightRow)
        .where(InsightRow.dismissal_id == dismissal_id)
        .values(dismissal_id=None, updated_at=now())
        .execution_options(synchronize_session=False)
    )
