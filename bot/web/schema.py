"""`/schema/gitinsight.json`: the JSON Schema of a repository's configuration, for editors. `make schema` writes it."""

import asyncio
from pathlib import Path

from aiohttp import web

ADDRESS = "/schema/gitinsight.json"
FILE = Path(__file__).with_name("gitinsight.schema.json")
# Editors in a browser fetch it from pages of other sites; it is the same for everyone.
_HEADERS = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=3600"}


def setup(app: web.Application) -> None:
    """Add the route."""
    app.router.add_get(ADDRESS, _serve)


async def _serve(_request: web.Request) -> web.Response:
    text = await asyncio.to_thread(FILE.read_text, encoding="utf-8")
    return web.Response(text=text, content_type="application/schema+json", headers=_HEADERS)
