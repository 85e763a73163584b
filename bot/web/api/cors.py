"""CORS: the pages of other origins may call the API only if `CORS_ORIGINS` names the origin. https://fetch.spec.whatwg.org/#cors-protocol"""

from collections.abc import Mapping

from aiohttp import web

from bot.web.api.calls import Call

ORIGINS = web.AppKey("cors_origins", frozenset[str])
_EXPOSED = "X-Request-Id, RateLimit, RateLimit-Policy, Retry-After, Location"


def preflight(request: web.Request, calls: Mapping[str, Call]) -> web.Response | None:
    """The response to a CORS preflight request; None for every other request."""
    if (
        request.method != "OPTIONS"
        or "Access-Control-Request-Method" not in request.headers
        or not _is_allowed(request)
    ):
        return None
    headers = {
        "Access-Control-Allow-Methods": ", ".join(sorted(calls)),
        "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Request-Id",
        "Access-Control-Max-Age": "600",
    }
    return web.Response(status=204, headers=headers)


def allow(request: web.Request, answer: web.StreamResponse) -> None:
    """Permit the page to read the response if its origin is allowed. Cookies are not allowed: tokens go in a header."""
    if request.app[ORIGINS]:
        answer.headers["Vary"] = "Origin"
        if _is_allowed(request):
            answer.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            answer.headers["Access-Control-Expose-Headers"] = _EXPOSED


def _is_allowed(request: web.Request) -> bool:
    return request.headers.get("Origin") in request.app[ORIGINS]
