"""The first-parent history of a branch as one stream of bytes, for the history index (`bot/history`).

Two streams: *changes* (`log -p -U0 --raw`, oldest first; a merge is compared with its first parent) and *sides*
(who wrote the commits that merges brought in; no diff). Every record begins with a separator that is drawn anew for
each stream, so that nothing in a repository can contain it; the reader learns it from the first bytes.
`bot/history/records.py` documents both record forms.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.git.gaps import MAX_STAND_INS, blobs_of, is_there, missing, stand_ins
from bot.git.run import SHA, GitError, checked_sha
from bot.git.stream import Stream

_SECONDS = 1_800
_CHANGES = (
    "-p", "-U0", "--raw", "-z", "-m", "--diff-merges=first-parent", "--root", "--no-abbrev", "--full-index",
    "-M", "-l1000", "-O/dev/null", "--inter-hunk-context=0", "--diff-algorithm=myers", "--indent-heuristic",
    "--no-relative", "--submodule=short", "--ignore-submodules=none", "--no-color", "--no-color-moved",
    "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip
# Without contents: renames of equal files only, which git tells by the object id alone.
_RAW = ("--raw", "-z", "-m", "--diff-merges=first-parent", "--root", "--no-abbrev", "-M100%", "-O/dev/null",
        "--no-relative", "--ignore-submodules=none", "--no-color")  # fmt: skip
_PLAIN = ("--no-show-signature", "--no-notes", "--no-mailmap", "--encoding=UTF-8", "--ignore-missing")


@dataclass(frozen=True, slots=True)
class HistorySource:
    """What the index reads of one repository up to `head`: a full sha. `limit`: first-parent commits, newest kept.

    lines: False where contents are missing, so that no patch can be read. gap: a missing object, if any is known.
    """

    repository: Path
    head: str
    limit: int = 100_000
    timeout: float = _SECONDS
    lines: bool = True
    gap: str = ""
    env: Mapping[str, str] = field(default_factory=dict)

    def changes(self, since: str | None = None) -> Stream:
        """Chunks of the change stream after `since`, or of the newest `limit` commits.

        A `since` that is not there is as good as None, and one that is no ancestor takes away what it can reach:
        the reader compares the first record's parent with what it has. Raises GitError, which is an ObjectsMissing too
        where git lacks an object: read on with `despite_gaps`.
        """
        pattern = "%H%x00%P%x00%an%x00%ae%x00%at%x00%ct%x00%B%x00"
        walk = ("--first-parent", "--reverse", f"--max-count={self.limit}")
        return self._log(pattern, (*walk, *(_CHANGES if self.lines else _RAW)), since)

    def sides(self, since: str | None = None) -> Stream:
        """Chunks of the side stream: all commits after `since`, newest first, with parents and author."""
        return self._log("%H%x00%P%x00%an%x00%ae%x00", ("-z", "--no-patch", f"--max-count={10 * self.limit}"), since)

    @contextmanager
    def despite_gaps(self, since: str | None = None) -> "Iterator[HistorySource]":
        """The same history after `since` where blobs are missing: as binary files while they are few; without any
        lines where they are many. Raises GitError when nothing is missing.
        """
        walk = ("--first-parent", f"--max-count={self.limit}")
        blobs = blobs_of(self._log("", (*walk, *_RAW, "--no-renames"), since))
        gaps = missing(self.repository, blobs)
        if not gaps:
            raise GitError("no object is missing, and the history cannot be read all the same")
        if len(gaps) > min(MAX_STAND_INS, len(blobs) / 2):
            yield replace(self, lines=False, gap=gaps[0])
            return
        with stand_ins(gaps) as env:
            yield replace(self, gap=gaps[0], env=env)

    def without_lines(self) -> "HistorySource":
        """The same history without any patch."""
        return replace(self, lines=False)

    def filled(self, gap: str) -> bool:
        """Whether an object that was missing is there now."""
        return is_there(self.repository, gap)

    def _log(self, pattern: str, options: Sequence[str], since: str | None) -> Stream:
        separator = f"%x1e{secrets.token_hex(16)}%x00"
        revisions = [checked_sha(self.head), *([f"^{checked_sha(since)}"] if since else [])]
        argv = ["git", f"--git-dir={self.repository}", "--literal-pathspecs", "log", *_PLAIN, *options]
        argv += [f"--format=format:{separator}{pattern}", "--end-of-options", *revisions, "--"]
        return Stream(argv, self.repository, self.timeout, self.env)


def is_shallow(repository: Path) -> bool:
    """Whether history was cut off when the repository was cloned."""
    return (repository / "shallow").is_file()


def mailmap_bytes(repository: Path, head: str, limit: int = 1024 * 1024) -> bytes:
    """`.mailmap` of a commit; empty when there is none, or when it is larger than `limit` bytes."""
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
    """The sha that a ref of ours names, or None in an empty repository."""
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
