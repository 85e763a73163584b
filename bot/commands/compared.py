"""What `preview` compares with what, in one line."""

from dataclasses import dataclass
from pathlib import Path

from bot.git.run import EMPTY_TREES, GitError, checked_sha, git
from bot.text import count, plain

_REMOTES, _HEADS = "refs/remotes/", "refs/heads/"
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit, and the name under which it was found."""

    name: str
    sha: str

    def __str__(self) -> str:
        """The name with the abbreviated sha, or the latter alone if it is the name."""
        short = self.sha[:_SHOWN]
        return short if not self.name or self.sha.startswith(self.name) else f"{plain(self.name, 80)} ({short})"


@dataclass(frozen=True, slots=True)
class Compared:
    """The two ends of a preview.

    merge_base: the commit that the head is compared with.
    commits: how many the head has that the base has not; None: the head is not committed yet.
    files: how many differ.
    """

    base: Revision
    head: Revision
    merge_base: str
    commits: int | None
    files: int

    @property
    def sentence(self) -> str:
        """Plain text."""
        files = count(self.files, "file")
        what = f"{self.head.name} ({files})" if self.commits is None else (
            f"{self.head}, {count(self.commits, 'commit')}, {files}"
        )  # fmt: skip
        if self.base.sha in EMPTY_TREES:
            return f"Compared: {what}, with nothing: there is no commit before it."
        since = "" if self.merge_base == self.base.sha else f", merge base {self.merge_base[:_SHOWN]}"
        return f"Compared: {what}, with {self.base}{since}."


async def branch_name(git_dir: Path, name: str) -> str:
    """Return the short name of the branch that a symbolic ref such as HEAD names; else the name itself, shortened."""
    try:
        name = (await git(git_dir, "symbolic-ref", "--quiet", name)).decode("utf-8", "replace").strip()
    except GitError:
        pass
    return name.removeprefix(_REMOTES).removeprefix(_HEADS)


async def count_commits(objects: Path, base: str, head: str) -> int:
    """Return how many commits the head has that the base has not. base: a commit, or the empty tree."""
    without = () if base in EMPTY_TREES else (f"^{checked_sha(base)}",)
    return int(await git(objects, "rev-list", "--count", checked_sha(head), *without, "--"))


async def count_files(objects: Path, base: str, head: str) -> int:
    """Return how many files differ. A renamed file counts once, where the clone has its contents."""
    ends = ("--end-of-options", checked_sha(base), checked_sha(head))
    try:
        found = await git(objects, "diff-tree", "-r", "-z", "-M", "--name-only", *ends)
    except GitError:  # a partial clone lacks contents
        found = await git(objects, "diff-tree", "-r", "-z", "--no-renames", "--name-only", *ends)
    return found.count(b"\0")
