"""Plotly's basic bundle, the only script that is not ours. The wheel contains it, gzipped, together with its licence.

`make vendor PLOTLY=VERSION` replaces the file. A test compares it with the constants here.
"""

import asyncio
import gzip
from functools import cache
from pathlib import Path

from aiohttp import web

# https://github.com/plotly/plotly.js (the npm package of its basic bundle), MIT: bars, pies and scatter plots.
PACKAGE = "plotly.js-basic-dist-min"
VERSION = "4.1.1"
SHA256 = "99784e3abfb07b142a15e521a439e6d9addceadb3f79553fd24c72774f0649ba"

FILE = Path(__file__).parents[1] / "vendor" / "plotly-basic.min.js.gz"
# The address contains the version, so its content never changes.
ADDRESS = f"/assets/plotly-basic-{VERSION}.min.js"
_CACHE = "public, max-age=31536000, immutable"
_TAG = SHA256[:32]


def setup(app: web.Application) -> None:
    """Add the route."""
    app.router.add_get(ADDRESS, serve)


async def serve(request: web.Request) -> web.StreamResponse:
    """Serve the script, gzipped if the browser accepts that."""
    headers = {"Cache-Control": _CACHE, "ETag": f'"{_TAG}"', "Vary": "Accept-Encoding"}
    if any(tag.value == _TAG for tag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    body = await asyncio.to_thread(_packed)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        body = await asyncio.to_thread(gzip.decompress, body)
    return web.Response(body=body, content_type="text/javascript", charset="utf-8", headers=headers)


@cache
def _packed() -> bytes:
    """The gzipped file. It is read at the first request for it."""
    return FILE.read_bytes()
