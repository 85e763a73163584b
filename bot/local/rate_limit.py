"""The primary rate limit of the REST API, in memory: a restart discards it.

Source: docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api.
"""

import time

_LIMIT = 5000
_HOUR = 3600


class RateLimit:
    """Counts the requests of each credential in windows of one hour."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[int, int]] = {}

    def count(self, credential: str) -> dict[str, str]:
        """Count one request. Returns the rate-limit headers of its response."""
        rate = self._add(credential, 1)
        return {f"x-ratelimit-{name}": str(value) for name, value in rate.items()} | {"x-ratelimit-resource": "core"}

    def peek(self, credential: str) -> dict[str, int]:
        """Return the current rate without counting a request."""
        return self._add(credential, 0)

    def _add(self, credential: str, requests: int) -> dict[str, int]:
        used, reset = self._used.get(credential, (0, 0))
        if reset <= time.time():
            used, reset = 0, int(time.time()) + _HOUR
        used += requests
        self._used[credential] = (used, reset)
        return {"limit": _LIMIT, "remaining": max(0, _LIMIT - used), "reset": reset, "used": used}
