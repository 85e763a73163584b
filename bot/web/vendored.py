"""Files of others that the wheel contains, gzipped, with their licences. Each is served at an address of its own.

`make vendor` replaces them. A test compares each with its SHA-256.
"""

import asyncio
import gzip
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "vendor"
_CACHE = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendored:
    """A file of an npm package.

    name: of the file, without `.gz`.
    sha256: of the file when it is not compressed.
    """

    name: str
    version: str
    sha256: str
    content_type: str = "text/javascript"

    @property
    def address(self) -> str:
        """Where it is served. It contains the version, so its content never changes."""
        stem, _, ending = self.name.partition(".")
        return f"/assets/{stem}-{self.version}.{ending}"

    def route(self) -> web.RouteDef:
        """The route of the file."""
        return web.get(self.address, self._serve)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        """Serve the file, gzipped if the browser accepts that."""
        tag = self.sha256[:32]
        headers = {"Cache-Control": _CACHE, "ETag": f'"{tag}"', "Vary": "Accept-Encoding"}
        if any(known.value == tag for known in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        body = await asyncio.to_thread(_packed, self.name)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
        else:
            body = await asyncio.to_thread(gzip.decompress, body)
        return web.Response(body=body, content_type=self.content_type, charset="utf-8", headers=headers)


@cache
def _packed(name: str) -> bytes:
    """The gzipped file. It is read at the first request for it."""
    return (FOLDER / f"{name}.gz").read_bytes()
