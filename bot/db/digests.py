"""Digests at work: which subscriptions have one due, taken by a lease and an attempt number, and what came of it.

A daily digest leaves after six in the morning UTC with everything up to then; `each` leaves at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db.engine import Database, rows_changed
from bot.db.notification_tables import MailItem, MailSubscription, Outbox
from bot.domain.notifications import Frequency, NotificationKind

LEASE = timedelta(minutes=3)
DIGEST_HOUR = 6
_MOST_TOLD = 30
_MOST_REFUSALS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One row of the outbox, in a mail."""

    kind: NotificationKind
    payload: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDigest:
    """A digest that this worker holds. told: newest first; left_out: how many older ones it only counts."""

    subscription_id: UUID
    attempt: int
    address: str
    daily: bool
    told: tuple[Told, ...]
    left_out: int
    items: tuple[UUID, ...]


async def due_digests(db: Database, at: datetime, *, limit: int) -> list[UUID]:
    """Subscriptions whose next mail should leave now."""
    query = (
        select(MailSubscription.id)
        .where(_free(at), exists().where(MailItem.subscription_id == MailSubscription.id, _ripe(at)))
        .order_by(MailSubscription.last_sent_at.asc(), MailSubscription.id)
    )
    async with db.reading() as session:
        return list(await session.scalars(query.limit(limit)))


async def claim_digest(db: Database, subscription_id: UUID, at: datetime) -> ClaimedDigest | None:
    """Take a digest that is due; None when somebody else has it, or there is nothing to tell any more."""
    async with db.writing() as session:
        taken = await session.execute(
            update(MailSubscription)
            .where(MailSubscription.id == subscription_id, _free(at))
            .values(attempt=MailSubscription.attempt + 1, next_attempt_at=at + LEASE)
        )
        if not rows_changed(taken):
            return None
        subscription = await session.get_one(MailSubscription, subscription_id)
        query = (
            select(MailItem.id, Outbox.kind, Outbox.payload, Outbox.created_at)
            .join(Outbox, Outbox.id == MailItem.outbox_id)
            .join(MailSubscription, MailSubscription.id == MailItem.subscription_id)
            .where(MailItem.subscription_id == subscription_id, _ripe(at))
            .order_by(Outbox.created_at.desc())
        )
        found = list((await session.execute(query)).all())
        if not found:
            subscription.next_attempt_at = None
            return None
        return ClaimedDigest(
            subscription_id=subscription_id,
            attempt=subscription.attempt,
            address=subscription.address,
            daily=subscription.frequency is Frequency.DAILY,
            told=tuple(
                Told(kind=kind, payload=payload, created_at=made) for _, kind, payload, made in found[:_MOST_TOLD]
            ),
            left_out=max(0, len(found) - _MOST_TOLD),
            items=tuple(row[0] for row in found),
        )


async def record_sent(db: Database, claimed: ClaimedDigest, at: datetime) -> bool:
    """The mail server has the digest; False when a newer attempt has taken over."""
    async with db.writing() as session:
        if not await _settle(session, claimed, next_attempt_at=None, last_sent_at=at, refusals=0, error=None):
            return False
        await session.execute(update(MailItem).where(MailItem.id.in_(claimed.items)).values(sent_at=at))
        return True


async def record_failed(db: Database, claimed: ClaimedDigest, again_at: datetime, error: str) -> None:
    """The digest could not be handed over; it is tried again, as often as it takes."""
    async with db.writing() as session:
        await _settle(session, claimed, next_attempt_at=again_at, error=error)


async def record_refused(db: Database, claimed: ClaimedDigest, again_at: datetime, error: str) -> None:
    """The mail server would not take this address; after three times in a row the subscription ends, and says why."""
    async with db.writing() as session:
        refusals = MailSubscription.refusals + 1
        if not await _settle(session, claimed, next_attempt_at=again_at, error=error, refusals=refusals):
            return
        row = await session.get_one(MailSubscription, claimed.subscription_id)
        if row.refusals >= _MOST_REFUSALS:
            row.frequency, row.off_reason = Frequency.OFF, error
            await session.execute(
                delete(MailItem).where(MailItem.subscription_id == row.id, MailItem.sent_at.is_(None))
            )


async def _settle(session: AsyncSession, claimed: ClaimedDigest, **values: Any) -> bool:
    done = await session.execute(
        update(MailSubscription)
        .where(MailSubscription.id == claimed.subscription_id, MailSubscription.attempt == claimed.attempt)
        .values(**values)
    )
    return bool(rows_changed(done))


def _free(at: datetime) -> ColumnElement[bool]:
    """Nobody has it, and it is not put off."""
    return and_(
        MailSubscription.frequency != Frequency.OFF,
        or_(MailSubscription.next_attempt_at.is_(None), MailSubscription.next_attempt_at <= at),
    )


def _ripe(at: datetime) -> ColumnElement[bool]:
    """Items of a subscription that its next mail tells: all of them, or what came before this morning's digest."""
    morning = at.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    if morning > at:
        morning -= timedelta(days=1)
    told = aliased(Outbox)  # of its own, whatever the query around it joins
    before_the_digest = exists().where(told.id == MailItem.outbox_id, told.created_at < morning)
    not_sent_since = or_(MailSubscription.last_sent_at.is_(None), MailSubscription.last_sent_at < morning)
    return and_(
        MailItem.sent_at.is_(None),
        or_(MailSubscription.frequency == Frequency.EACH, and_(not_sent_since, before_the_digest)),
    )
