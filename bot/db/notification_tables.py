"""The tables of notifications: the outbox, webhook endpoints and messages, mail subscriptions and items."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.column_types import text_of
from bot.db.tables import Table
from bot.domain.notifications import Frequency, MessageStatus, NotificationKind

_REPOSITORY = "repositories.id"


class Outbox(Table):
    """A notification, written in the transaction of the event that it reports.

    fanned_out_at: when its messages, one per recipient, were created.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "fanned_out_at", "created_at"), Index(None, "repository_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey(_REPOSITORY, ondelete="CASCADE"))
    kind: Mapped[NotificationKind] = mapped_column(text_of(NotificationKind, 40))
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    fanned_out_at: Mapped[datetime | None]


class WebhookEndpoint(Table):
    """The webhook endpoint of a repository.

    secret: sealed.
    failing_since: when the current series of failures began; None after a success.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (Index(None, "repository_id", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey(_REPOSITORY, ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(String(2000))
    secret: Mapped[str] = mapped_column(Text)
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    failing_since: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebhookMessage(Table):
    """One message to one endpoint.

    attempt: the fencing token; counts all attempts.
    tries: the attempts since the retry schedule began.
    next_attempt_at: in the future while a worker sends the message, so that a message of a dead worker becomes due.
    """

    __tablename__ = "webhook_messages"
    __table_args__ = (
        Index(None, "status", "next_attempt_at"),
        Index(None, "endpoint_id", "created_at"),
        Index(None, "outbox_id", "endpoint_id", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    outbox_id: Mapped[UUID] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"))
    status: Mapped[MessageStatus] = mapped_column(text_of(MessageStatus, 20), default=MessageStatus.WAITING)
    attempt: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebhookAttempt(Table):
    """An entry of the delivery log: one attempt.

    answer: the first 4 KB of the response body.
    """

    __tablename__ = "webhook_attempts"
    __table_args__ = (Index(None, "message_id", "attempt"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_messages.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    status_code: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    seconds: Mapped[float]
    next_attempt_at: Mapped[datetime | None]
    at: Mapped[datetime]


class MailSubscription(Table):
    """A mail address and the repository that it receives mail about; None for all repositories.

    attempt: the fencing token.
    next_attempt_at: the end of a lease or of a retry delay, as in WebhookMessage.
    refusals: how often in a row the mail server refused the address.
    off_reason: why GitInsight switched the subscription off.
    """

    __tablename__ = "mail_subscriptions"
    __table_args__ = (Index(None, "address", "repository_id"), Index(None, "repository_id", "frequency"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    address: Mapped[str] = mapped_column(String(254))
    repository_id: Mapped[UUID | None] = mapped_column(ForeignKey(_REPOSITORY, ondelete="CASCADE"))
    frequency: Mapped[Frequency] = mapped_column(text_of(Frequency, 10), default=Frequency.DAILY)
    off_reason: Mapped[str | None] = mapped_column(Text)
    attempt: Mapped[int] = mapped_column(default=0)
    refusals: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    last_sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class MailItem(Table):
    """A notification for the next mail of a subscription.

    sent_at: when a mail with it was sent; None before.
    """

    __tablename__ = "mail_items"
    __table_args__ = (
        Index(None, "subscription_id", "outbox_id", unique=True),
        Index(None, "sent_at", "subscription_id"),
        Index(None, "outbox_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("mail_subscriptions.id", ondelete="CASCADE"))
    outbox_id: Mapped[UUID] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"))
    sent_at: Mapped[datetime | None]
