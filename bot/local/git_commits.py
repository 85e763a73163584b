"""Commits and diffs of the served repository, read with git for the stand-in's API and pages."""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.git.run import EMPTY_TREE, GitError, checked_sha, git

_FORMAT = "%x01%H%x00%T%x00%P%x00%cI%x00%an%x00%ae%x00%cn%x00%ce%x00%B%x00"
# Messages and paths cannot contain a NUL, so only the start of a commit matches.
_START = re.compile("\x01(?=[0-9a-f]{40}\0[0-9a-f]{40}\0)")
_MAX_FILES = 3000


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. added, removed, modified: the paths that differ from its first parent."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    timestamp: str
    author_name: str
    author_email: str
    committer_name: str
    committer_email: str
    message: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0].strip()


@dataclass(frozen=True, slots=True)
class DiffSize:
    """The size of a change: files, added lines, deleted lines."""

    changed_files: int
    additions: int
    deletions: int


async def log(repository: Path, head: str, *options: str, limit: int, files: bool = False) -> list[Commit]:
    """Return the commits reachable from head, newest first.

    options: options of git-log, or `^sha`. They must not contain text of the repository.
    files: also read the paths that each commit changed.
    """
    form = ["--name-status", "-z", "--diff-merges=first-parent", "--no-renames"] if files else ["-z"]
    out = await git(
        repository, "log", f"--format={_FORMAT}", f"--max-count={limit}", *form, *options, checked_sha(head), "--"
    )
    return [_parse(block) for block in _START.split(out.decode("utf-8", "replace"))[1:]]


def _parse(block: str) -> Commit:
    sha, tree, parents, when, an, ae, cn, ce, message, *rest = block.split("\0")
    names = [part.lstrip("\n") for part in rest if part.strip()][: 2 * _MAX_FILES]
    touched: dict[str, list[str]] = {"A": [], "D": [], "M": []}
    for status, path in zip(names[::2], names[1::2], strict=False):
        touched.get(status[:1], touched["M"]).append(path)
    lists = (tuple(touched[status]) for status in "ADM")
    return Commit(sha, tree, tuple(parents.split()), when, an, ae, cn, ce, message.rstrip("\n"), *lists)


async def commit(repository: Path, sha: str) -> Commit | None:
    """Return one commit, or None if it does not exist."""
    try:
        found = await log(repository, sha, limit=1, files=True)
    except GitError:
        return None
    return found[0] if found else None


async def count(repository: Path, head: str, base: str) -> int:
    """Return the number of commits that head has and base does not have."""
    out = await git(repository, "rev-list", "--count", checked_sha(head), f"^{checked_sha(base)}", "--")
    return int(out)


async def is_ancestor(repository: Path, old: str, new: str) -> bool:
    """Return whether new contains old."""
    try:
        await git(repository, "merge-base", "--is-ancestor", checked_sha(old), checked_sha(new))
    except GitError:
        return False
    return True


async def merge_base(repository: Path, first: str, second: str) -> str | None:
    """Return the best common ancestor of two commits, or None if they have none."""
    try:
        return (await git(repository, "merge-base", checked_sha(first), checked_sha(second))).decode().strip()
    except GitError:
        return None


async def diff_size(repository: Path, old: str, new: str) -> DiffSize:
    """Return how many files and lines differ between two commits."""
    out = await git(repository, "diff", "--no-ext-diff", "--no-textconv", "--numstat", old, checked_sha(new), "--")
    lines = [line.split(b"\t") for line in out.splitlines()]
    added = sum(int(line[0]) for line in lines if line[0].isdigit())
    deleted = sum(int(line[1]) for line in lines if line[1].isdigit())
    return DiffSize(len(lines), added, deleted)


async def patch(repository: Path, old: str | None, new: str, *, max_output: int) -> str:
    """Return the unified diff, with renames. old None: every file is new. Raises GitError if it is too large."""
    out = await git(
        repository,
        "diff",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "--find-renames",
        "--full-index",
        "--src-prefix=a/",
        "--dst-prefix=b/",
        checked_sha(old) if old else EMPTY_TREE,
        checked_sha(new),
        "--",
        max_output=max_output,
    )
    return out.decode("utf-8", "replace")


async def resolve(repository: Path, name: str) -> str | None:
    """Return the sha of the commit that a sha, a branch or a tag names, or None."""
    for candidate in (name, f"refs/heads/{name}", f"refs/tags/{name}"):
        if candidate.startswith("-") or "\n" in candidate:
            continue
        try:
            out = await git(
                repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{candidate}^{{commit}}"
            )
        except GitError:
            continue
        return out.decode().strip()
    return None
