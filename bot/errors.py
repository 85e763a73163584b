"""The failures that exist at the edges; jobs know what to do with each. Anything else is a bug."""


class RetryLater(Exception):
    """The edge is closed for now: a rate limit, a 5xx, a lost connection, a lock.

    after: seconds to wait before the next try.
    """

    def __init__(self, message: str, *, after: float = 30.0) -> None:
        super().__init__(message)
        self.after = after


class GiveUp(Exception):
    """Trying again will not help. The message is a sentence for the user and reaches the check run."""


class AccessRefused(GiveUp):
    """GitHub refuses the token that it was asked with; a fresh one may be accepted."""


class ObjectsMissing(Exception):
    """A clone lacks objects that were needed: it is a partial one, or damaged."""
