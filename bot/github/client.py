"""A client of GitHub's REST API, based on gidgethub: timeouts, redirects, rate limits, temporary failures.

Limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from gidgethub import GitHubBroken, HTTPException, RateLimitExceeded, RedirectionException
from gidgethub.aiohttp import GitHubAPI

from bot import __version__
from bot.errors import RetryLater

API_VERSION = "2022-11-28"
_TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)
_SECONDARY_LIMIT_SECONDS = 60.0


class GitHubClient(GitHubAPI):
    """A client with one token. It raises RetryLater for temporary failures and gidgethub's BadRequest for others."""

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        # aiohttp turns a redirected POST into a GET without a body. After a rename this would look like a success.
        follow = method == "GET"
        try:
            async with self._session.request(
                method,
                url,
                headers={**headers, "X-GitHub-Api-Version": API_VERSION},
                data=body,
                allow_redirects=follow,
                timeout=_TIMEOUT,
            ) as response:
                return response.status, response.headers, await response.read()
        except (TimeoutError, aiohttp.ClientError) as lost:
            raise RetryLater(f"GitHub could not be reached: {type(lost).__name__}", after=15) from lost

    async def handle_rate_limit_error(self, *, method: str, url: str, exception: HTTPException, attempt: int) -> bool:
        """Raise RetryLater for a temporary failure. Return False for any other, so that gidgethub raises it."""
        if (after := seconds_to_wait(exception, time.time())) is not None:
            raise RetryLater(f"GitHub cannot process the request now: {exception}", after=after) from exception
        return False


def seconds_to_wait(exception: HTTPException, at: float) -> float | None:
    """Return the seconds to wait before a retry, or None if the failure is permanent.

    5xx: 15 seconds. A redirect: 20 seconds.
    403 and 429: the header `retry-after`, or the time until an exhausted limit resets, or one minute for a secondary
    limit. Any other 403 is permanent.
    at: the current time in Unix seconds.
    """
    headers = exception.headers or {}
    status = int(exception.status_code)
    if isinstance(exception, GitHubBroken):
        return 15.0
    if isinstance(exception, RedirectionException):
        return 20.0  # the repository was renamed; the `repository` event with the new name arrives soon
    limited = status == 429 or isinstance(exception, RateLimitExceeded)
    if status not in {403, 429}:
        return None
    if (retry_after := headers.get("retry-after", "")).isdigit():
        return float(retry_after)
    if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdigit():
        return max(1.0, float(headers["x-ratelimit-reset"]) - at)
    return _SECONDARY_LIMIT_SECONDS if limited or "secondary rate limit" in str(exception).lower() else None


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open an HTTP session for one job. It ignores proxies in the environment."""
    async with aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


def client(session: aiohttp.ClientSession, api_url: str, token: str | None = None) -> GitHubClient:
    """Return a client for a GitHub API URL. token: an installation or user token; None: no authentication."""
    return GitHubClient(session, f"gitinsight/{__version__}", oauth_token=token, base_url=api_url)
