"""Reads the newest changes of the base branch (one per first-parent commit) with their line counts, from `git log`."""

from pathlib import Path

from bot.domain.files import PastChange, PastFile
from bot.git.parse import ParseError
from bot.git.run import EMPTY_TREE, checked_sha, git
from bot.paths import path_text
from bot.process import MIB

PAST_CHANGES = 300
_RECORD = b"\x1e"


async def past_changes(repository: Path, sha: str, limit: int = PAST_CHANGES) -> tuple[PastChange, ...]:
    """Return the newest `limit` first-parent commits up to and including `sha`, newest first. Raises GitError.

    A merge is compared with its first parent, so its files are those of the merged pull request.
    """
    if sha == EMPTY_TREE:
        return ()
    output = await git(
        repository,
        "log",
        f"--max-count={limit}",
        "--first-parent",
        "--diff-merges=first-parent",
        "--root",
        "--numstat",
        "-M",
        "-l200",
        "-z",
        "--no-ext-diff",
        "--no-textconv",
        "--no-show-signature",
        "--no-mailmap",
        "--format=format:%x1e%H%x00%ct%x00%s",
        "--end-of-options",
        checked_sha(sha),
        "--",
        timeout=30,
    )
    return tuple(_change(record) for record in output.split(_RECORD)[1:])


async def messages(repository: Path, base: str, head: str) -> str:
    """Return the messages of the newest 250 commits of a head that its base does not have. Raises GitError."""
    form = ("--format=%B", "--no-show-signature", "--no-patch", "--max-count=250")
    shas = (checked_sha(head), f"^{checked_sha(base)}")
    output = await git(repository, "log", *form, "--end-of-options", *shas, "--", timeout=30, max_output=4 * MIB)
    return output.decode("utf-8", "replace")


def _change(record: bytes) -> PastChange:
    """Parse `sha NUL time NUL subject NUL|LF numstat…`. With -z, the numstat of a commit follows its subject line."""
    sha, when, rest = record.split(b"\0", 2)
    subject, _, numstat = rest.partition(b"\n")
    return PastChange(sha.decode(), int(when), subject.strip(b"\0").decode("utf-8", "replace"), _files(numstat))


def _files(numstat: bytes) -> tuple[PastFile, ...]:
    fields = iter(numstat.split(b"\0"))
    files = []
    for field in fields:
        if not field:
            continue
        added, separator, rest = field.partition(b"\t")
        deleted, _, path = rest.partition(b"\t")
        if not separator:
            raise ParseError("a numstat record without tabs")
        if not path:
            next(fields, b"")
            path = next(fields, b"")
        files.append(PastFile(path_text(path), _count(added), _count(deleted)))
    return tuple(files)


def _count(text: bytes) -> int:
    return 0 if text == b"-" else int(text)
