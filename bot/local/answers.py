"""GitHub's manners: errors as JSON, pages with Link headers, a User-Agent asked for, rate-limit headers.

Sources: docs.github.com/rest/using-the-rest-api: getting-started, troubleshooting, pagination, rate-limits.
"""

import json
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from bot.local.faults import FAULTS, matching_fault
from bot.local.keys import RATE

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_DOCUMENTATION = "https://docs.github.com/rest"
_LIMIT = 5000
_HOUR = 3600


class Refusal(Exception):
    """An answer other than success, in GitHub's shape."""

    def __init__(self, status: int, message: str, errors: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = list(errors)

    def response(self) -> web.Response:
        """As GitHub writes it."""
        body: dict[str, Any] = {"message": self.message}
        if self.errors:
            body["errors"] = self.errors
        body |= {"documentation_url": _DOCUMENTATION, "status": str(self.status)}
        return answer(body, self.status)


def not_found() -> Refusal:
    """What GitHub says of things that are not there or not for you."""
    return Refusal(404, "Not Found")


def invalid(resource: str, field: str, code: str = "invalid", message: str = "") -> Refusal:
    """422 for one field."""
    error = {"resource": resource, "field": field, "code": code} | ({"message": message} if message else {})
    return Refusal(422, "Validation Failed", [error])


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    return web.Response(
        body=msgspec.json.encode(body),
        status=status,
        headers=headers,
        content_type="application/json",
        charset="utf-8",
    )


async def read_object(request: web.Request) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object."""
    text = await request.text()
    if not text.strip():
        return {}
    try:
        body = json.loads(text)
    except ValueError:
        raise Refusal(400, "Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise Refusal(400, "Body should be a JSON object")
    return body


def number_in_path(request: web.Request, name: str) -> int:
    """A number that the route's own pattern has checked."""
    return int(request.match_info[name])


def page_of(request: web.Request, items: Sequence[T]) -> tuple[list[T], dict[str, str]]:
    """The page asked for by per_page and page, and the Link header that leads to the others."""
    per_page = min(100, _whole(request.query.get("per_page"), 30) or 30)
    page = max(1, _whole(request.query.get("page"), 1))
    last = max(1, math.ceil(len(items) / per_page))
    links: dict[str, int] = {}
    if page > 1:
        links |= {"prev": min(page - 1, last), "first": 1}
    if page < last:
        links |= {"next": page + 1, "last": last}
    header = ", ".join(f'<{_url(request, page=number)}>; rel="{name}"' for name, number in links.items())
    return list(items[(page - 1) * per_page : page * per_page]), ({"Link": header} if header else {})


def _url(request: web.Request, **query: int) -> str:
    return str(request.url.update_query({name: str(value) for name, value in query.items()}))


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else default


class RateLimit:
    """The primary limit, counted for each credential in windows of an hour."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[int, int]] = {}

    def count(self, who: str) -> dict[str, str]:
        """Count one request; the headers that tell what is left."""
        rate = self._step(who, 1)
        return {f"x-ratelimit-{name}": str(value) for name, value in rate.items()} | {"x-ratelimit-resource": "core"}

    def peek(self, who: str) -> dict[str, int]:
        """What is left, without counting."""
        return self._step(who, 0)

    def _step(self, who: str, weight: int) -> dict[str, int]:
        used, reset = self._used.get(who, (0, 0))
        if reset <= time.time():
            used, reset = 0, int(time.time()) + _HOUR
        used += weight
        self._used[who] = (used, reset)
        return {"limit": _LIMIT, "remaining": max(0, _LIMIT - used), "reset": reset, "used": used}


def api(handler: Handler) -> Handler:
    """Wrap a handler of the REST API in GitHub's manners."""

    async def polite(request: web.Request) -> web.StreamResponse:
        if not request.headers.get("User-Agent"):
            return web.Response(status=403, text="Request forbidden by administrative rules.\n")
        headers = request.app[RATE].count(request.headers.get("Authorization", request.remote or ""))
        headers["X-GitHub-Media-Type"] = "github.v3; format=json"
        fault = matching_fault(request.app[FAULTS], request)
        if fault is not None:
            return web.Response(body=fault.body(), status=fault.status, headers=headers | fault.headers)
        try:
            response = await handler(request)
        except Refusal as refusal:
            response = refusal.response()
        except UnicodeDecodeError:
            response = Refusal(400, "Problems parsing JSON").response()
        response.headers.update(headers)
        return response

    polite.__name__ = getattr(handler, "__name__", "handler")
    return polite
