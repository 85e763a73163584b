"""Errors as RFC 9457 `application/problem+json`: a stable type, a sentence, and the field that is wrong."""

from typing import Any
from uuid import UUID

import orjson
from aiohttp import web
from pydantic import ValidationError

_TYPE = "https://gitinsight.invalid/problems/"
TITLES = {
    400: "Not understood",
    401: "Not signed in",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Conflict",
    413: "Too large",
    415: "Not JSON",
    422: "Not valid",
    429: "Too many requests",
    500: "Failed",
    502: "GitHub refused",
    503: "Not now",
}


class Problem(web.HTTPException):
    """Any status, by its number."""

    def __init__(self, status: int, **answer: Any) -> None:
        self.status_code = status
        super().__init__(**answer)


def problem(
    status: int,
    kind: str,
    detail: str,
    field: str | None = None,
    *,
    headers: dict[str, str] | None = None,
    **members: Any,
) -> web.HTTPException:
    """An exception that answers with a problem document. kind: a stable word for the type; members: more of it."""
    document = {
        "type": _TYPE + kind,
        "title": TITLES[status],
        "status": status,
        "detail": detail,
        **({"field": field} if field else {}),
        **members,
    }
    sent = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return Problem(
        status,
        text=orjson.dumps(document).decode(),
        content_type="application/problem+json",
        headers=sent | (headers or {}),
    )


def invalid(error: ValidationError) -> web.HTTPException:
    """What the first wrong field is, and why, in a sentence."""
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"])[:200]
    if first["type"] == "json_invalid":
        return problem(400, "not-json", f"The body is not JSON: {first['msg'].removeprefix('Invalid JSON: ')}.")
    why = first["msg"].removeprefix("Value error, ").rstrip(".")
    why = why[:1].lower() + why[1:]
    return problem(422, "not-valid", f"{field or 'The body'}: {why}."[:600], field or None)


def path_id(request: web.Request, name: str = "id") -> UUID:
    """The id in the path; what is no id is not found."""
    try:
        return UUID(request.match_info[name])
    except ValueError:
        raise not_found() from None


def not_found() -> web.HTTPException:
    """The same answer for unknown, deleted and forbidden."""
    return problem(404, "not-found", "There is nothing here, or you may not see it.")


def forbidden(needed: str) -> web.HTTPException:
    """For what may be seen but not done."""
    return problem(403, "forbidden", f"This needs the role {needed}.")
