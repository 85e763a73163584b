"""Plotly's script out of its own package: served by us, kept by browsers, never imported.

`import plotly` would cost the web process tens of megabytes; only the place of one file is looked up.
"""

import asyncio
import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import distribution
from pathlib import Path

from aiohttp import web

_FILE = "plotly/package_data/plotly.min.js"
# The address has the version, so what it leads to never changes.
_CACHE = "public, max-age=31536000, immutable"


@dataclass
class Script:
    """The file, and what is sent of it; read when somebody first explores a chart."""

    path: Path
    version: str

    @property
    def address(self) -> str:
        """Where it is served."""
        return f"/assets/plotly-{self.version}.min.js"

    @cached_property
    def content(self) -> tuple[bytes, bytes, str]:
        """(plain, gzipped, entity tag)."""
        plain = self.path.read_bytes()
        return plain, gzip.compress(plain, 6, mtime=0), hashlib.sha256(plain).hexdigest()[:32]


SCRIPT = web.AppKey("plotly", Script)


def setup(app: web.Application) -> None:
    """Add the route. Raises PackageNotFoundError when plotly is not installed."""
    found = distribution("plotly")
    app[SCRIPT] = Script(Path(str(found.locate_file(_FILE))), found.version)
    app.router.add_get(app[SCRIPT].address, serve)


async def serve(request: web.Request) -> web.StreamResponse:
    """The script, gzipped for whoever takes that."""
    plain, packed, tag = await asyncio.to_thread(lambda: request.app[SCRIPT].content)
    headers = {"Cache-Control": _CACHE, "ETag": f'"{tag}"', "Vary": "Accept-Encoding"}
    if any(one.value == tag for one in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return web.Response(
        body=packed if zipped else plain, content_type="text/javascript", charset="utf-8", headers=headers
    )
