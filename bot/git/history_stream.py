"""Streams the history of a branch from git to the history index (`bot/history`).

There are two streams:
- changes: the first-parent commits with their diffs (`log -p -U0 --raw`), oldest first. A merge is compared with its
  first parent.
- sides: the authors of all commits, including those that merges brought in; without diffs.

Each record begins with a separator. The separator is random and new for each stream, so that no content of a
repository can imitate it. The reader takes it from the first bytes. `bot/history/records.py` documents both formats.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.git.gaps import MAX_PLACEHOLDERS, blobs_of, has_object, missing, placeholders
from bot.git.run import SHA, GitError, checked_sha
from bot.git.stream import Stream

_SECONDS = 1_800
_CHANGES = (
    "-p", "-U0", "--raw", "-z", "-m", "--diff-merges=first-parent", "--root", "--no-abbrev", "--full-index",
    "-M", "-l1000", "-O/dev/null", "--inter-hunk-context=0", "--diff-algorithm=myers", "--indent-heuristic",
    "--no-relative", "--submodule=short", "--ignore-submodules=none", "--no-color", "--no-color-moved",
    "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip
# Without contents, git can find renames of equal files only: it compares the object ids.
_RAW = ("--raw", "-z", "-m", "--diff-merges=first-parent", "--root", "--no-abbrev", "-M100%", "-O/dev/null",
        "--no-relative", "--ignore-submodules=none", "--no-color")  # fmt: skip
_FIELDS = "%H%x00%P%x00%an%x00%ae%x00%at%x00%ct%x00%cn%x00%ce%x00%B%x00"
_PLAIN = ("--no-show-signature", "--no-notes", "--no-mailmap", "--encoding=UTF-8", "--ignore-missing")


@dataclass(frozen=True, slots=True)
class HistorySource:
    """The history of one repository up to a commit.

    head: the full sha of the newest commit.
    limit: the maximum number of first-parent commits; the newest are kept.
    timeout: seconds for each git process.
    lines: whether patches are read; False if the clone lacks their contents.
    gap: the id of a missing object, if one is known.
    env: additional environment variables for git.
    """

    repository: Path
    head: str
    limit: int = 100_000
    timeout: float = _SECONDS
    lines: bool = True
    gap: str = ""
    env: Mapping[str, str] = field(default_factory=dict)

    def changes(self, since: str | None = None) -> Stream:
        """Return the change stream after `since`, or of the newest `limit` commits.

        A missing `since` has the same effect as None. A `since` that is no ancestor of head excludes the commits that
        it can reach; the reader detects this from the parent of the first record.
        Iteration raises GitError. If an object is missing, the error is also an ObjectsMissing, and the caller can
        continue with `despite_gaps`.
        """
        walk = ("--first-parent", "--reverse", f"--max-count={self.limit}")
        return self._log(_FIELDS, (*walk, *(_CHANGES if self.lines else _RAW)), since)

    def sides(self, since: str | None = None) -> Stream:
        """Return the side stream: all commits after `since` with parents and author, newest first."""
        return self._log("%H%x00%P%x00%an%x00%ae%x00", ("-z", "--no-patch", f"--max-count={10 * self.limit}"), since)

    @contextmanager
    def despite_gaps(self, since: str | None = None) -> "Iterator[HistorySource]":
        """Yield the same history after `since` in a form that can be read although blobs are missing.

        If few blobs are missing, they appear as binary files. If many are missing, no patches are read.
        Raises GitError if no blob is missing.
        """
        walk = ("--first-parent", f"--max-count={self.limit}")
        blobs = blobs_of(self._log("", (*walk, *_RAW, "--no-renames"), since))
        gaps = missing(self.repository, blobs)
        if not gaps:
            raise GitError("git cannot read the history although no object is missing")
        if len(gaps) > min(MAX_PLACEHOLDERS, len(blobs) / 2):
            yield replace(self, lines=False, gap=gaps[0])
            return
        with placeholders(gaps) as env:
            yield replace(self, gap=gaps[0], env=env)

    def without_lines(self) -> "HistorySource":
        """Return the same history without patches."""
        return replace(self, lines=False)

    def filled(self, gap: str) -> bool:
        """Return whether the repository now has an object that was missing."""
        return has_object(self.repository, gap)

    def _log(self, pattern: str, options: Sequence[str], since: str | None) -> Stream:
        separator = f"%x1e{secrets.token_hex(16)}%x00"
        revisions = [checked_sha(self.head), *([f"^{checked_sha(since)}"] if since else [])]
        argv = ["git", f"--git-dir={self.repository}", "--literal-pathspecs", "log", *_PLAIN, *options]
        argv += [f"--format=format:{separator}{pattern}", "--end-of-options", *revisions, "--"]
        return Stream(argv, self.repository, self.timeout, self.env)


def patches_of(repository: Path, shas: Sequence[str], timeout: float) -> Stream:
    """Return the change stream of some commits only, in this order. A missing commit is left out.

    timeout: seconds. Iteration raises GitError.
    """
    pattern = f"%x1e{secrets.token_hex(16)}%x00{_FIELDS}"
    argv = ["git", f"--git-dir={repository}", "--literal-pathspecs", "log", "--no-walk=unsorted", *_PLAIN, *_CHANGES]
    argv += [f"--format=format:{pattern}", "--end-of-options", *map(checked_sha, shas), "--"]
    return Stream(argv, repository, timeout)


def mailmap_bytes(repository: Path, head: str, limit: int = 1024 * 1024) -> bytes:
    """Return the `.mailmap` of a commit. It is empty if the file is missing or larger than `limit` bytes."""
    argv = ["git", f"--git-dir={repository}", "cat-file", "blob", f"{checked_sha(head)}:.mailmap"]
    try:
        with closing(Stream(argv, repository, 30)) as chunks:
            content = b""
            for chunk in chunks:
                content += chunk
                if len(content) > limit:
                    return b""
            return content
    except GitError:
        return b""


def tip(repository: Path, revision: str = "HEAD") -> str | None:
    """Return the sha of the commit that a revision names, or None."""
    argv = [
        "git",
        f"--git-dir={repository}",
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        revision + "^{commit}",
    ]
    try:
        with closing(Stream(argv, repository, 30)) as chunks:
            found = b"".join(chunks).decode("ascii", "replace").split()
    except GitError:
        return None
    return next((word for word in found if SHA.fullmatch(word)), None)
