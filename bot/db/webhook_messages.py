"""Webhook messages as jobs: which are due, how a worker claims one, and how its result is stored.

A claim is a lease; the attempt number is the fencing token."""

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

# Longer than any attempt, so that another worker claims a message only after its worker died.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMessage:
    """A message that this worker has claimed.

    tries: including this one.
    sealed_secret: see `db.sealed`.
    failing_since: when the endpoint's current series of failures began; None after a success.
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
class AttemptResult:
    """The result of an attempt.

    delivered: whether the status code was 2xx.
    next_attempt_at: None if there is no further attempt.
    disable: the reason to disable the endpoint; None to leave it enabled.
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
    """Messages that are due, those due first at the front, at most `per_endpoint` of each endpoint."""
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
    """Claim a message that is due; None if another worker has claimed it, or if it is not due any more."""
    async with db.writing() as session:
        claimed = await session.execute(
            update(WebhookMessage)
            .where(
                WebhookMessage.id == message_id,
                WebhookMessage.status == MessageStatus.WAITING,
                WebhookMessage.next_attempt_at <= at,
            )
            .values(attempt=WebhookMessage.attempt + 1, tries=WebhookMessage.tries + 1, next_attempt_at=at + LEASE)
        )
        if not rows_changed(claimed):
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


async def record_attempt(db: Database, claimed: ClaimedMessage, done: AttemptResult) -> bool:
    """Store the result of an attempt in log, message and endpoint; False if a newer attempt holds the message."""
    async with db.writing() as session:
        # Every writer of results locks the endpoint first, because it can change other messages of the endpoint.
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
        # If the URL was replaced meanwhile, the failure was of the old URL.
        if done.disable is not None and endpoint.url == claimed.url:
            endpoint.enabled, endpoint.disabled_reason = False, done.disable
            await session.execute(
                update(WebhookMessage)
                .where(WebhookMessage.endpoint_id == endpoint.id, WebhookMessage.status == MessageStatus.WAITING)
                .values(status=MessageStatus.FAILED, next_attempt_at=None)
            )
        return True
