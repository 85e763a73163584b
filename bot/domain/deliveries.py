"""What became of a webhook POST of GitHub."""

from enum import StrEnum


class DeliveryStatus(StrEnum):
    """RECEIVED: not dispatched yet. IGNORED: it asks for nothing. FAILED: a dead letter, kept for replay."""

    RECEIVED = "received"
    DONE = "done"
    IGNORED = "ignored"
    FAILED = "failed"
