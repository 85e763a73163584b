"""Bare mirrors of repositories: one per repository, with a maximum size and a lock for writers."""

import asyncio
import base64
import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

from bot.errors import GiveUp, RetryLater
from bot.git.change import has_objects
from bot.git.fetch_errors import RefMissing, classified, room_may_come
from bot.git.run import ZERO, GitError, checked_sha, git, object_format
from bot.git.shallow import is_shallow
from bot.process import MIB

_FETCH_SECONDS = 1_800
_LOCK_SECONDS = 600
_INIT = ("init", "--bare", "--quiet", "--template=", "--initial-branch=gitinsight-none")


def mirror_path(mirrors: Path, repository_id: int) -> Path:
    """Return the path of a repository's mirror. It contains GitHub's id, which does not change with a rename."""
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
    """Fetch branches, the head of a pull request and single commits into the mirror. Creates a new mirror if needed.

    branches: names of branches.
    pull_number: the pull request whose head is fetched.
    shas: single commits. If the mirror already has all of them, nothing is fetched.
    head: also fetch the default branch, as `refs/remotes/origin/HEAD`.
    max_mb: the maximum size of the mirror.

    git receives the token in its environment only. A branch or sha that does not exist is no error; the caller checks
    with `has_objects`. Raises RetryLater for temporary failures (network, a lock that is held too long) and GiveUp for
    permanent ones (too large, access denied).
    """
    async with _locked(mirror):
        await _create(mirror, url, token, shas)
        # A mirror is shallow while the source is: `up --local` serves shallow clones, too.
        if shas and not is_shallow(mirror) and await has_objects(mirror, shas):
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
    """Pack the loose objects and small packs of many fetches. It returns quickly if there is nothing to do."""
    async with _locked(mirror):
        await git(mirror, "gc", "--auto", "--quiet", config={"gc.auto": "6700", "gc.autoDetach": "false"}, timeout=600)


def remove(mirror: Path) -> None:
    """Delete a mirror and its lock."""
    shutil.rmtree(mirror, ignore_errors=True)
    mirror.with_suffix(".lock").unlink(missing_ok=True)


async def _fetch_each(mirror: Path, url: str, token: str, refspecs: Sequence[str], max_mb: int) -> None:
    """Fetch all refspecs at once. If a ref does not exist, fetch each one alone and skip the missing ones."""
    try:
        await _fetch(mirror, url, token, refspecs, max_mb)
    except RefMissing:
        for refspec in refspecs if len(refspecs) > 1 else ():
            try:
                await _fetch(mirror, url, token, [refspec], max_mb)
            except RefMissing:
                continue


async def _fetch(mirror: Path, url: str, token: str, refspecs: Sequence[str], max_mb: int) -> None:
    if not refspecs:
        return
    depth = ("--update-shallow", *(["--unshallow"] if is_shallow(mirror) else []))
    arguments = ("fetch", "--no-tags", "--no-write-fetch-head", "--quiet", "--force", "--no-auto-gc", *depth, "--stdin")
    fetching = asyncio.create_task(
        git(
            mirror,
            *arguments,
            "--end-of-options",
            url,
            stdin="".join(f"{refspec}\n" for refspec in refspecs).encode(),
            timeout=_FETCH_SECONDS,
            config=_credentials(url, token),
        )
    )
    try:
        await _watch_size(fetching, mirror, max_mb)
        await fetching
    except GitError as failure:
        raise classified(str(failure)) from None
    finally:
        fetching.cancel()


def _credentials(url: str, token: str) -> dict[str, str]:
    credentials = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return {f"http.{url}.extraHeader": f"Authorization: Basic {credentials}"}


async def remote_head(mirror: Path, url: str, token: str, branch: str) -> str | None:
    """Return the commit of a branch as the remote repository has it now; None if there is no such branch.

    mirror: it may not exist yet. Raises RetryLater and GiveUp as `fetch` does.
    """
    return await _remote_ref(mirror, url, token, f"refs/heads/{branch}")


async def _remote_ref(mirror: Path, url: str, token: str, name: str) -> str | None:
    try:
        listed = await git(mirror, "ls-remote", "--", url, name, config=_credentials(url, token))
    except GitError as failure:
        raise classified(str(failure)) from None
    for line in listed.decode("utf-8", "surrogateescape").splitlines():
        sha, _, ref = line.partition("\t")
        if ref == name:
            return checked_sha(sha)
    return None


async def _watch_size(fetching: "asyncio.Task[bytes]", mirror: Path, max_mb: int) -> None:
    while not fetching.done():
        await asyncio.wait([fetching], timeout=1)
        if (size := _size(mirror)) > max_mb * MIB:
            fetching.cancel()
            await asyncio.wait([fetching])
            shutil.rmtree(mirror, ignore_errors=True)
            raise GiveUp(
                f"The repository is larger than {max_mb} MB ({size // MIB} MB fetched so far). This is the limit of "
                "this GitInsight instance (MAX_REPOSITORY_MB)."
            )


def _size(mirror: Path) -> int:
    """Return the size of all objects in bytes, loose ones included: git does not pack a fetch of few objects."""
    size = 0
    for folder, _, names in os.walk(mirror / "objects"):
        for name in names:
            with suppress(FileNotFoundError):  # git may rename or delete a file at any time
                size += Path(folder, name).stat().st_size
    return size


async def _create(mirror: Path, url: str, token: str, shas: Sequence[str]) -> None:
    """Create the mirror with the object ids of the remote repository, if it does not exist."""
    if (mirror / "HEAD").exists():
        return
    known = shas[0] if shas else await _remote_ref(mirror, url, token, "HEAD")
    with room_may_come():
        mirror.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(mirror, ignore_errors=True)
        fresh = Path(mkdtemp(dir=mirror.parent, prefix=".new-"))
    try:
        await git(fresh, *_INIT, f"--object-format={object_format(known or ZERO)}")
        fresh.rename(mirror)
    except GitError as failure:
        raise classified(str(failure)) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _lock_file(mirror: Path) -> IO[str]:
    with room_may_come():
        mirror.parent.mkdir(parents=True, exist_ok=True)
        return mirror.with_suffix(".lock").open("w")


@asynccontextmanager
async def _locked(mirror: Path) -> AsyncIterator[None]:
    """Hold an exclusive lock on the mirror between processes. The kernel releases it if the process dies.

    Raises RetryLater if another process holds it for too long.
    """
    with _lock_file(mirror) as file:
        deadline = asyncio.get_running_loop().time() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if asyncio.get_running_loop().time() > deadline:
                    raise RetryLater("Another worker is still fetching this repository", after=60) from None
                await asyncio.sleep(0.05)
        yield
