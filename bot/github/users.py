"""People who sign in with GitHub: the web flow of the App, and what GitHub says they may see now.

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
# Enough for whoever maintains a lot; a person who sees more gets the first of them, in GitHub's order.
_MOST_PAGES = 20


class SignInRefused(Exception):
    """GitHub does not take the code or the refresh token (any more); the person signs in again."""


@dataclass(frozen=True, slots=True)
class OAuth:
    """The App as people sign in to it. github_url: of the pages, not of the API."""

    client_id: str
    client_secret: str
    github_url: str
    api_url: str
    callback_url: str


@dataclass(frozen=True, slots=True)
class UserTokens:
    """A user's access token, until when it holds (None: for ever), and what renews it."""

    access: str
    expires_at: datetime | None
    refresh: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in."""

    github_id: int
    login: str
    name: str | None
    avatar_url: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Repositories by GitHub's id: those that a person may see, and those that they may write."""

    seen: frozenset[int]
    writable: frozenset[int]


def authorize_url(oauth: OAuth, state: str, challenge: str) -> str:
    """Where to send somebody to sign in. challenge: of PKCE, S256 (RFC 7636)."""
    query = {
        "client_id": oauth.client_id,
        "redirect_uri": oauth.callback_url,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{oauth.github_url}/login/oauth/authorize?{urlencode(query)}"


async def exchange(session: aiohttp.ClientSession, oauth: OAuth, code: str, verifier: str) -> UserTokens:
    """The tokens for a code. Raises SignInRefused and RetryLater."""
    return await _ask(session, oauth, {"code": code, "code_verifier": verifier, "redirect_uri": oauth.callback_url})


async def renew(session: aiohttp.ClientSession, oauth: OAuth, refresh: str) -> UserTokens:
    """New tokens for a refresh token, which serves once. Raises SignInRefused and RetryLater."""
    return await _ask(session, oauth, {"grant_type": "refresh_token", "refresh_token": refresh})


async def who(session: aiohttp.ClientSession, oauth: OAuth, access: str) -> Person:
    """Whose token it is. Raises SignInRefused and RetryLater."""
    try:
        user = await client(session, oauth.api_url, access).getitem("/user")
    except BadRequest as refused:
        raise SignInRefused(str(refused)) from refused
    name, avatar = user.get("name"), str(user.get("avatar_url") or "")
    return Person(int(user["id"]), str(user["login"])[:255], str(name)[:255] if name else None, avatar[:1000])


async def reach(session: aiohttp.ClientSession, oauth: OAuth, access: str) -> Reach:
    """What GitHub says that a person may see of where the App is installed. Raises SignInRefused and RetryLater."""
    api = client(session, oauth.api_url, access)
    seen: set[int] = set()
    writable: set[int] = set()
    try:
        installations = await _pages(api, "/user/installations{?page,per_page}", {}, "installations")
        for installation in installations:
            place = {"id": str(installation["id"])}
            path = "/user/installations/{id}/repositories{?page,per_page}"
            for repository in await _pages(api, path, place, "repositories"):
                seen.add(int(repository["id"]))
                if (repository.get("permissions") or {}).get("push"):
                    writable.add(int(repository["id"]))
    except BadRequest as refused:
        raise SignInRefused(str(refused)) from refused
    return Reach(frozenset(seen), frozenset(writable))


async def _pages(api: Any, path: str, place: dict[str, str], key: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number in range(1, _MOST_PAGES + 1):
        answer = await api.getitem(path, {**place, "page": str(number), "per_page": "100"})
        found += answer[key]
        if len(found) >= int(answer["total_count"]) or not answer[key]:
            break
    return found


async def _ask(session: aiohttp.ClientSession, oauth: OAuth, given: dict[str, str]) -> UserTokens:
    fields = {"client_id": oauth.client_id, "client_secret": oauth.client_secret, **given}
    url, headers = f"{oauth.github_url}/login/oauth/access_token", {"Accept": "application/json"}
    try:
        async with session.post(url, data=fields, headers=headers, timeout=_TIMEOUT, allow_redirects=False) as answer:
            said = await answer.json(content_type=None)
    except (TimeoutError, aiohttp.ClientError, ValueError) as lost:
        raise RetryLater(f"GitHub could not be reached: {type(lost).__name__}", after=15) from lost
    if not isinstance(said, dict) or not said.get("access_token"):
        error = said.get("error") if isinstance(said, dict) else None
        raise SignInRefused(str(error or "GitHub gave no token")[:200])
    seconds = said.get("expires_in")
    expires = datetime.now(UTC) + timedelta(seconds=int(seconds)) - _MARGIN if seconds else None
    return UserTokens(str(said["access_token"]), expires, said.get("refresh_token"))
