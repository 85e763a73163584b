"""Runs `git upload-pack` on the served repository and streams what it writes to the client.

Sources: gitprotocol-http(5), gitprotocol-v2(5), git-upload-pack(1), "uploadpack" in git-config(1).
"""

import asyncio
import re
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import suppress
from pathlib import Path

from bot.git.run import GitError, environment
from bot.process import end_group

_CHUNK = 64 * 1024
_PROTOCOL = re.compile(r"version=[0-9](:[a-z0-9=-]{1,40})*")
_CONFIG = {
    # github.com allows these to its clients.
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "uploadpack.keepAlive": "5",
}
# A partial clone lacks objects that its promisor pack names. git then leaves them out of the pack. A client that
# filters blobs by size never requests them; in any other client the connectivity check fails.
_LENIENT = {"uploadpack.packObjectsHook": 'lenient() { exec "$@" --missing=allow-any; }; lenient'}


def advertisement_head() -> bytes:
    """Return the lines that precede the ref advertisement over HTTP."""
    return b"001e# service=git-upload-pack\n0000"


def lacks_objects(repository: Path) -> bool:
    """Return whether a pack of the repository or of its alternates is a promisor pack, which may lack objects."""
    alternates = repository / "objects" / "info" / "alternates"
    stores = [repository / "objects"]
    if alternates.is_file():
        stores += [Path(line) for line in alternates.read_text().splitlines() if line]
    return any(next(store.glob("pack/*.promisor"), None) is not None for store in stores)


async def upload_pack(
    repository: Path, body: AsyncIterable[bytes] | None, *, protocol: str = ""
) -> AsyncGenerator[bytes, None]:
    """Yield the output of git-upload-pack for `body`, or the ref advertisement if `body` is None.

    protocol: the Git-Protocol header.
    The process ends when the client disconnects. Raises GitError if git fails before it has written anything.
    """
    argv = ["git", "upload-pack", "--strict", "--stateless-rpc"]
    if body is None:
        argv.append("--http-backend-info-refs")
    process = await asyncio.create_subprocess_exec(
        *argv,
        str(repository),
        env=_environment(repository, protocol),
        stdin=PIPE if body is not None else DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
        start_new_session=True,
    )
    assert process.stdout  # noqa: S101 - stdout is PIPE
    feeding = asyncio.create_task(_feed(process.stdin, body)) if process.stdin and body is not None else None
    wrote = False
    try:
        while chunk := await process.stdout.read(_CHUNK):
            wrote = True
            yield chunk
        if await process.wait() and not wrote:
            raise GitError("git upload-pack failed")
    finally:
        if feeding:
            feeding.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await feeding
        if process.returncode is None:
            await end_group(process)


async def _feed(stdin: asyncio.StreamWriter, body: AsyncIterable[bytes]) -> None:
    try:
        async for chunk in body:
            stdin.write(chunk)
            await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass  # git has stopped reading; its output says whether it failed
    finally:
        stdin.close()


def _environment(repository: Path, protocol: str) -> dict[str, str]:
    config = _CONFIG | (_LENIENT if lacks_objects(repository) else {})
    extra = {"GIT_PROTOCOL": protocol} if _PROTOCOL.fullmatch(protocol) else {}
    return environment(extra, config)
