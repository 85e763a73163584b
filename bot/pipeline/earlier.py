"""Reads the earlier commits that a change may undo or bring back: chosen from the index, their patches from git.

Bounded in commits, lines, bytes and time. Without them the analyzers of `bot/analysis/past` are silent.
"""

import asyncio
import logging
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bot.analysis.dependency.formats import format_of
from bot.domain.earlier import Earlier, EarlierCommit, EarlierFile
from bot.domain.files import FileChange
from bot.errors import ObjectsMissing
from bot.git.contents import decoded
from bot.git.history_stream import patches_of
from bot.git.log import messages
from bot.git.run import EMPTY_TREES, GitError, checked_sha, git
from bot.git.stream import Stream
from bot.history.earlier import Choice, Chosen, choose_earlier
from bot.history.index import opened
from bot.history.patch import added_lines, deleted_lines
from bot.history.proposal import ProposedChange, as_of, person_of
from bot.history.records import ChangeRecord, read_changes
from bot.history.revisions import read_patches
from bot.history.schema import IndexUnusable
from bot.process import MIB
from bot.scan.scanners import is_scanned

log = logging.getLogger(__name__)

_SECONDS = 10.0
_MAX_BYTES = 16 * MIB
_MAX_PATCH = 2 * MIB
_MAX_LINES = 30_000  # of all commits
_MAX_LINE = 400  # characters
_MAX_MESSAGE = 20_000
_MAX_BODY = 600
_UNCHECKED = re.compile(r"\s*[-*+] \[ \]")
_MAX_ANCESTORS = 50_000
# What git and GitHub write below a message.
_TRAILER = re.compile(
    r"(?i)^[a-z]+-[\w-]+: |^this reverts commit [0-9a-f]{7,64}\W*$|^reverts [\w./-]*#\d+\W*$|^\(?cherry[- ]picked from"
)
# As GitHub writes it for a merge and for a squash.
_PULL = re.compile(r"^Merge pull request #(\d{1,9})\b|\(#(\d{1,9})\)\s*$")


async def read_earlier(index: Path, repository: Path, change: ProposedChange, head: str) -> Earlier:
    """Read the earlier commits of a change.

    index: the path of the history index. head: the sha of the change.
    """
    if change.base in EMPTY_TREES:
        return Earlier()
    try:
        choice, person = await asyncio.to_thread(_choose, index, change)
        chosen = await _ancestors(repository, change.base, choice)
        if not chosen:
            return Earlier()
        message = await messages(repository, change.base, head)
        commits = await asyncio.to_thread(_read, repository, chosen, choice.renamed, person)
    except (IndexUnusable, GitError, ObjectsMissing, ValueError) as problem:
        log.warning("the earlier commits of a change cannot be read: %s: %s", index.name, problem)
        return Earlier()
    return Earlier(commits, f"{change.title}\n{message}"[:_MAX_MESSAGE])


def with_body(earlier: Earlier, body: str) -> Earlier:
    """Add what a person wrote in the body of the pull request, without what a template usually holds there."""
    if not earlier.commits or not body:
        return earlier
    first, *others = body[:_MAX_MESSAGE].split("<!--")
    text = "".join((first, *(one.partition("-->")[2] for one in others)))
    lines = (line for line in text.split("\n") if not _UNCHECKED.match(line))
    return replace(earlier, message="\n".join((earlier.message, *lines)))


def _choose(path: Path, change: ProposedChange) -> tuple[Choice, int | None]:
    with opened(path) as newest:
        index = as_of(newest, change.base)
        if not index.changes or not index.has_lines:
            return Choice(), None
        files = [file for file in change.files if file.left_out is None]
        now = max(change.now, index.clock)
        choice = choose_earlier(index, change.base, files, [file for file in files if _can_be_cleared(file)], now)
        return choice, person_of(index, change.author)


def _can_be_cleared(file: FileChange) -> bool:
    """Return whether a scanner or the parser of a manifest reads the file, and the change adds lines."""
    form = format_of(file.path)
    return any(hunk.new_count for hunk in file.hunks) and (
        is_scanned(file.path) or (form is not None and not form.manifest)
    )


async def _ancestors(repository: Path, base: str, choice: Choice) -> tuple[Chosen, ...]:
    """Return the chosen commits that the merge base contains. On the default branch the index knows that they are."""
    if choice.on_branch or not choice.commits:
        return choice.commits
    since = min(one.when for one in choice.commits) - 1
    options = (f"--since={since}", f"--max-count={_MAX_ANCESTORS}", "--end-of-options", checked_sha(base))
    known = set((await git(repository, "rev-list", *options, timeout=_SECONDS)).decode().split())
    return tuple(one for one in choice.commits if one.sha in known)


def _read(
    repository: Path, chosen: Sequence[Chosen], renamed: dict[str, str], person: int | None
) -> tuple[EarlierCommit, ...]:
    by_sha = {one.sha: one for one in chosen}
    found = []
    left = _MAX_LINES
    deadline = time.monotonic() + _SECONDS
    with closing(patches_of(repository, list(by_sha), _SECONDS)) as stream:
        for record in read_changes(_limited(stream), _MAX_PATCH):
            files = _files(record, renamed)
            left -= sum(len(file.added) + len(file.deleted) for file in files)
            if left < 0 or time.monotonic() > deadline:
                break
            if (one := by_sha.get(record.sha)) is not None and record.complete:
                found.append(_commit(one, record, files, person))
    return tuple(found)


def _limited(stream: Stream) -> Iterator[bytes]:
    left = _MAX_BYTES
    for chunk in stream:
        yield chunk
        left -= len(chunk)
        if left < 0:
            return


def _commit(one: Chosen, record: ChangeRecord, files: tuple[EarlierFile, ...], person: int | None) -> EarlierCommit:
    return EarlierCommit(
        sha=one.sha,
        when=one.when,
        subject=one.subject,
        body=_body(record.message, one.subject),
        is_fix=one.is_fix,
        is_revert=one.is_revert,
        is_clearing=one.is_clearing,
        issues=one.issues,
        pull=int(match[1] or match[2]) if (match := _PULL.search(record.message.split("\n", 1)[0])) else None,
        reverts=one.reverts,
        same_author=person is not None and one.person == person,
        files=files,
    )


def _body(message: str, subject: str) -> str:
    """Return what the message says below its subject, without trailers and git's own sentences."""
    lines = (line.strip() for line in message.split("\n")[1:])
    return "\n".join(line for line in lines if line not in {"", subject} and not _TRAILER.match(line))[:_MAX_BODY]


def _files(record: ChangeRecord, renamed: dict[str, str]) -> tuple[EarlierFile, ...]:
    patches, _ = read_patches(record, lines=True)
    return tuple(
        EarlierFile(
            path=renamed.get(entry.path, entry.path),
            status=entry.status,
            added=_texts(line for body in patch.bodies for line in added_lines(body)),
            deleted=_texts(
                line
                for (_, count, _, _), body in zip(patch.hunks, patch.bodies, strict=True)
                for line in deleted_lines(body, count)
            ),
        )
        for entry, patch in zip(record.entries, patches, strict=True)
        if patch.readable and not entry.submodule
    )


def _texts(lines: Iterator[bytes]) -> tuple[str, ...]:
    return tuple(decoded(line[:_MAX_LINE]).rstrip("\r") for line in lines)
