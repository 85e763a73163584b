"""The failures of outside systems that jobs handle. Any other exception is a bug."""


class RetryLater(Exception):
    """A temporary failure: a rate limit, a 5xx, a lost connection, a lock.

    after: seconds to wait before the retry.
    """

    def __init__(self, message: str, *, after: float = 30.0) -> None:
        super().__init__(message)
        self.after = after


class Unavailable(RetryLater):
    """GitHub does not answer, or with nothing that can be used, or the disk is full. It says nothing about the work."""


class RateLimited(Unavailable):
    """GitHub's primary or secondary rate limit. It holds for all requests of the installation."""


class GiveUp(Exception):
    """A permanent failure. The message is a sentence for the user; the check run shows it."""


class AccessRefused(GiveUp):
    """GitHub rejected the token. A new token may be accepted."""


class ObjectsMissing(Exception):
    """The clone lacks required objects: it is a partial clone, or it is damaged."""
