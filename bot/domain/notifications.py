"""Notifications: what one is about, what became of a webhook message, and how often somebody gets mail."""

from enum import StrEnum


class NotificationKind(StrEnum):
    """The `type` of a webhook message. PING: a test that a person asked for."""

    COMPLETED = "analysis.completed"
    FAILED = "analysis.failed"
    PING = "test.ping"


class MessageStatus(StrEnum):
    """WAITING: an attempt is due or lies ahead. FAILED: no attempt is left."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Frequency(StrEnum):
    """How often an address gets mail: at most one digest a day, each analysis as it ends, or not at all."""

    DAILY = "daily"
    EACH = "each"
    OFF = "off"
