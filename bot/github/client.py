"""gidgethub's client with GitHub's rules kept: time-outs, redirects, rate limits, and failures as the two we know.

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
_SHORTEST_WAIT = 60.0


class GitHubClient(GitHubAPI):
    """One client per token. Raises RetryLater for what passes; gidgethub's BadRequest for what does not."""

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        # aiohttp would turn a redirected POST into a GET without a body, and a renamed repository into a success.
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
        """Turn passing failures into RetryLater; leave the others as they are."""
        if (after := seconds_to_wait(exception, time.time())) is not None:
            raise RetryLater(f"GitHub asks to wait: {exception}", after=after) from exception
        return False


def seconds_to_wait(exception: HTTPException, at: float) -> float | None:
    """How long GitHub wants us to wait, None when waiting will not help. `at`: Unix seconds.

    `retry-after` first, else the reset of an exhausted limit, else at least a minute for secondary limits.
    """
    headers = exception.headers or {}
    status = int(exception.status_code)
    if isinstance(exception, GitHubBroken):
        return 15.0
    if isinstance(exception, RedirectionException):
        return 20.0  # renamed: the `repository` event that tells the new name is on its way
    limited = status == 429 or isinstance(exception, RateLimitExceeded)
    if status not in {403, 429}:
        return None
    if (retry_after := headers.get("retry-after", "")).isdigit():
        return float(retry_after)
    if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdigit():
        return max(1.0, float(headers["x-ratelimit-reset"]) - at)
    return _SHORTEST_WAIT if limited or "secondary rate limit" in str(exception).lower() else None


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP session for one job; no proxies from the environment."""
    async with aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


def client(session: aiohttp.ClientSession, api_url: str, token: str | None = None) -> GitHubClient:
    """A client of one GitHub, acting with an installation token."""
    return GitHubClient(session, f"gitinsight/{__version__}", oauth_token=token, base_url=api_url)
