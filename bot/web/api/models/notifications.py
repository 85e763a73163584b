"""Who is told, and how that went."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from bot.domain.notifications import Frequency, MessageStatus, NotificationKind
from bot.web.api.models.base import Answer, Asking, Id, PageAnswer


class Endpoint(Answer):
    """Where a repository's messages are sent. disabled_reason: why nothing is sent any more."""

    url: str
    enabled: bool
    disabled_reason: str | None
    created_at: datetime


class Secret(Answer):
    """What signs the messages from now on. It is told this once."""

    secret: str


class Sent(Answer):
    """A message that is on its way; the delivery log tells how it went."""

    message_id: Id


class Attempt(Answer):
    """One attempt. answer: the first 4 KB of what came back."""

    attempt: int
    at: datetime
    status_code: int | None
    error: str | None
    seconds: float
    answer: str
    next_attempt_at: datetime | None


class Message(Answer):
    """A message and its attempts, oldest first."""

    id: Id
    webhook_id: str
    kind: NotificationKind
    status: MessageStatus
    created_at: datetime
    next_attempt_at: datetime | None
    attempts: list[Attempt]


class MessagePage(PageAnswer):
    """Messages, newest first."""

    items: list[Message]


class Subscribe(Asking):
    """Mail to an address about this repository: one digest a day, each analysis, or none."""

    address: Annotated[str, Field(min_length=3, max_length=254, examples=["ann@example.org"])]
    frequency: Annotated[Frequency, Field(strict=False)] = Frequency.DAILY


class Subscription(Answer):
    """What an address gets."""

    id: Id
    address: str
    frequency: Frequency
