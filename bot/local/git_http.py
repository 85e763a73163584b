"""The repository over git's smart HTTP, behind an installation token. Only fetching: this server takes no push.

Sources: gitprotocol-http(5); git-http-backend(1) for Git-Protocol.
"""

from collections.abc import AsyncIterator

from aiohttp import web

from bot.git.run import GitError
from bot.local.auth import git_token, may
from bot.local.faults import matching_fault
from bot.local.git_service import advertisement_head, upload_pack
from bot.local.keys import FAULTS, HUB

_NO_CACHE = {"Cache-Control": "no-cache, max-age=0, must-revalidate", "Pragma": "no-cache"}
_MOST_WANTED = 64 * 1024 * 1024


async def info_refs(request: web.Request) -> web.StreamResponse:
    """GET /{owner}/{repo}.git/info/refs?service=git-upload-pack"""
    if refused := _refused(request):
        return refused
    if request.query.get("service") != "git-upload-pack":
        return web.Response(status=403, text="Only fetching is served here.\n")
    return await _stream(request, None)


async def fetch(request: web.Request) -> web.StreamResponse:
    """POST /{owner}/{repo}.git/git-upload-pack"""
    if refused := _refused(request):
        return refused
    return await _stream(request, _plain_body(request))


def _refused(request: web.Request) -> web.Response | None:
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
    # The server has undone Content-Encoding: gzip already.
    size = 0
    async for chunk in request.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > _MOST_WANTED:
            return
        yield chunk


async def _stream(request: web.Request, body: AsyncIterator[bytes] | None) -> web.StreamResponse:
    protocol = request.headers.get("Git-Protocol", "")
    kind = "advertisement" if body is None else "result"
    response = web.StreamResponse(headers={"Content-Type": f"application/x-git-upload-pack-{kind}", **_NO_CACHE})
    chunks = upload_pack(request.app[HUB].served, body, protocol=protocol)
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
