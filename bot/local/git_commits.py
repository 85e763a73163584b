"""Commits and diffs of the served repository, read with git for the stand-in's API and pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.git.run import EMPTY_TREE, GitError, checked_sha, git

_FORMAT = "%x01%H%x00%T%x00%P%x00%cI%x00%an%x00%ae%x00%cn%x00%ce%x00%B%x00"
_FIELDS = _FORMAT.count("%x00")
# A commit without a date, and one with a date beyond the year 9999.
_NO_DATE = "1970-01-01T00:00:00+00:00"
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
        repository,
        "log",
        "--encoding=UTF-8",
        f"--format={_FORMAT}",
        f"--max-count={limit}",
        *form,
        *options,
        checked_sha(head),
        "--",
    )
    return list(_commits(out.decode("utf-8", "replace").split("\0")))


def _commits(fields: list[str]) -> Iterator[Commit]:
    """Parse the fields of each commit, then pairs of status and path. Only NUL separates: a message may contain 0x01.

    A status is a letter, so 0x01 in its place begins the next commit.
    """
    position = 0
    while position < len(fields):
        field = fields[position].lstrip("\n")
        if field[:1] != "\x01":
            position += 1
            continue
        sha, tree, parents, when, an, ae, cn, ce, message = (field[1:], *fields[position + 1 : position + _FIELDS])
        touched, position = _touched(fields, position + _FIELDS)
        lists = (tuple(touched[status]) for status in "ADM")
        yield Commit(sha, tree, tuple(parents.split()), _date(when), an, ae, cn, ce, message.rstrip("\n"), *lists)


def _touched(fields: list[str], position: int) -> tuple[dict[str, list[str]], int]:
    """Return the paths of one commit by status, and the position after them."""
    touched: dict[str, list[str]] = {"A": [], "D": [], "M": []}
    size = 0
    while position < len(fields) and (status := fields[position].lstrip("\n"))[:1] != "\x01":
        if not status:
            position += 1
            continue
        if size < _MAX_FILES and position + 1 < len(fields):
            touched.get(status[:1], touched["M"]).append(fields[position + 1])
            size += 1
        position += 2
    return touched, position


def _date(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return _NO_DATE
    return text


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
