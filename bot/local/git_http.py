"""The HTTP handlers of git's smart HTTP protocol. They require an installation token and serve fetches, not pushes.

Sources: gitprotocol-http(5); git-http-backend(1) for Git-Protocol.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing

from aiohttp import web

from bot.git.run import GitError
from bot.local.auth import git_token, may
from bot.local.faults import matching_fault
from bot.local.git_upload_pack import advertisement_head, upload_pack
from bot.local.keys import FAULTS, HUB

_NO_CACHE = {"Cache-Control": "no-cache, max-age=0, must-revalidate", "Pragma": "no-cache"}
_MAX_REQUEST = 64 * 1024 * 1024


async def info_refs(request: web.Request) -> web.StreamResponse:
    """GET /{owner}/{repo}.git/info/refs?service=git-upload-pack"""
    if error := _error(request):
        return error
    if request.query.get("service") != "git-upload-pack":
        return web.Response(status=403, text="Only fetching is served here.\n")
    return await _stream(request, None)


async def fetch(request: web.Request) -> web.StreamResponse:
    """POST /{owner}/{repo}.git/git-upload-pack"""
    if error := _error(request):
        return error
    return await _stream(request, _plain_body(request))


def _error(request: web.Request) -> web.Response | None:
    """Return the response to a request that is not allowed, or None."""
    fault = matching_fault(request.app[FAULTS], request)
    if fault is not None:
        return web.Response(body=fault.body(), status=fault.status, headers=fault.headers)
    token = git_token(request)
    if token is None:
        challenge = {"WWW-Authenticate": 'Basic realm="GitHub"'}
        return web.Response(status=401, text="Repository not found.\n", headers=challenge)
    if not may(token, "contents", "read"):
        return web.Response(status=404, text="Repository not found.\n")
    return None


async def _plain_body(request: web.Request) -> AsyncIterator[bytes]:
    # aiohttp has already decompressed a body with Content-Encoding: gzip.
    size = 0
    async for chunk in request.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > _MAX_REQUEST:
            return
        yield chunk


async def _stream(request: web.Request, body: AsyncIterator[bytes] | None) -> web.StreamResponse:
    protocol = request.headers.get("Git-Protocol", "")
    kind = "advertisement" if body is None else "result"
    response = web.StreamResponse(headers={"Content-Type": f"application/x-git-upload-pack-{kind}", **_NO_CACHE})
    # Closed also if the client goes away in the middle: git must not wait for a reader.
    async with aclosing(upload_pack(request.app[HUB].served, body, protocol=protocol)) as chunks:
        try:
            first = await anext(chunks, b"")
        except GitError:
            return web.Response(status=500, text="The repository cannot be read.\n")
        await response.prepare(request)
        if body is None and "version=2" not in protocol:
            await response.write(advertisement_head())
        await response.write(first)
        async for chunk in chunks:
            await response.write(chunk)
        await response.write_eof()
        return response
