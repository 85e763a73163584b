"""Errors as RFC 9457 `application/problem+json`, and the checks that every endpoint shares."""

import logging
from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID

import orjson
from aiohttp import web

from bot.web.auth import Identity, identity_of

_TYPE = "https://gitinsight.invalid/problems/"
MAX_LIMIT = 100
DEFAULT_LIMIT = 20
log = logging.getLogger(__name__)


_TITLES = {
    401: "Not signed in",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    422: "Not valid",
    500: "Failed",
}


class _Problem(web.HTTPException):
    """Any status, by its number."""

    def __init__(self, status: int, **answer: Any) -> None:
        self.status_code = status
        super().__init__(**answer)


def problem(status: int, kind: str, detail: str, field: str | None = None) -> web.HTTPException:
    """An exception that answers with a problem document. kind: a stable word for the type."""
    document = {
        "type": _TYPE + kind,
        "title": _TITLES[status],
        "status": status,
        "detail": detail,
        **({"field": field} if field else {}),
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return _Problem(
        status, text=orjson.dumps(document).decode(), content_type="application/problem+json", headers=headers
    )


class Endpoint(web.View):
    """One resource: a method it has not, and a bug of ours, are problem documents too."""

    async def _iter(self) -> web.StreamResponse:
        try:
            return await super()._iter()
        except web.HTTPException:
            raise
        except Exception as bug:
            log.exception("%s %s failed", self.request.method, self.request.path)
            raise problem(500, "failed", "GitInsight failed; the operator's log has the details.") from bug

    def _raise_allowed_methods(self) -> NoReturn:
        raise problem(405, "method-not-allowed", f"{self.request.method} is not possible here.")


async def unknown(request: web.Request) -> web.StreamResponse:
    """The answer where there is no resource."""
    raise not_found()


def signed_in(request: web.Request) -> Identity:
    """Who asks. Raises the 401 problem."""
    identity = identity_of(request)
    if identity is None:
        raise problem(401, "not-signed-in", "A valid token is needed: `gitinsight token create` makes one.")
    return identity


def paging(request: web.Request) -> tuple[int, int]:
    """(limit, offset) of the query, checked."""
    limit = _integer(request, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
    return limit, _integer(request, "offset", 0, 0, 10_000_000)


def optional_text(request: web.Request, name: str) -> str | None:
    """A text of the query, or None. PostgreSQL has no text with NUL."""
    given = request.query.get(name)
    if given is not None and ("\0" in given or len(given) > 400):
        raise problem(422, "not-valid", f"{name} must be a text of at most 400 characters.", name)
    return given


def optional_integer(request: web.Request, name: str) -> int | None:
    """A whole number of the query, or None."""
    return _integer(request, name, 0, 1, 2**53) if name in request.query else None


def choice(request: web.Request, name: str, choices: list[str]) -> str | None:
    """One of the given words, or None."""
    given = request.query.get(name)
    if given is not None and given not in choices:
        raise problem(422, "not-valid", f"{name} must be one of {', '.join(choices)}.", name)
    return given


def moment(request: web.Request, name: str) -> datetime | None:
    """An ISO 8601 time with its zone, as UTC, or None."""
    given = request.query.get(name)
    if given is None:
        return None
    try:
        parsed = datetime.fromisoformat(given)
        if parsed.tzinfo is not None:
            return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # said below
    raise problem(422, "not-valid", f"{name} must be an ISO 8601 time with a zone.", name)


def path_id(request: web.Request, name: str = "id") -> UUID:
    """The id in the path; what is no id is not found."""
    try:
        return UUID(request.match_info[name])
    except ValueError:
        raise not_found() from None


def not_found() -> web.HTTPException:
    """The same answer for unknown, deleted and forbidden."""
    return problem(404, "not-found", "There is nothing here, or you may not see it.")


def _integer(request: web.Request, name: str, default: int, least: int, most: int) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 16 or not least <= int(text) <= most:
        raise problem(422, "not-valid", f"{name} must be a whole number from {least} to {most}.", name)
    return int(text)
