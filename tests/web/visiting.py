"""Requests to the pages as a browser sends them: with a session cookie, and with the headers of a form of this site."""

from dataclasses import dataclass
from typing import Any

from bot.web.session import SESSION_COOKIE
from tests.web.conftest import Web

OWN = {"Sec-Fetch-Site": "same-origin"}
FOREIGN: tuple[dict[str, str], ...] = ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {})


@dataclass
class Seen:
    """A response. place: the target of a redirect."""

    status: int
    text: str
    place: str
    headers: Any


async def get(web: Web, path: str, token: str | None = None) -> Seen:
    """Request a page."""
    cookies = {SESSION_COOKIE: token} if token else {}
    async with web.client.get(path, cookies=cookies, allow_redirects=False) as answer:
        return Seen(answer.status, await answer.text(), answer.headers.get("Location", ""), answer.headers)


async def post(
    web: Web, path: str, token: str | None, fields: dict[str, str], headers: dict[str, str] | None = None
) -> Seen:
    """Send a form: of this site, unless other headers are given."""
    cookies = {SESSION_COOKIE: token} if token else {}
    sent = OWN if headers is None else headers
    async with web.client.post(path, data=fields, cookies=cookies, headers=sent, allow_redirects=False) as answer:
        return Seen(answer.status, await answer.text(), answer.headers.get("Location", ""), answer.headers)
