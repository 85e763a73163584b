"""Sign-in with GitHub: the web flow of the App, and the repositories that a user can access.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
from gidgethub import BadRequest

from bot.errors import RetryLater
from bot.github.client import client

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_MARGIN = timedelta(minutes=1)
# 2,000 repositories per installation. A user with access to more gets the first ones, in GitHub's order.
_MAX_PAGES = 20


class SignInRefused(Exception):
    """GitHub rejected the code or the token. The user must sign in again."""


@dataclass(frozen=True, slots=True)
class OAuth:
    """The OAuth settings of the App.

    github_url: the URL of GitHub's pages.
    api_url: the URL of GitHub's API.
    callback_url: the URL of this instance that GitHub redirects to.
    """

    client_id: str
    client_secret: str
    github_url: str
    api_url: str
    callback_url: str


@dataclass(frozen=True, slots=True)
class UserTokens:
    """The tokens of a user.

    access: the access token.
    expires_at: when the access token expires; None: never.
    refresh: the refresh token, if there is one.
    """

    access: str
    expires_at: datetime | None
    refresh: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """The GitHub user who signed in."""

    github_id: int
    login: str
    name: str | None
    avatar_url: str


@dataclass(frozen=True, slots=True)
class AccessibleRepositories:
    """The repositories that a user can access, by GitHub's id.

    seen: those that the user can read.
    writable: those that the user can push to.
    """

    seen: frozenset[int]
    writable: frozenset[int]


def authorize_url(oauth: OAuth, state: str, challenge: str) -> str:
    """Return the URL where a user signs in. challenge: the PKCE challenge, S256 (RFC 7636)."""
    query = {
        "client_id": oauth.client_id,
        "redirect_uri": oauth.callback_url,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{oauth.github_url}/login/oauth/authorize?{urlencode(query)}"


async def exchange(session: aiohttp.ClientSession, oauth: OAuth, code: str, verifier: str) -> UserTokens:
    """Exchange a code for tokens. Raises SignInRefused and RetryLater."""
    return await _request_tokens(
        session, oauth, {"code": code, "code_verifier": verifier, "redirect_uri": oauth.callback_url}
    )


async def renew(session: aiohttp.ClientSession, oauth: OAuth, refresh: str) -> UserTokens:
    """Exchange a refresh token for new tokens. It works once. Raises SignInRefused and RetryLater."""
    return await _request_tokens(session, oauth, {"grant_type": "refresh_token", "refresh_token": refresh})


async def fetch_user(session: aiohttp.ClientSession, oauth: OAuth, access: str) -> Person:
    """Return the user of an access token. Raises SignInRefused and RetryLater."""
    try:
        user = await client(session, oauth.api_url, access).getitem("/user")
    except BadRequest as refused:
        raise SignInRefused(str(refused)) from refused
    name, avatar = user.get("name"), str(user.get("avatar_url") or "")
    return Person(int(user["id"]), str(user["login"])[:255], str(name)[:255] if name else None, avatar[:1000])


async def fetch_accessible_repositories(
    session: aiohttp.ClientSession, oauth: OAuth, access: str
) -> AccessibleRepositories:
    """Return the repositories with the App that a user can access. Raises SignInRefused and RetryLater."""
    api = client(session, oauth.api_url, access)
    seen: set[int] = set()
    writable: set[int] = set()
    try:
        installations = await _pages(api, "/user/installations{?page,per_page}", {}, "installations")
        for installation in installations:
            variables = {"id": str(installation["id"])}
            path = "/user/installations/{id}/repositories{?page,per_page}"
            for repository in await _pages(api, path, variables, "repositories"):
                seen.add(int(repository["id"]))
                if (repository.get("permissions") or {}).get("push"):
                    writable.add(int(repository["id"]))
    except BadRequest as refused:
        raise SignInRefused(str(refused)) from refused
    return AccessibleRepositories(frozenset(seen), frozenset(writable))


async def _pages(api: Any, path: str, variables: dict[str, str], key: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for number in range(1, _MAX_PAGES + 1):
        page = await api.getitem(path, {**variables, "page": str(number), "per_page": "100"})
        items += page[key]
        if len(items) >= int(page["total_count"]) or not page[key]:
            break
    return items


async def _request_tokens(session: aiohttp.ClientSession, oauth: OAuth, grant: dict[str, str]) -> UserTokens:
    fields = {"client_id": oauth.client_id, "client_secret": oauth.client_secret, **grant}
    url, headers = f"{oauth.github_url}/login/oauth/access_token", {"Accept": "application/json"}
    try:
        async with session.post(url, data=fields, headers=headers, timeout=_TIMEOUT, allow_redirects=False) as response:
            body = await response.json(content_type=None)
    except (TimeoutError, aiohttp.ClientError, ValueError) as lost:
        raise RetryLater(f"GitHub could not be reached: {type(lost).__name__}", after=15) from lost
    if not isinstance(body, dict) or not body.get("access_token"):
        error = body.get("error") if isinstance(body, dict) else None
        raise SignInRefused(str(error or "GitHub returned no token")[:200])
    seconds = body.get("expires_in")
    expires = datetime.now(UTC) + timedelta(seconds=int(seconds)) - _MARGIN if seconds else None
    return UserTokens(str(body["access_token"]), expires, body.get("refresh_token"))
