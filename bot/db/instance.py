"""What an admin sees of the instance: what waits by kind, which repositories are busy, the state of mail."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select

from bot.db.engine import Database, now
from bot.db.notification_tables import MailItem, MailSubscription
from bot.db.operation import MOST
from bot.db.tables import Analysis, Installation, Repository
from bot.domain.analyses import AnalysisKind, AnalysisStatus
from bot.domain.notifications import Frequency


@dataclass(frozen=True, slots=True)
class WaitingKind:
    """Queued analyses of one kind.

    delayed: those that may not run yet.
    oldest: when the oldest was asked for.
    """

    kind: AnalysisKind
    number: int
    delayed: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class BusyRepository:
    """The analyses of a repository in a time. failed: how many of them failed."""

    id: UUID
    full_name: str
    analyses: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MailState:
    """The state of mail.

    subscribed: subscriptions that mail is sent for.
    ended: those that ended for a reason of the receiver's server.
    failing: those whose last attempt failed, and that are tried again.
    waiting: notifications that are not sent yet, at most MOST.
    last_sent: when a mail was sent last.
    """

    subscribed: int
    ended: int
    failing: int
    waiting: int
    last_sent: datetime | None


async def waiting_by_kind(db: Database) -> list[WaitingKind]:
    """The queued analyses by kind, the oldest first."""
    delayed = func.sum(case((Analysis.lease_until > now(), 1), else_=0))
    query = (
        select(Analysis.kind, func.count(), delayed, func.min(Analysis.created_at))
        .where(Analysis.status == AnalysisStatus.QUEUED)
        .group_by(Analysis.kind)
        .order_by(func.min(Analysis.created_at))
    )
    async with db.reading() as session:
        return [
            WaitingKind(kind, number, int(later), oldest)
            for kind, number, later, oldest in await session.execute(query)
        ]


async def busiest_repositories(db: Database, since: datetime, *, limit: int) -> list[BusyRepository]:
    """The repositories with the most analyses since a time."""
    failed = func.sum(case((Analysis.status == AnalysisStatus.FAILED, 1), else_=0))
    number = func.count(Analysis.id)
    counted = (
        select(Analysis.repository_id, number.label("number"), failed.label("failed"))
        .where(Analysis.created_at >= since)
        .group_by(Analysis.repository_id)
        .order_by(number.desc(), Analysis.repository_id)
        .limit(limit)
        .subquery()
    )
    query = (
        select(Repository.id, Repository.full_name, counted.c.number, counted.c.failed)
        .join(counted, counted.c.repository_id == Repository.id)
        .order_by(counted.c.number.desc(), Repository.full_name)
    )
    async with db.reading() as session:
        return [BusyRepository(*row) for row in await session.execute(query)]


async def mail_state(db: Database) -> MailState:
    """The state of mail now."""
    mine = MailSubscription
    is_on = mine.frequency != Frequency.OFF
    unsent = select(MailItem.id).where(MailItem.sent_at.is_(None)).limit(MOST).subquery()
    async with db.reading() as session:
        row = (
            await session.execute(
                select(
                    func.sum(case((is_on, 1), else_=0)),
                    func.sum(case((mine.off_reason.is_not(None), 1), else_=0)),
                    func.sum(case((mine.error.is_not(None) & mine.next_attempt_at.is_not(None), 1), else_=0)),
                    func.max(mine.last_sent_at),
                )
            )
        ).one()
        waiting = await session.scalar(select(func.count()).select_from(unsent)) or 0
    return MailState(
        subscribed=int(row[0] or 0), ended=int(row[1] or 0), failing=int(row[2] or 0), waiting=waiting, last_sent=row[3]
    )


async def accounts_of(db: Database, installations: Collection[int]) -> dict[int, str]:
    """The accounts of installations, by the id of the installation."""
    query = select(Installation.id, Installation.account).where(Installation.id.in_(installations))
    async with db.reading() as session:
        return {row.id: row.account for row in await session.execute(query)}
