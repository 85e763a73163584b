"""Reads the newest changes of the base branch (one per first-parent commit) with their line counts, from `git log`."""

import time
from collections.abc import Iterator
from pathlib import Path

from bot.domain.files import PastChange, PastFile
from bot.git.parse import ParseError
from bot.git.run import EMPTY_TREES, SHA, MissingObject, checked_sha, git
from bot.git.shallow import cut_commits
from bot.paths import path_text
from bot.process import MIB

PAST_CHANGES = 300
_DAY = 24 * 60 * 60


async def past_changes(repository: Path, sha: str, limit: int = PAST_CHANGES) -> tuple[PastChange, ...]:
    """Return the newest `limit` first-parent commits up to and including `sha`, newest first. Raises GitError.

    A merge is compared with its first parent, so its files are those of the merged pull request. A commit whose
    parents a shallow clone lacks is left out, because git would compare it with the empty tree. A partial clone that
    lacks old contents has no past changes, because their lines cannot be counted.
    """
    if sha in EMPTY_TREES:
        return ()
    try:
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
            "--format=format:%H%x00%ct%x00%s%x00",
            "--end-of-options",
            checked_sha(sha),
            "--",
            timeout=30,
        )
    except MissingObject:
        return ()
    cut = cut_commits(repository)
    return tuple(change for change in parse_past_changes(output) if change.sha not in cut)


async def messages(repository: Path, base: str, head: str) -> str:
    """Return the messages of the newest 250 commits of a head that its base does not have. Raises GitError."""
    form = ("--format=%B", "--no-show-signature", "--no-patch", "--max-count=250")
    shas = (checked_sha(head), f"^{checked_sha(base)}")
    output = await git(repository, "log", *form, "--end-of-options", *shas, "--", timeout=30, max_output=4 * MIB)
    return output.decode("utf-8", "replace")


def known_time(text: bytes) -> int | None:
    """Return the time of a commit in Unix seconds, or None if it has no known date.

    The date of a commit may be missing, negative or larger than any date. A date after tomorrow is not known either:
    the clock that wrote it was wrong, and everything else would be old beside it.
    """
    if not text.isdigit() or len(text) > 12:
        return None
    seconds = int(text)
    return seconds if seconds <= time.time() + _DAY else None


def parse_past_changes(output: bytes) -> Iterator[PastChange]:
    """Parse `sha NUL time NUL subject NUL [LF numstat…]` of each commit. Raises ParseError.

    Only NUL separates, because a subject and a path may contain any other byte. A numstat record contains a tab, an
    object id does not.
    """
    fields = iter(output.split(b"\0"))
    field = next(fields, b"")
    while True:
        while not field:
            following = next(fields, None)
            if following is None:
                return
            field = following
        if not SHA.fullmatch(field.decode("ascii", "replace")):
            raise ParseError("not a record of the log")
        when, subject = next(fields, b""), next(fields, b"")
        files, rest = _files(fields)
        yield PastChange(field.decode(), known_time(when), subject.decode("utf-8", "replace"), files)
        field = rest


def _files(fields: Iterator[bytes]) -> tuple[tuple[PastFile, ...], bytes]:
    """Parse the numstat records of one commit. Returns also the first field after them."""
    files: list[PastFile] = []
    for field in fields:
        added, separator, rest = field.removeprefix(b"\n").partition(b"\t")
        if not separator:
            if field:
                return tuple(files), field
            continue
        deleted, _, path = rest.partition(b"\t")
        if not path:
            next(fields, b"")
            path = next(fields, b"")
        files.append(PastFile(path_text(path), _count(added), _count(deleted)))
    return tuple(files), b""


def _count(text: bytes) -> int:
    if text == b"-":
        return 0
    if not text.isdigit() or len(text) > 19:
        raise ParseError("not a number of lines")
    return int(text)
