"""What git's messages about a fetch mean: try later, give up, no room, or no such ref."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import AccessRefused, GiveUp, Unavailable
from bot.git.run import GitError

_TRANSIENT = (
    "Could not resolve host",
    "Connection",
    "timed out",
    "early EOF",
    "RPC failed",
    "unable to access",  # an error of curl; `_DENIED` is checked first
    "error: 5",
    "unexpected disconnect",
)
_NO_ROOM = "There is no room for the repository on the disk of this instance"
_FULL = ("No space left on device", "Disk quota exceeded", "write error", "unable to write")

# If GitHub rejects the token, git asks for a user name. Without a terminal it reports that it could not read one.
_DENIED = ("Authentication failed", "could not read Username", "not found", "error: 401", "error: 403", "error: 404")


class RefMissing(Exception):
    """The remote repository does not have a ref or an object."""


def classified(message: str) -> Exception:
    """Return the exception for a message of git: RefMissing, Unavailable, AccessRefused, GiveUp or GitError."""
    if any(full in message for full in _FULL):
        return Unavailable(_NO_ROOM, after=60)
    if "couldn't find remote ref" in message or "not our ref" in message or "unadvertised object" in message:
        return RefMissing(message)
    if any(known in message for known in _DENIED):
        return AccessRefused("GitHub denied access to the repository's contents. Is the app still installed on it?")
    if "did not send all necessary objects" in message:
        return GiveUp(
            "The repository lacks objects of its own history. If it is a partial clone (`git clone --filter`), "
            "clone it again without a filter."
        )
    if any(known in message for known in _TRANSIENT):
        return Unavailable(f"Fetching the repository failed: {message[-200:]}", after=30)
    return GitError(message)


@contextmanager
def room_may_come() -> Iterator[None]:
    """Raise Unavailable for an OSError of a full disk: it costs no attempts."""
    try:
        yield
    except OSError as problem:
        if problem.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise Unavailable(_NO_ROOM, after=60) from problem
