"""Errors as RFC 9457 `application/problem+json`: a stable type, a sentence, and the name of the wrong field."""

from typing import Any
from uuid import UUID

import orjson
from aiohttp import web
from pydantic import ValidationError

_TYPE = "https://gitinsight.invalid/problems/"
TITLES = {
    400: "Malformed",
    401: "No valid token",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timeout",
    409: "Conflict",
    413: "Too large",
    415: "Not JSON",
    422: "Not valid",
    429: "Too many requests",
    500: "Internal error",
    502: "GitHub refused the request",
    503: "Temporarily unavailable",
}


# The kind and the sentence of an example for each status; (kind, detail, field).
_EXAMPLES = {
    400: ("not-json", "The body is not JSON: expected value at line 1 column 2.", None),
    401: ("not-signed-in", "A valid token is required: `gitinsight token create` makes one.", None),
    403: ("forbidden", "This requires the role maintainer.", None),
    404: ("not-found", "This resource does not exist, or you may not see it.", None),
    408: ("too-slow", "The body did not arrive within 15 s.", None),
    409: ("known", "octocat/hello-world is already registered.", "github_url"),
    413: ("too-large", "The body is larger than 1024 KiB.", None),
    415: ("not-json", "The body must be JSON, with the content type application/json.", None),
    422: ("not-valid", "limit: input should be less than or equal to 100.", "limit"),
    429: ("too-many-requests", "600 requests per minute are allowed. Try again in 21 s.", None),
    500: ("failed", "An internal error occurred. The operator's log has the details.", None),
    502: ("github-refused", "GitHub refused the request. The operator's log has its answer.", "github_url"),
    503: ("busy", "No worker answered within 60 s.", None),
}


class Problem(web.HTTPException):
    """An HTTP error with any status."""

    def __init__(self, status: int, **answer: Any) -> None:
        self.status_code = status
        super().__init__(**answer)


def problem_example(status: int) -> dict[str, Any]:
    """An example of a problem document with this status."""
    kind, detail, field = _EXAMPLES[status]
    named = {"field": field} if field else {}
    return {"type": _TYPE + kind, "title": TITLES[status], "status": status, "detail": detail, **named}


def problem(
    status: int,
    kind: str,
    detail: str,
    field: str | None = None,
    *,
    headers: dict[str, str] | None = None,
    **members: Any,
) -> web.HTTPException:
    """Make an exception that answers with a problem document.

    kind: the end of the type, which is stable.
    members: additional members of the document.
    """
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
    """The problem that names the first wrong field and the reason."""
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"])[:200]
    if first["type"] == "json_invalid":
        return problem(400, "not-json", f"The body is not JSON: {first['msg'].removeprefix('Invalid JSON: ')}.")
    why = first["msg"].removeprefix("Value error, ").rstrip(".")
    why = why[:1].lower() + why[1:]
    return problem(422, "not-valid", f"{field or 'The body'}: {why}."[:600], field or None)


def path_id(request: web.Request, name: str = "id") -> UUID:
    """The id in the path. Raises 404 when it is malformed."""
    try:
        return UUID(request.match_info[name])
    except ValueError:
        raise not_found() from None


def not_found() -> web.HTTPException:
    """The same answer for resources that are unknown, deleted or forbidden."""
    return problem(404, "not-found", "This resource does not exist, or you may not see it.")


def forbidden(needed: str) -> web.HTTPException:
    """The answer when the caller may see a resource but may not change it."""
    return problem(403, "forbidden", f"This requires the role {needed}.")
