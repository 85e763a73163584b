"""Errors as RFC 9457 `application/problem+json`, and the checks that every endpoint shares."""

from datetime import UTC, datetime
from uuid import UUID

import orjson
from aiohttp import web

from bot.web.auth import Identity, identity_of

_TYPE = "https://gitinsight.invalid/problems/"
MAX_LIMIT = 100
DEFAULT_LIMIT = 20


def problem(status: int, kind: str, detail: str, field: str | None = None) -> web.HTTPException:
    """An exception that answers with a problem document. kind: a stable word for the type."""
    titles = {400: "Bad request", 401: "Not signed in", 403: "Forbidden", 404: "Not found", 422: "Not valid"}
    document = {
        "type": _TYPE + kind,
        "title": titles.get(status, "Error"),
        "status": status,
        "detail": detail,
        **({"field": field} if field else {}),
    }
    classes = {401: web.HTTPUnauthorized, 403: web.HTTPForbidden, 404: web.HTTPNotFound}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return classes.get(status, web.HTTPUnprocessableEntity)(
        body=orjson.dumps(document), content_type="application/problem+json", headers=headers
    )


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
