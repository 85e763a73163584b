"""Bare mirrors: one per repository, fetched up front, capped in size, one writer at a time."""

import asyncio
import base64
import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from bot.errors import AccessRefused, GiveUp, RetryLater
from bot.git.change import has_objects
from bot.git.run import GitError, checked_sha, git
from bot.process import MIB

_FETCH_SECONDS = 1_800
_LOCK_SECONDS = 600
_TRANSIENT = (
    "Could not resolve host",
    "Connection",
    "timed out",
    "early EOF",
    "RPC failed",
    "unable to access",  # what curl says, once refusals are told apart
    "error: 5",
    "unexpected disconnect",
)

# Without a terminal to ask at, git says of a refused token that it cannot read a user name.
_REFUSED = ("Authentication failed", "could not read Username", "not found", "error: 401", "error: 403", "error: 404")


def mirror_path(mirrors: Path, repository_id: int) -> Path:
    """Where a repository's mirror lies; keyed by GitHub's id, which survives renames."""
    return mirrors / f"{int(repository_id)}.git"


async def fetch(
    mirror: Path,
    url: str,
    token: str,
    *,
    branches: Sequence[str] = (),
    pull_number: int | None = None,
    shas: Sequence[str] = (),
    head: bool = False,
    max_mb: int = 4096,
) -> None:
    """Bring `branches`, a pull request's head and single commits into the mirror; creates it when new.

    head: also whatever the default branch is, as `refs/remotes/origin/HEAD`.

    Nothing is fetched when `shas` are all there already. The token reaches git in its environment only.
    Raises RetryLater for what passes (network, a lock held too long) and GiveUp for what does not (too large,
    access denied). A branch or sha that is gone is no error: the caller asks `has_objects`.
    """
    async with _locked(mirror):
        await _create(mirror)
        if shas and await has_objects(mirror, shas):
            return
        refspecs = [f"+refs/heads/{name}:refs/remotes/origin/{name}" for name in branches]
        if head:
            refspecs.append("+HEAD:refs/remotes/origin/HEAD")
        if pull_number is not None:
            refspecs.append(f"+refs/pull/{int(pull_number)}/head:refs/pull/{int(pull_number)}/head")
        await _fetch_each(mirror, url, token, refspecs, max_mb)
        for sha in shas:
            if not await has_objects(mirror, [sha]):
                await _fetch_each(mirror, url, token, [f"+{checked_sha(sha)}:refs/gitinsight/{sha}"], max_mb)


async def maintain(mirror: Path) -> None:
    """Pack what many small fetches left behind; cheap when there is nothing to do."""
    async with _locked(mirror):
        await git(mirror, "gc", "--auto", "--quiet", config={"gc.auto": "6700", "gc.autoDetach": "false"}, timeout=600)


def remove(mirror: Path) -> None:
    """Delete a mirror and its lock."""
    shutil.rmtree(mirror, ignore_errors=True)
    mirror.with_suffix(".lock").unlink(missing_ok=True)


async def _fetch_each(mirror: Path, url: str, token: str, refspecs: Sequence[str], max_mb: int) -> None:
    """One fetch for all; when a ref of it is gone, one by one, leaving out the gone."""
    try:
        await _fetch(mirror, url, token, refspecs, max_mb)
    except _RefGone:
        for refspec in refspecs if len(refspecs) > 1 else ():
            try:
                await _fetch(mirror, url, token, [refspec], max_mb)
            except _RefGone:
                continue


class _RefGone(Exception):
    pass


async def _fetch(mirror: Path, url: str, token: str, refspecs: Sequence[str], max_mb: int) -> None:
    if not refspecs:
        return
    credentials = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    arguments = ("fetch", "--no-tags", "--no-write-fetch-head", "--quiet", "--force", "--no-auto-gc", "--stdin")
    fetching = asyncio.create_task(
        git(
            mirror,
            *arguments,
            "--end-of-options",
            url,
            stdin="".join(f"{refspec}\n" for refspec in refspecs).encode(),
            timeout=_FETCH_SECONDS,
            config={f"http.{url}.extraHeader": f"Authorization: Basic {credentials}"},
        )
    )
    try:
        await _watch_size(fetching, mirror, max_mb)
        await fetching
    except GitError as failure:
        raise _meaning(str(failure)) from None
    finally:
        fetching.cancel()


async def _watch_size(fetching: "asyncio.Task[bytes]", mirror: Path, max_mb: int) -> None:
    while not fetching.done():
        await asyncio.wait([fetching], timeout=1)
        if (size := _size(mirror)) > max_mb * MIB:
            fetching.cancel()
            await asyncio.wait([fetching])
            shutil.rmtree(mirror, ignore_errors=True)
            raise GiveUp(
                f"The repository is larger than {max_mb} MB ({size // MIB} MB fetched so far), which is what this "
                "GitInsight is set to keep (MAX_REPOSITORY_MB)."
            )


def _size(mirror: Path) -> int:
    """The bytes of all objects: git keeps a fetch of few objects loose, however large they are."""
    size = 0
    for folder, _, names in os.walk(mirror / "objects"):
        for name in names:
            with suppress(FileNotFoundError):  # git has renamed or removed it meanwhile
                size += Path(folder, name).stat().st_size
    return size


def _meaning(message: str) -> Exception:
    if "couldn't find remote ref" in message or "not our ref" in message or "unadvertised object" in message:
        return _RefGone(message)
    if any(sign in message for sign in _REFUSED):
        return AccessRefused("GitHub refused to hand out the repository's contents. Is the app still installed on it?")
    if any(sign in message for sign in _TRANSIENT):
        return RetryLater(f"Fetching failed for now: {message[-200:]}", after=30)
    return GitError(message)


async def _create(mirror: Path) -> None:
    if (mirror / "HEAD").exists():
        return
    mirror.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(mirror, ignore_errors=True)
    fresh = Path(mkdtemp(dir=mirror.parent, prefix=".new-"))
    try:
        await git(fresh, "init", "--bare", "--quiet", "--template=", "--initial-branch=gitinsight-none")
        fresh.rename(mirror)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


@asynccontextmanager
async def _locked(mirror: Path) -> AsyncIterator[None]:
    """An exclusive lock of the mirror between processes; the kernel drops it when its holder dies."""
    mirror.parent.mkdir(parents=True, exist_ok=True)
    with mirror.with_suffix(".lock").open("w") as file:
        deadline = asyncio.get_running_loop().time() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if asyncio.get_running_loop().time() > deadline:
                    raise RetryLater("Another worker is fetching this repository", after=60) from None
                await asyncio.sleep(0.05)
        yield
