"""Webhook messages at work: which are due, taken by a lease and an attempt number, and what came of each attempt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from bot.db.endpoints import webhook_id
from bot.db.engine import Database, rows_changed
from bot.db.notification_tables import Outbox, WebhookAttempt, WebhookEndpoint, WebhookMessage
from bot.domain.notifications import MessageStatus, NotificationKind

# Longer than an attempt can take, so that only a dead worker's message is taken by another.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMessage:
    """A message that this worker holds. tries: with this one. sealed_secret: see `db.sealed`.

    failing_since: since when every message to this endpoint has failed; None when the last one arrived.
    """

    id: UUID
    attempt: int
    tries: int
    webhook_id: str
    kind: NotificationKind
    payload: Mapping[str, Any]
    created_at: datetime
    url: str
    sealed_secret: str
    failing_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """What came of an attempt. next_attempt_at: None when there is none to come.

    delivered: 2xx. disable: why the endpoint gets no more messages, None while it does.
    """

    at: datetime
    delivered: bool
    status_code: int | None
    error: str | None
    answer: str
    seconds: float
    next_attempt_at: datetime | None
    disable: str | None = None


async def due_messages(db: Database, at: datetime, *, limit: int, per_endpoint: int) -> list[UUID]:
    """Messages whose time has come, the longest waiting first, at most so many of one endpoint."""
    place = func.row_number().over(
        partition_by=WebhookMessage.endpoint_id, order_by=(WebhookMessage.next_attempt_at, WebhookMessage.id)
    )
    waiting = (
        select(WebhookMessage.id, WebhookMessage.next_attempt_at, place.label("place"))
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookMessage.endpoint_id)
        .where(
            WebhookMessage.status == MessageStatus.WAITING,
            WebhookMessage.next_attempt_at <= at,
            WebhookEndpoint.enabled.is_(True),
        )
        .subquery()
    )
    query = select(waiting.c.id).where(waiting.c.place <= per_endpoint).order_by(waiting.c.next_attempt_at)
    async with db.reading() as session:
        return list(await session.scalars(query.limit(limit)))


async def claim_message(db: Database, message_id: UUID, at: datetime) -> ClaimedMessage | None:
    """Take a message that is due; None when somebody else has it, or there is nothing left to send."""
    async with db.writing() as session:
        taken = await session.execute(
            update(WebhookMessage)
            .where(
                WebhookMessage.id == message_id,
                WebhookMessage.status == MessageStatus.WAITING,
                WebhookMessage.next_attempt_at <= at,
            )
            .values(attempt=WebhookMessage.attempt + 1, tries=WebhookMessage.tries + 1, next_attempt_at=at + LEASE)
        )
        if not rows_changed(taken):
            return None
        message = await session.get_one(WebhookMessage, message_id)
        endpoint = await session.get_one(WebhookEndpoint, message.endpoint_id)
        outbox = await session.get_one(Outbox, message.outbox_id)
        return ClaimedMessage(
            id=message.id,
            attempt=message.attempt,
            tries=message.tries,
            webhook_id=webhook_id(outbox.id),
            kind=outbox.kind,
            payload=outbox.payload,
            created_at=outbox.created_at,
            url=endpoint.url,
            sealed_secret=endpoint.secret,
            failing_since=endpoint.failing_since,
        )


async def record_attempt(db: Database, claimed: ClaimedMessage, done: Attempted) -> bool:
    """Write what came of an attempt into log, message and endpoint; False when a newer attempt has taken over."""
    async with db.writing() as session:
        # The endpoint is locked first by whoever writes results: it may go on to change other messages of it.
        query = (
            select(WebhookEndpoint)
            .join(WebhookMessage, WebhookMessage.endpoint_id == WebhookEndpoint.id)
            .where(WebhookMessage.id == claimed.id)
        )
        endpoint = await session.scalar(query if db.is_sqlite else query.with_for_update(of=WebhookEndpoint))
        held = select(WebhookMessage).where(WebhookMessage.id == claimed.id, WebhookMessage.attempt == claimed.attempt)
        message = await session.scalar(held if db.is_sqlite else held.with_for_update())
        if endpoint is None or message is None:
            return False
        over = MessageStatus.DELIVERED if done.delivered else MessageStatus.FAILED
        message.status = over if done.next_attempt_at is None else MessageStatus.WAITING
        message.next_attempt_at = done.next_attempt_at
        session.add(
            WebhookAttempt(
                message_id=claimed.id,
                attempt=claimed.attempt,
                status_code=done.status_code,
                error=done.error,
                answer=done.answer,
                seconds=done.seconds,
                next_attempt_at=done.next_attempt_at,
                at=done.at,
            )
        )
        endpoint.failing_since = None if done.delivered else endpoint.failing_since or done.at
        # A URL that was replaced meanwhile is not the one that refused.
        if done.disable is not None and endpoint.url == claimed.url:
            endpoint.enabled, endpoint.disabled_reason = False, done.disable
            await session.execute(
                update(WebhookMessage)
                .where(WebhookMessage.endpoint_id == endpoint.id, WebhookMessage.status == MessageStatus.WAITING)
                .values(status=MessageStatus.FAILED, next_attempt_at=None)
            )
        return True
