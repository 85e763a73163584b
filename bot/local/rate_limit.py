"""The primary rate limit of the REST API, in memory: a restart discards it.

Source: docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api.
"""

import time

_LIMIT = 5000
_HOUR = 3600
_INSTALLATION_TOKEN = "ghs_"  # noqa: S105 -- GitHub's prefix


class RateLimit:
    """Counts the requests of each account in windows of one hour. All tokens of the installation share one count."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[int, int]] = {}

    def count(self, credential: str, requests: int = 1) -> dict[str, str]:
        """Count requests. Returns the rate-limit headers of the response."""
        rate = self._add(credential, requests)
        return {f"x-ratelimit-{name}": str(value) for name, value in rate.items()} | {"x-ratelimit-resource": "core"}

    def peek(self, credential: str) -> dict[str, int]:
        """Return the current rate without counting a request."""
        return self._add(credential, 0)

    def is_spent(self, credential: str) -> bool:
        """Return whether the next request is refused."""
        return self.peek(credential)["remaining"] == 0

    def set_remaining(self, remaining: int, *, reset_in: int = _HOUR) -> None:
        """Set what is left of the installation's limit, and in how many seconds the window ends."""
        self._used[_INSTALLATION_TOKEN] = (_LIMIT - remaining, int(time.time()) + reset_in)

    def _add(self, credential: str, requests: int) -> dict[str, int]:
        account = _INSTALLATION_TOKEN if _INSTALLATION_TOKEN in credential else credential
        used, reset = self._used.get(account, (0, 0))
        if reset <= time.time():
            used, reset = 0, int(time.time()) + _HOUR
        used += requests
        self._used[account] = (used, reset)
        return {"limit": _LIMIT, "remaining": max(0, _LIMIT - used), "reset": reset, "used": used}
