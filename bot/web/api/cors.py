"""Pages of other origins may call the API only where `CORS_ORIGINS` names them. https://fetch.spec.whatwg.org/#cors-protocol"""

from collections.abc import Mapping

from aiohttp import web

from bot.web.api.calls import Call

ORIGINS = web.AppKey("cors_origins", frozenset[str])
_EXPOSED = "X-Request-Id, RateLimit, RateLimit-Policy, Retry-After, Location"


def preflight(request: web.Request, calls: Mapping[str, Call]) -> web.Response | None:
    """The answer to a browser that asks before it calls; None for every other request."""
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers or not _named(request):
        return None
    headers = {
        "Access-Control-Allow-Methods": ", ".join(sorted(calls)),
        "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Request-Id",
        "Access-Control-Max-Age": "600",
    }
    return web.Response(status=204, headers=headers)


def allow(request: web.Request, answer: web.StreamResponse) -> None:
    """Let the page read the answer, when its origin is named. Tokens go in a header, so no cookies are allowed."""
    if request.app[ORIGINS]:
        answer.headers["Vary"] = "Origin"
        if _named(request):
            answer.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            answer.headers["Access-Control-Expose-Headers"] = _EXPOSED


def _named(request: web.Request) -> bool:
    return request.headers.get("Origin") in request.app[ORIGINS]
