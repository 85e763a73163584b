"""The git side of the served repository: its commits, its refs, and how large a pull request is."""

import asyncio
from contextlib import suppress
from pathlib import Path

from bot.git.run import SHA, GitError
from bot.git.shallow import is_shallow
from bot.local import git_commits, git_repository
from bot.local.git_repository import existing
from bot.local.records import PullRequest
from bot.local.state import State


class ServedGit:
    """Asks git about the served repository. folder: the bare repository."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._at_once = asyncio.Semaphore(4)

    async def has_commit(self, sha: str) -> bool:
        """Return whether the text is the full sha of an existing commit."""
        return bool(SHA.fullmatch(sha)) and bool(await existing(self._folder, [sha]))

    async def resolve(self, name: str) -> str | None:
        """Return the sha of the commit that a sha, a branch or a tag names, or None."""
        return await git_commits.resolve(self._folder, name)

    async def parent(self, sha: str) -> str | None:
        """Return the first parent of a commit, or None."""
        found = await git_commits.commit(self._folder, sha)
        return found.parents[0] if found and found.parents else None

    async def write_refs(self, state: State, default_branch: str) -> None:
        """Write the refs: the stored branches, the head of each pull request, and the base of each replayed one."""
        refs = {f"refs/heads/{pull.base_ref}": pull.base_sha for pull in state.pulls if pull.replayed}
        refs |= {f"refs/heads/{branch.name}": branch.sha for branch in state.branches}
        refs |= {f"refs/pull/{pull.number}/head": pull.head_sha for pull in state.pulls}
        commits = await existing(self._folder, sorted(set(refs.values())))
        kept = {name: sha for name, sha in refs.items() if sha in commits}
        await git_repository.write_refs(self._folder, kept, default_branch)

    async def measure(self, pull: PullRequest) -> None:
        """Count the commits, files and lines of a pull request."""
        with suppress(GitError):  # a partial clone may lack objects of the comparison
            async with self._at_once:
                base = await git_commits.merge_base(self._folder, pull.base_sha, pull.head_sha)
                if base is None and is_shallow(self._folder):
                    return
                size = await git_commits.diff_size(self._folder, base or pull.base_sha, pull.head_sha)
                pull.commits = await git_commits.count(self._folder, pull.head_sha, pull.base_sha)
            pull.changed_files, pull.additions = size.changed_files, size.additions
            pull.deletions = size.deletions
