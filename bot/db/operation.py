"""What an operator watches: what waits and for how long, what is dead, and how an attempt ended.

The queries read what waits, not what is stored; counts stop at MOST.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from bot.db.analyses import Claimed
from bot.db.engine import Database, now
from bot.db.notification_tables import Outbox, WebhookEndpoint, WebhookMessage
from bot.db.tables import Analysis, Delivery, Installation, Repository
from bot.domain.analyses import AnalysisStatus
from bot.domain.deliveries import DeliveryStatus
from bot.domain.notifications import MessageStatus
from bot.domain.published import Conclusion

MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits. The moments are those of the oldest one; None if none waits.

    oldest_delivery: when it was received.
    dead_deliveries: how many are `failed`, for somebody to replay.
    oldest_analysis: when it was asked for; only those that a worker could take now.
    queued: how many of these there are.
    delayed: analyses that wait for GitHub or for their next attempt.
    running: analyses that a worker holds.
    oldest_notification, notifications: that could be sent now, by webhook.
    """

    oldest_delivery: datetime | None
    dead_deliveries: int
    oldest_analysis: datetime | None
    queued: int
    delayed: int
    running: int
    oldest_notification: datetime | None
    notifications: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an analysis stands after an attempt. seconds: of each step; of an ended one only."""

    status: AnalysisStatus
    conclusion: Conclusion | None
    waits_for_github: bool
    seconds: Mapping[str, float]


async def find_waiting_work(db: Database) -> Waiting:
    """What waits now."""
    moment = now()
    of_active = (
        select(Analysis.id, Analysis.created_at)
        .join(Repository, Repository.id == Analysis.repository_id)
        .join(Installation, Installation.id == Repository.installation_id)
        .where(Installation.suspended.is_(False))
    )
    queued = of_active.where(
        Analysis.status == AnalysisStatus.QUEUED, or_(Analysis.lease_until.is_(None), Analysis.lease_until < moment)
    )
    delayed = select(Analysis.id).where(Analysis.status == AnalysisStatus.QUEUED, Analysis.lease_until >= moment)
    running = select(Analysis.id).where(Analysis.status == AnalysisStatus.IN_PROGRESS, Analysis.lease_until >= moment)
    dead = select(Delivery.id).where(Delivery.status == DeliveryStatus.FAILED)
    received = select(func.min(Delivery.received_at)).where(Delivery.status == DeliveryStatus.RECEIVED)
    oldest = queued.order_by(Analysis.created_at).limit(1).subquery()
    messages = _due_messages(moment)

    def read(session: Session) -> Waiting:
        unsent = session.scalar(select(func.min(Outbox.created_at)).where(Outbox.fanned_out_at.is_(None)))
        due = session.scalar(select(func.min(WebhookMessage.next_attempt_at)).where(*messages))
        return Waiting(
            oldest_delivery=session.scalar(received),
            dead_deliveries=_count(session, dead),
            oldest_analysis=session.scalar(select(oldest.c.created_at)),
            queued=_count(session, queued),
            delayed=_count(session, delayed),
            running=_count(session, running),
            oldest_notification=min((one for one in (unsent, due) if one is not None), default=None),
            notifications=_count(session, select(Outbox.id).where(Outbox.fanned_out_at.is_(None)))
            + _count(session, select(WebhookMessage.id).where(*messages)),
        )

    return await db.read(read)


def _due_messages(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    enabled = select(WebhookEndpoint.id).where(WebhookEndpoint.enabled.is_(True))
    return (
        WebhookMessage.status == MessageStatus.WAITING,
        WebhookMessage.next_attempt_at <= moment,
        WebhookMessage.endpoint_id.in_(enabled),
    )


def _count(session: Session, query: Select[UUID] | Select[str] | Select[UUID, datetime]) -> int:
    return session.scalar(select(func.count()).select_from(query.limit(MOST).subquery())) or 0


async def outcome_of(db: Database, claimed: Claimed) -> Outcome | None:
    """Where an analysis stands after this attempt; None if another attempt has it, or if it is deleted."""
    query = select(Analysis).where(Analysis.id == claimed.id, Analysis.attempt == claimed.attempt)
    async with db.reading() as session:
        row = await session.scalar(query)
    if row is None:
        return None
    return Outcome(row.status, row.conclusion, row.waits_since is not None, row.seconds)
