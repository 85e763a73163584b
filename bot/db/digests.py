"""Digests as jobs: which are due, how a worker claims one, and how its result is stored.

A claim is a lease; the attempt number is the fencing token. A daily digest is sent after 06:00 UTC and contains
everything up to then; with `each`, a mail is sent at once.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db.dismissals import dismissed_among
from bot.db.engine import Database, rows_changed
from bot.db.notification_tables import MailItem, MailSubscription, Outbox
from bot.domain.notifications import Frequency, NotificationKind

LEASE = timedelta(minutes=3)
DIGEST_HOUR = 6
_MAX_ENTRIES = 30
_MOST_REFUSALS = 3

# The lists of insights in the payload of a notification.
_LISTS = ("remarks", "highlights")


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEntry:
    """A notification in a digest: one row of the outbox."""

    kind: NotificationKind
    payload: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDigest:
    """A digest that this worker has claimed.

    entries: newest first.
    left_out: how many older notifications are only counted.
    items: the ids of all items that the mail covers.
    """

    subscription_id: UUID
    attempt: int
    address: str
    daily: bool
    entries: tuple[DigestEntry, ...]
    left_out: int
    items: tuple[UUID, ...]


async def due_digests(db: Database, at: datetime, *, limit: int) -> list[UUID]:
    """Subscriptions whose next mail is due."""
    query = (
        select(MailSubscription.id)
        .where(_free(at), exists().where(MailItem.subscription_id == MailSubscription.id, _ripe(at)))
        .order_by(MailSubscription.last_sent_at.asc(), MailSubscription.id)
    )
    async with db.reading() as session:
        return list(await session.scalars(query.limit(limit)))


async def claim_digest(db: Database, subscription_id: UUID, at: datetime) -> ClaimedDigest | None:
    """Claim a digest that is due; None if another worker has claimed it, or if it would be empty."""
    async with db.writing() as session:
        claimed = await session.execute(
            update(MailSubscription)
            .where(MailSubscription.id == subscription_id, _free(at))
            .values(attempt=MailSubscription.attempt + 1, next_attempt_at=at + LEASE)
        )
        if not rows_changed(claimed):
            return None
        subscription = await session.get_one(MailSubscription, subscription_id)
        query = (
            select(MailItem.id, Outbox.kind, Outbox.payload, Outbox.created_at)
            .join(Outbox, Outbox.id == MailItem.outbox_id)
            .join(MailSubscription, MailSubscription.id == MailItem.subscription_id)
            .where(MailItem.subscription_id == subscription_id, _ripe(at))
            .order_by(Outbox.created_at.desc())
        )
        rows = list((await session.execute(query)).all())
        newest = [DigestEntry(kind=kind, payload=payload, created_at=made) for _, kind, payload, made in rows]
        entries = await _without_dismissed(session, newest[:_MAX_ENTRIES])
        if not entries:
            await session.execute(delete(MailItem).where(MailItem.id.in_([row[0] for row in rows])))
            subscription.next_attempt_at = None
            return None
        return ClaimedDigest(
            subscription_id=subscription_id,
            attempt=subscription.attempt,
            address=subscription.address,
            daily=subscription.frequency is Frequency.DAILY,
            entries=entries,
            left_out=max(0, len(rows) - _MAX_ENTRIES),
            items=tuple(row[0] for row in rows),
        )


async def _without_dismissed(session: AsyncSession, entries: Sequence[DigestEntry]) -> tuple[DigestEntry, ...]:
    """The entries without the remarks that were dismissed since. An analysis that has no other remarks is left out."""
    ids = {UUID(one["id"]) for entry in entries for key in _LISTS for one in entry.payload.get(key, ())}
    gone = {str(one) for one in await dismissed_among(session, ids)} if ids else set()
    left = [replace(entry, payload=_without(entry.payload, gone)) for entry in entries]
    return tuple(one for one in left if "counts" not in one.payload or one.payload["counts"]["remarks"])


def _without(payload: Mapping[str, Any], gone: Collection[str]) -> Mapping[str, Any]:
    if "highlights" in payload:
        payload = {**payload, "highlights": [one for one in payload["highlights"] if one["id"] not in gone]}
    dropped = [remark for remark in payload.get("remarks", ()) if remark["id"] in gone]
    if not dropped:
        return payload
    by_severity = Counter(payload["counts"]["by_severity"])
    by_severity.subtract(remark["severity"] for remark in dropped)
    counts = {"remarks": payload["counts"]["remarks"] - len(dropped), "by_severity": dict(by_severity)}
    kept = [remark for remark in payload["remarks"] if remark["id"] not in gone]
    return {**payload, "counts": counts, "remarks": kept}


async def record_sent(db: Database, claimed: ClaimedDigest, at: datetime) -> bool:
    """Store that the mail server accepted the digest; False if a newer attempt holds it."""
    async with db.writing() as session:
        if not await _settle(session, claimed, next_attempt_at=None, last_sent_at=at, refusals=0, error=None):
            return False
        await session.execute(update(MailItem).where(MailItem.id.in_(claimed.items)).values(sent_at=at))
        return True


async def record_failed(db: Database, claimed: ClaimedDigest, again_at: datetime, error: str) -> None:
    """Store that the mail server could not be reached; retries have no limit."""
    async with db.writing() as session:
        await _settle(session, claimed, next_attempt_at=again_at, error=error)


async def record_refused(db: Database, claimed: ClaimedDigest, again_at: datetime, error: str) -> None:
    """Store that the mail server refused the address; after three refusals in a row, switch the subscription off."""
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
    """The subscription is on, and neither leased nor delayed."""
    return and_(
        MailSubscription.frequency != Frequency.OFF,
        or_(MailSubscription.next_attempt_at.is_(None), MailSubscription.next_attempt_at <= at),
    )


def _ripe(at: datetime) -> ColumnElement[bool]:
    """Items that the next mail contains: with `each` all, with `daily` those from before 06:00."""
    morning = at.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    if morning > at:
        morning -= timedelta(days=1)
    item = aliased(Outbox)  # an alias, because the outer query may join Outbox too
    before_the_digest = exists().where(item.id == MailItem.outbox_id, item.created_at < morning)
    not_sent_since = or_(MailSubscription.last_sent_at.is_(None), MailSubscription.last_sent_at < morning)
    return and_(
        MailItem.sent_at.is_(None),
        or_(MailSubscription.frequency == Frequency.EACH, and_(not_sent_since, before_the_digest)),
    )
