"""Faults that tests tell the stand-in to answer with."""

from bot.local.faults import Fault


def bad_gateway(path: str = "", method: str = "*", times: int = 1) -> Fault:
    """Return a 502: GitHub is down for a short time."""
    return Fault(502, method, path, times=times)


def too_many_requests(retry_after: int, path: str = "", method: str = "*", times: int = 1) -> Fault:
    """Return the response of the primary rate limit: 429."""
    headers = {"retry-after": str(retry_after), "x-ratelimit-remaining": "0"}
    return Fault(429, method, path, headers, times, "API rate limit exceeded for installation.")


def secondary_rate_limit(retry_after: int, path: str = "", method: str = "*", times: int = 1) -> Fault:
    """Return the response of a secondary rate limit: 403."""
    text = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return Fault(403, method, path, {"retry-after": str(retry_after)}, times, text)
