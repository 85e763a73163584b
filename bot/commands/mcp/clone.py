"""What the tools read of one clone. Nothing is written but the history index in the user's cache folder."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from rich.console import Console
from rich.status import Status

from bot.commands.compared import Compared
from bot.commands.mcp.answers import FileCompanions, FileOwners, RiskOfChange, SimilarChanges, owners_of
from bot.commands.preview import NotCommitted, base_of, default_branch_head, git_dir_of, kept_index, report_on
from bot.domain.change import Report
from bot.domain.history import FileHistory
from bot.domain.snapshots import Coupling, Hotspots, Ownership
from bot.errors import GiveUp
from bot.git.change import read_change
from bot.git.isolated import isolated
from bot.git.read_file import resolve
from bot.history.index import file_histories, opened
from bot.history.proposal import ProposedChange
from bot.jobs.learn_history import snapshots_of
from bot.pipeline.authorship import read_authorship
from bot.pipeline.history import read_history, update_index
from bot.pipeline.similar import changed_since, read_similar


@dataclass(frozen=True, slots=True)
class Clone:
    """A local clone. folder: of its working tree, absolute."""

    folder: Path
    git_dir: Path

    async def report(self, base: str | None, head: str, what: NotCommitted | None) -> tuple[Compared, Report]:
        """Return the report of `gitinsight preview`. Raises GiveUp, GitError and ParseError."""
        return await report_on(self.folder, base, head, what, Status("", console=Console(quiet=True)))

    async def repository(self) -> tuple[Hotspots, Ownership, Coupling]:
        """Return what the history shows of the whole repository. Raises GiveUp, GitError and IndexUnusable."""
        async with self._history() as read:
            return (await snapshots_of(read.objects, read.index, read.newest))[:3]

    async def owners(self, path: str, limit: int) -> FileOwners:
        """Return who wrote a file of the default branch. Raises GiveUp, GitError and IndexUnusable."""
        return owners_of(await self._file(path), limit)

    async def companions(self, path: str, limit: int) -> FileCompanions:
        """Return what changes along with a file of the default branch. Raises GiveUp, GitError and IndexUnusable."""
        file = await self._file(path)
        return FileCompanions(path=file.path, revisions=file.revisions, companions=file.companions[:limit])

    async def risk(self, base: str | None, head: str) -> RiskOfChange:
        """Return the risk of a change. Raises GiveUp, GitError and ParseError."""
        async with self._history() as read:
            head_sha, change = await self._change(read, base, head)
            facts = await asyncio.to_thread(read_history, read.index, change)
        risk = replace(facts.risk, features=None) if facts and facts.risk else None
        return RiskOfChange(head_sha=head_sha, merge_base=change.base, history=facts.changes if facts else 0, risk=risk)

    async def similar(self, base: str | None, head: str, limit: int) -> SimilarChanges:
        """Return the past changes most like a change. Raises GiveUp, GitError and ParseError."""
        async with self._history() as read:
            head_sha, change = await self._change(read, base, head)
            found = await asyncio.to_thread(read_similar, read.index, change)
        return SimilarChanges(head_sha=head_sha, merge_base=change.base, changes=found.changes[:limit])

    async def _file(self, path: str) -> FileHistory:
        wanted = inside(self.folder, path)

        def read_file(index: Path) -> FileHistory | None:
            with opened(index) as newest:
                return file_histories(newest, [wanted], newest.clock).get(wanted)

        async with self._history() as read:
            found = await asyncio.to_thread(read_file, read.index)
        if found is None:
            raise GiveUp(f"The default branch has no file {wanted!r}.")
        return found

    async def _change(self, read: "_History", base: str | None, head: str) -> tuple[str, ProposedChange]:
        head_sha = await resolve(self.git_dir, head)
        if head_sha is None:
            raise GiveUp(f"There is no revision {head!r} in this repository.")
        base_sha = (await base_of(self.git_dir, read.objects, base, head_sha)).sha
        found = await read_change(read.objects, base_sha, head_sha)
        made = await read_authorship(read.objects, found.merge_base, head_sha)
        since = await changed_since(read.objects, read.index, found)
        return head_sha, ProposedChange(
            found.merge_base, found.files, made.author, made.title, made.when or 0, made.others, since=since
        )

    @asynccontextmanager
    async def _history(self) -> AsyncIterator["_History"]:
        newest = await default_branch_head(self.git_dir) or await resolve(self.git_dir, "HEAD")
        if newest is None:
            raise GiveUp(f"{self.folder} has no commits yet.")
        index = kept_index(self.git_dir)
        async with isolated(self.git_dir) as objects:
            if not await update_index(objects, index, newest):
                raise GiveUp("The history could not be read now. The standard error of `gitinsight mcp` says why.")
            yield _History(objects, index, newest)


@dataclass(frozen=True, slots=True)
class _History:
    """objects: the isolated repository. newest: the head of the default branch, up to which the index is updated."""

    objects: Path
    index: Path
    newest: str


async def open_clone(path: Path) -> Clone:
    """Return the clone that a folder belongs to. Raises GiveUp."""
    git_dir = await git_dir_of(path)
    folder = path.resolve()
    root = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)
    return Clone(root, git_dir)


def inside(folder: Path, path: str) -> str:
    """Return a path as git writes it, relative to the clone. Raises GiveUp for a path outside of it.

    Paths are only compared with those in the history; no such file is opened.
    """
    absolute = os.path.normpath(folder / path)
    try:
        relative = PurePosixPath(absolute).relative_to(folder)
    except ValueError:
        raise GiveUp(f"{path!r} is outside of the clone.") from None
    if "\0" in path or relative == PurePosixPath():
        raise GiveUp(f"{path!r} is no path of a file.")
    return str(relative)
