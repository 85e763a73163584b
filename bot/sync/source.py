"""GitHub as the source of one repository's sync: one request at a time, within the budget.

Half of GitHub's primary limit is left to analyses. Each answer tells what remains for the installation, whoever used
it, so several workers share the budget without a count of their own.
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

import aiohttp
from gidgethub import BadRequest

from bot.errors import GiveUp
from bot.github.client import Answer, client
from bot.github.tokens import READ_ITEMS, READ_PULLS, App, PermissionMissing, TokenCache, installation_token, token_name

log = logging.getLogger(__name__)


class Refused(Exception):
    """GitHub permanently refuses a request. The message is a sentence for the user.

    status: 403, 404, 410, 422, …
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The repository on GitHub. account: who has the installation. github_url: of GitHub's pages."""

    full_name: str
    github_id: int
    installation_id: int
    account: str
    github_url: str


@dataclass(slots=True)
class Source:
    """Reads one repository from GitHub.

    requests: how many were made.
    budget_until: when the limit resets, once only half of it remains.
    lacks_issues: whether the installation has not accepted the permission to read issues. `open` finds it.
    """

    session: aiohttp.ClientSession
    tokens: TokenCache
    app: App
    place: Place
    requests: int = 0
    budget_until: datetime | None = None
    lacks_issues: bool = False
    _token: str = field(default="", repr=False)

    async def open(self) -> None:
        """Get a token with the least permissions. Raises GiveUp, and RetryLater for temporary failures."""
        try:
            self._token = await self._new_token(READ_ITEMS)
            self.lacks_issues = False
        except PermissionMissing:
            self.lacks_issues = True
            self._token = await self._new_token(READ_PULLS)

    def url(self, path: str, **query: str) -> str:
        """The URL of a path below the repository."""
        return f"{self.app.api_url}/repos/{self.place.full_name}{path}" + (f"?{urlencode(query)}" if query else "")

    async def get(self, url: str, etag: str | None = None) -> Answer:
        """Read a URL, and note what remains of the limit.

        A token that GitHub does not accept is replaced once.
        Raises Refused, and RetryLater for temporary failures.
        """
        try:
            answer = await self._get(url, etag)
        except BadRequest as refused:
            if int(refused.status_code) != 401:
                raise _refused(refused) from refused
            answer = await self._get_with_new_token(url, etag)
        rate = answer.rate
        if rate is not None and 2 * rate.remaining <= rate.limit:
            self.budget_until = rate.reset_datetime
        return answer

    async def _get(self, url: str, etag: str | None) -> Answer:
        self.requests += 1
        pace = self.tokens.pace(self.place.installation_id)
        return await client(self.session, self.app.api_url, self._token, pace).get_if_changed(url, etag)

    async def _get_with_new_token(self, url: str, etag: str | None) -> Answer:
        ids = (self.place.installation_id, self.place.github_id)
        for permissions in (READ_ITEMS, READ_PULLS):
            await self.tokens.discard(token_name(*ids, permissions))
        try:
            await self.open()
            return await self._get(url, etag)
        except GiveUp as gone:
            raise Refused(401, str(gone)) from gone
        except BadRequest as refused:
            raise _refused(refused) from refused

    async def _new_token(self, permissions: Mapping[str, str]) -> str:
        ids = (self.place.installation_id, self.place.github_id)
        return await installation_token(self.session, self.tokens, self.app, *ids, permissions)

    def issues_permission_sentence(self) -> str:
        """What to do when the installation has not accepted the permission to read issues."""
        page = f"{self.place.github_url}/settings/installations/{self.place.installation_id}"
        return (
            "The GitHub App may not read issues yet, because the new permission is not accepted. An owner of "
            f"{self.place.account or 'the account'} accepts it on GitHub: Settings, Applications, Configure ({page})."
        )


_REASONS = {
    401: "GitHub refuses the token of the GitHub App.",
    403: "GitHub does not permit it.",
    404: "GitHub does not find it, or the GitHub App may not read it.",
    410: "It is switched off in the settings of the repository on GitHub.",
}


def _refused(error: BadRequest) -> Refused:
    status = int(error.status_code)
    sentence = _REASONS.get(status, "GitHub refuses the request.")
    return Refused(status, f"{sentence} It answered {status}: {str(error)[:200]}")
