"""Webhook endpoints, the delivery log, and mail subscriptions."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from bot.domain.notifications import Frequency, MessageStatus, NotificationKind
from bot.web.api.models.base import Answer, Id, PageAnswer, RequestBody


class Endpoint(Answer):
    """The webhook endpoint of a repository.

    url: the address that messages are sent to.
    enabled: whether messages are sent.
    disabled_reason: why the endpoint was disabled; null while it is enabled.
    created_at: when it was created.
    """

    url: str
    enabled: bool
    disabled_reason: str | None
    created_at: datetime


class Secret(Answer):
    """The new secret of the endpoint. It is not shown again.

    secret: the key that signs messages from now on; it begins with `whsec_`.
    """

    secret: str


class Sent(Answer):
    """A message that will be sent. The delivery log shows its attempts.

    message_id: the id of the message in the delivery log.
    """

    message_id: Id


class Attempt(Answer):
    """One attempt to send a message.

    attempt: its number, counted from 1.
    at: when it was made.
    status_code: the HTTP status of the response; null if there was no response.
    error: why it failed; null if it succeeded.
    seconds: its duration.
    answer: the first 4 KB of the response body.
    next_attempt_at: when the next attempt is made; null if there is none.
    """

    attempt: int
    at: datetime
    status_code: int | None
    error: str | None
    seconds: float
    answer: str
    next_attempt_at: datetime | None


class Message(Answer):
    """A message of the delivery log.

    id: its id in the delivery log.
    webhook_id: its header `webhook-id`, which is the same at every attempt.
    kind: the `type` of the message.
    status: whether it was delivered.
    created_at: when it was created.
    next_attempt_at: when the next attempt is made; null if there is none.
    attempts: its attempts, oldest first.
    """

    id: Id
    webhook_id: str
    kind: NotificationKind
    status: MessageStatus
    created_at: datetime
    next_attempt_at: datetime | None
    attempts: list[Attempt]


class MessagePage(PageAnswer):
    """One page of the messages, newest first.

    items: the messages.
    """

    items: list[Message]


class Subscribe(RequestBody):
    """A subscription to the mail about a repository.

    address: the mail address.
    frequency: one digest a day, a mail after each analysis, or no mail.
    """

    address: Annotated[str, Field(min_length=3, max_length=254, examples=["ann@example.org"])]
    frequency: Annotated[Frequency, Field(strict=False)] = Frequency.DAILY


class Subscription(Answer):
    """The subscription of an address.

    id: its id.
    address: the mail address.
    frequency: how often mail is sent.
    """

    id: Id
    address: str
    frequency: Frequency
