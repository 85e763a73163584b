"""Responses in GitHub's form: JSON, error bodies, pages with a Link header, rate-limit headers.

Sources: docs.github.com/rest/using-the-rest-api: getting-started, troubleshooting, pagination, rate-limits.
"""

import hashlib
import json
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from bot.local.faults import matching_fault
from bot.local.keys import FAULTS, RATE
from bot.local.stored import Selection

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_DOCUMENTATION = "https://docs.github.com/rest"


class ApiError(Exception):
    """An error response of the REST API, in GitHub's form."""

    def __init__(self, status: int, message: str, errors: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = list(errors)

    def response(self) -> web.Response:
        """Return the response that GitHub would send."""
        body: dict[str, Any] = {"message": self.message}
        if self.errors:
            body["errors"] = self.errors
        body |= {"documentation_url": _DOCUMENTATION, "status": str(self.status)}
        return json_response(body, self.status)


class FaultResponse(web.Response):
    """A response that a test asked for: it need not be as GitHub describes it."""


def not_found() -> ApiError:
    """Return the 404 that GitHub sends for a resource that does not exist or that the caller may not see."""
    return ApiError(404, "Not Found")


def invalid(resource: str, field: str, code: str = "invalid", message: str = "") -> ApiError:
    """Return a 422 for one field."""
    error = {"resource": resource, "field": field, "code": code} | ({"message": message} if message else {})
    return ApiError(422, "Validation Failed", [error])


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return a JSON response."""
    return web.Response(
        body=msgspec.json.encode(body),
        status=status,
        headers=headers,
        content_type="application/json",
        charset="utf-8",
    )


async def read_object(request: web.Request) -> dict[str, Any]:
    """Return the JSON object in the request body. An empty body is an empty object."""
    text = await request.text()
    if not text.strip():
        return {}
    try:
        body = json.loads(text)
    except ValueError:
        raise ApiError(400, "Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise ApiError(400, "Body should be a JSON object")
    return body


def number_in_path(request: web.Request, name: str) -> int:
    """Return a number of the path. The pattern of the route has checked that it is one."""
    return int(request.match_info[name])


def paginate(request: web.Request, items: Sequence[T] | Selection[T]) -> tuple[list[T], dict[str, str]]:
    """Return the requested page (`per_page`, `page`) and the Link header to the other pages."""
    per_page = min(100, _integer(request.query.get("per_page"), 30) or 30)
    page = max(1, _integer(request.query.get("page"), 1))
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


def _integer(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else default


def rest_handler(handler: Handler) -> Handler:
    """Wrap a handler of the REST API.

    It requires a User-Agent, counts the rate limit, applies faults, converts ApiError, answers conditional requests.
    """

    async def wrapped(request: web.Request) -> web.StreamResponse:
        if not request.headers.get("User-Agent"):
            return web.Response(status=403, text="Request forbidden by administrative rules.\n")
        rate, credential = request.app[RATE], request.headers.get("Authorization", request.remote or "")
        response = await _answer(handler, request, spent=rate.is_spent(credential))
        # https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
        headers = rate.count(credential, 0 if response.status == 304 else 1)
        for name, value in headers.items():
            response.headers.setdefault(name, value)  # a fault has its own
        response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
        return response

    wrapped.__name__ = getattr(handler, "__name__", "handler")
    return wrapped


async def _answer(handler: Handler, request: web.Request, *, spent: bool) -> web.StreamResponse:
    fault = matching_fault(request.app[FAULTS], request)
    if fault is not None:
        return FaultResponse(body=fault.body(), status=fault.status, headers=fault.headers)
    if spent and not request.path.endswith("/rate_limit"):
        return ApiError(403, "API rate limit exceeded for installation.").response()
    try:
        return _conditional(request, await handler(request))
    except ApiError as error:
        return error.response()
    except UnicodeDecodeError:
        return ApiError(400, "Problems parsing JSON").response()


def _conditional(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Give the response to a GET its ETag; 304 if the client has named it.

    As GitHub's, the ETag differs from token to token: https://github.com/github/docs/issues/34689.
    """
    if request.method != "GET" or response.status != 200 or not isinstance(response, web.Response):
        return response
    body = response.body if isinstance(response.body, bytes) else b""
    authorization = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    etag = f'W/"{hashlib.sha256(authorization + b" " + body).hexdigest()}"'
    if authorization and etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    return response
