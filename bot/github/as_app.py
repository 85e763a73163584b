"""Requests as the GitHub App itself, with its JSON Web Token.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TypeVar

import jwt
from gidgethub import BadRequest, HTTPException

T = TypeVar("T")
_MOST_SKEW = 30
_BEFORE, _AFTER = 60, 480


@dataclass(frozen=True, slots=True)
class App:
    """The GitHub App's id, private key and API URL."""

    app_id: int
    private_key: str = field(repr=False)
    api_url: str


def app_jwt(app: App, *, skew: float = 0.0) -> str:
    """The App's token. skew: how many seconds this machine's clock is ahead of GitHub's."""
    moment = int(time.time() - skew)
    claims = {"iat": moment - _BEFORE, "exp": moment + _AFTER, "iss": str(app.app_id)}
    return jwt.encode(claims, app.private_key, algorithm="RS256")


async def as_app(app: App, request: Callable[[str], Awaitable[T]]) -> T:
    """Make a request with the App's token. If GitHub refuses it and our clock is wrong, once more by its clock.

    Raises the errors of the request.
    """
    try:
        return await request(app_jwt(app))
    except BadRequest as refused:
        skew = clock_skew(refused)
        if int(refused.status_code) != 401 or abs(skew) < _MOST_SKEW:
            raise
        return await request(app_jwt(app, skew=skew))


def clock_skew(answer: HTTPException) -> float:
    """How many seconds this machine's clock is ahead of the `Date` of GitHub's answer; 0 without one."""
    try:
        return time.time() - parsedate_to_datetime((answer.headers or {}).get("date", "")).timestamp()
    except (ValueError, TypeError):
        return 0.0
