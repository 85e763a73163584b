"""The OpenAPI document as JSON (`/api/v1/openapi.json`). The page on it is `bot/web/pages/api_docs.py`."""

from collections.abc import Callable
from functools import cache

import orjson
from aiohttp import web

from bot.web.api.openapi import Document

DOCUMENT: web.AppKey[Callable[[], Document]] = web.AppKey("openapi")


def setup(app: web.Application, document: Callable[[], Document]) -> None:
    """Add the route. The document is made at the first request for it."""
    cached: Callable[[], Document] = cache(document)
    app[DOCUMENT] = cached
    app.router.add_get("/api/v1/openapi.json", as_json)


async def as_json(request: web.Request) -> web.Response:
    """The OpenAPI document."""
    return web.Response(body=orjson.dumps(request.app[DOCUMENT]()), content_type="application/json")
