"""Webhook endpoints for the API and the pages: one per repository, with its delivery log, test and replay.

The secret is shown once, when it is created. The caller checks a URL with `bot.notify.outbound.check_url`.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import audit
from bot.db.audit import Actor
from bot.db.engine import Database, now
from bot.db.notification_tables import Outbox, WebhookAttempt, WebhookEndpoint, WebhookMessage
from bot.db.page import Page
from bot.db.sealed import Sealer
from bot.db.tables import Repository
from bot.domain.notifications import MessageStatus, NotificationKind

_SECRET_BYTES = 32  # Standard Webhooks: 24 to 64


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointView:
    """An endpoint without its secret.

    disabled_reason: a sentence; None while the endpoint is enabled.
    """

    id: UUID
    url: str
    enabled: bool
    disabled_reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One attempt in the delivery log.

    answer: the first 4 KB of the response body.
    next_attempt_at: as planned when the attempt ended.
    """

    attempt: int
    at: datetime
    status_code: int | None
    error: str | None
    seconds: float
    answer: str
    next_attempt_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A message and its attempts, oldest first."""

    id: UUID
    webhook_id: str
    kind: NotificationKind
    status: MessageStatus
    created_at: datetime
    next_attempt_at: datetime | None
    attempts: tuple[AttemptView, ...]


def webhook_id(outbox_id: UUID) -> str:
    """The `webhook-id` of an outbox row. It contains no dot, because the signature separates fields by dots."""
    return f"msg_{outbox_id.hex}"


async def set_endpoint(session: AsyncSession, sealer: Sealer, repository_id: UUID, url: str) -> str | None:
    """Set the URL of a repository's endpoint and enable it. Returns the new secret; None if the URL did not change.

    The caller has locked the repository's row, so that no other transaction inserts an endpoint.
    """
    row = await _of(session, repository_id)
    if row is not None and row.url == url:
        row.enabled, row.disabled_reason, row.failing_since = True, None, None
        return None
    secret = _new_secret()
    if row is None:
        row = WebhookEndpoint(repository_id=repository_id, created_at=now())
        session.add(row)
    row.url, row.secret = url, sealer.seal(secret)
    row.enabled, row.disabled_reason, row.failing_since = True, None, None
    return secret


async def delete_endpoint(session: AsyncSession, repository_id: UUID) -> None:
    """Delete a repository's endpoint and its delivery log."""
    await session.execute(delete(WebhookEndpoint).where(WebhookEndpoint.repository_id == repository_id))


async def replace_secret(db: Database, sealer: Sealer, repository_id: UUID, by: Actor) -> str | None:
    """Replace the secret of an endpoint and return the new one; None if the repository has no endpoint."""
    async with db.writing() as session:
        row = await _of(session, repository_id)
        if row is None:
            return None
        repository = await session.get_one(Repository, repository_id)
        secret = _new_secret()
        row.secret = sealer.seal(secret)
        audit.record(session, by, "webhook.secret", (repository_id, repository.full_name))
        return secret


async def get_endpoint(db: Database, repository_id: UUID) -> EndpointView | None:
    """A repository's endpoint; None if it has none."""
    async with db.reading() as session:
        row = await _of(session, repository_id)
    if row is None:
        return None
    return EndpointView(
        id=row.id, url=row.url, enabled=row.enabled, disabled_reason=row.disabled_reason, created_at=row.created_at
    )


async def send_test(db: Database, repository_id: UUID) -> UUID | None:
    """Create a `test.ping` message and return its id; None if the repository has no enabled endpoint."""
    moment = now()
    async with db.writing() as session:
        row = await _of(session, repository_id)
        if row is None or not row.enabled:
            return None
        repository = await session.get_one(Repository, repository_id)
        payload = {
            "repository": {"id": str(repository_id), "full_name": repository.full_name},
            "message": "This is a test; nothing happened.",
        }
        ping = Outbox(
            repository_id=repository_id,
            kind=NotificationKind.PING,
            payload=payload,
            created_at=moment,
            fanned_out_at=moment,
        )
        session.add(ping)
        await session.flush()
        message = WebhookMessage(endpoint_id=row.id, outbox_id=ping.id, next_attempt_at=moment, created_at=moment)
        session.add(message)
        await session.flush()
        return message.id


async def list_messages(db: Database, repository_id: UUID, *, limit: int, offset: int) -> Page[MessageView]:
    """The delivery log of a repository's endpoint, newest first."""
    query = (
        select(WebhookMessage, Outbox.kind)
        .join(Outbox, Outbox.id == WebhookMessage.outbox_id)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookMessage.endpoint_id)
        .where(WebhookEndpoint.repository_id == repository_id)
    )
    async with db.reading() as session:
        total = await session.scalar(select(func.count()).select_from(query.subquery()))
        newest = query.order_by(WebhookMessage.created_at.desc(), WebhookMessage.id).limit(limit).offset(offset)
        found = list((await session.execute(newest)).all())
        log = await _log(session, [message.id for message, _ in found])
    return Page([_view(message, kind, log.get(message.id, [])) for message, kind in found], total or 0)


async def replay(db: Database, repository_id: UUID, message_id: UUID) -> bool:
    """Send a message again, with a new retry schedule; False if this repository has no such message."""
    async with db.writing() as session:
        endpoint = await _of(session, repository_id)
        message = await session.get(WebhookMessage, message_id)
        if endpoint is None or message is None or message.endpoint_id != endpoint.id:
            return False
        message.status, message.tries, message.next_attempt_at = MessageStatus.WAITING, 0, now()
        # A worker that is sending the message now loses its claim and cannot store its result.
        message.attempt += 1
        return True


async def _of(session: AsyncSession, repository_id: UUID) -> WebhookEndpoint | None:
    found: WebhookEndpoint | None = await session.scalar(
        select(WebhookEndpoint).where(WebhookEndpoint.repository_id == repository_id)
    )
    return found


async def _log(session: AsyncSession, messages: list[UUID]) -> dict[UUID, list[AttemptView]]:
    rows = await session.scalars(
        select(WebhookAttempt).where(WebhookAttempt.message_id.in_(messages)).order_by(WebhookAttempt.attempt)
    )
    log: dict[UUID, list[AttemptView]] = {}
    for row in rows:
        log.setdefault(row.message_id, []).append(
            AttemptView(
                attempt=row.attempt,
                at=row.at,
                status_code=row.status_code,
                error=row.error,
                seconds=row.seconds,
                answer=row.answer,
                next_attempt_at=row.next_attempt_at,
            )
        )
    return log


def _view(message: WebhookMessage, kind: NotificationKind, attempts: list[AttemptView]) -> MessageView:
    return MessageView(
        id=message.id,
        webhook_id=webhook_id(message.outbox_id),
        kind=kind,
        status=message.status,
        created_at=message.created_at,
        next_attempt_at=message.next_attempt_at,
        attempts=tuple(attempts),
    )


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"
