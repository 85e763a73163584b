"""A client of GitHub's REST API, based on gidgethub: timeouts, redirects, rate limits, temporary failures.

Limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from gidgethub import GitHubBroken, HTTPException, RateLimitExceeded, RedirectionException
from gidgethub.aiohttp import GitHubAPI
from gidgethub.sansio import RateLimit, create_headers, decipher_response
from yarl import URL

from bot import __version__
from bot.errors import RateLimited, Unavailable
from bot.github.pace import Pace
from bot.text import without_secrets

API_VERSION = "2022-11-28"
_TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)
_SECONDARY_LIMIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a conditional GET.

    content: the parsed JSON; None if there is none.
    is_unchanged: GitHub has what the ETag stands for, and sent nothing (304). Such an answer costs nothing.
    etag: for the next conditional request; None if GitHub sent none.
    next_url, last_url: further pages of a list, as GitHub names them.
    rate: the primary rate limit of the token; None if GitHub does not tell it.
    """

    content: Any
    is_unchanged: bool
    etag: str | None
    next_url: str | None
    last_url: str | None
    rate: RateLimit | None


class GitHubClient(GitHubAPI):
    """A client with one token. It raises Unavailable for temporary failures and gidgethub's BadRequest for others.

    pace: of the installation whose token it is; None for users and for the App itself.
    """

    pace: Pace | None = None

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        # aiohttp turns a redirected POST into a GET without a body. After a rename this would look like a success.
        follow = method == "GET"
        if self.pace is not None:
            # A token is no content: it is asked for at any time, unless GitHub has told the installation to wait.
            await self.pace.before_request(writes=not follow and not url.endswith("/access_tokens"))
        try:
            async with self._session.request(
                method,
                url,
                headers={**headers, "X-GitHub-Api-Version": API_VERSION},
                data=data,
                allow_redirects=follow,
                timeout=_TIMEOUT,
            ) as response:
                await self._note_limit(response)
                body = await response.read()
                if response.status >= 400:  # its message reaches the check run, the database and the log
                    body = without_secrets(body.decode("utf-8", "replace")).encode()
                return response.status, response.headers, body
        except (TimeoutError, aiohttp.ClientError) as lost:
            raise Unavailable(f"GitHub could not be reached: {type(lost).__name__}", after=15) from lost

    async def _make_request(self, method: str, url: str, *args: Any, **more: Any) -> tuple[Any, str | None, int]:
        """As gidgethub's. An answer that is not JSON, such as a page of a proxy or half an answer, is temporary."""
        try:
            answer: tuple[Any, str | None, int] = await super()._make_request(method, url, *args, **more)
        except ValueError as garbled:
            raise Unavailable("GitHub's answer is not JSON.", after=15) from garbled
        if isinstance(answer[0], str):  # gidgethub leaves an answer of another type as it is
            raise Unavailable("GitHub's answer is not JSON.", after=15)
        return answer

    async def _note_limit(self, response: aiohttp.ClientResponse) -> None:
        """The last request of a primary limit succeeds; no worker makes the next one before the limit resets."""
        if self.pace is None or response.status >= 400:
            return
        await self.pace.note(RateLimit.from_http(response.headers))
        if after := _until_reset(response.headers, time.time()):
            await self.pace.stop(after)

    async def get_if_changed(self, url: str, etag: str | None = None) -> Answer:
        """GET a URL below the API's, unless GitHub still has what this ETag stands for.

        An answer that is not JSON is a temporary failure. Raises as every other request.
        https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
        """
        headers = create_headers(self.requester, oauth_token=self.oauth_token)
        if etag is not None:
            headers["if-none-match"] = etag
        status, answered, body = await self._request("GET", url, headers)
        if status not in {200, 204, 304}:
            try:
                decipher_response(status, answered, body)
            except HTTPException as refused:
                await self.handle_rate_limit_error(method="GET", url=url, exception=refused, attempt=0)
                raise
            except ValueError as garbled:  # of an error page
                raise Unavailable(f"GitHub answered {status} without JSON.", after=15) from garbled
        try:
            content = orjson.loads(body) if body and status == 200 else None
        except ValueError as garbled:
            raise Unavailable("GitHub's answer is not JSON.", after=15) from garbled
        links = _links(answered.get("link", ""))
        return Answer(
            content=content,
            is_unchanged=status == 304,
            etag=answered.get("etag"),
            next_url=self._own(links.get("next")),
            last_url=self._own(links.get("last")),
            rate=RateLimit.from_http(answered),
        )

    def _own(self, url: str | None) -> str | None:
        """The URL, unless it leads away from this API: the token must not go elsewhere."""
        return url if url and URL(url).origin() == URL(self.base_url).origin() else None

    async def handle_rate_limit_error(self, *, method: str, url: str, exception: HTTPException, attempt: int) -> bool:
        """Raise Unavailable for a temporary failure. Return False for any other, so that gidgethub raises it."""
        if (after := seconds_to_wait(exception, time.time())) is not None:
            temporary = RateLimited if int(exception.status_code) in {403, 429} else Unavailable
            if temporary is RateLimited and self.pace is not None:
                await self.pace.stop(after)
            raise temporary(f"GitHub cannot process the request now: {exception}", after=after) from exception
        return False


def _links(header: str) -> dict[str, str]:
    """The URLs of a Link header by relation (RFC 8288), as far as GitHub uses it."""
    return {relation: url for url, relation in re.findall(r'<([^>]*)>\s*;\s*rel="([a-z]+)"', header)}


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
    if (after := _until_reset(headers, at)) is not None:
        return after
    return _SECONDARY_LIMIT_SECONDS if limited or "secondary rate limit" in str(exception).lower() else None


def _until_reset(headers: Mapping[str, str], at: float) -> float | None:
    """Seconds until a spent primary limit resets; None if it is not spent."""
    if headers.get("x-ratelimit-remaining") != "0" or not headers.get("x-ratelimit-reset", "").isdigit():
        return None
    return max(1.0, float(headers["x-ratelimit-reset"]) - at)


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open an HTTP session for one job. It ignores proxies in the environment."""
    async with aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


def client(
    session: aiohttp.ClientSession, api_url: str, token: str | None = None, pace: Pace | None = None
) -> GitHubClient:
    """Return a client for a GitHub API URL. token: an installation or user token; None: no authentication."""
    made = GitHubClient(session, f"gitinsight/{__version__}", oauth_token=token, base_url=api_url)
    made.pace = pace
    return made
