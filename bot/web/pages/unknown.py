"""Paths without a page: the same error page as for resources that do not exist."""

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.web.pages.frame import page, visitor

# Programs ask for these, and do not read a page.
_PROGRAMS = ("/api/", "/assets/", "/badge/", "/healthz", "/metrics", "/readyz", "/schema/", "/static/", "/webhook")


@web.middleware
async def in_the_frame(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Show the error page for a path that no route has. Everything else goes on as it is."""
    failed = request.match_info.http_exception
    if failed is None or failed.status != 404 or request.path.startswith(_PROGRAMS):
        return await handler(request)
    return await _not_found(request)


@page("error.html")
async def _not_found(request: web.Request) -> dict[str, object]:
    if request.method in ("GET", "HEAD"):
        await visitor(request)
    raise web.HTTPNotFound
