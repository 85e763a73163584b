"""Update the history index, and read from it what analyzers may see.

The index is a cache: whatever is wrong with it costs the remarks that rest on it, and nothing else.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.domain.files import FileChange
from bot.domain.history import FileHistory, HistoryFacts
from bot.errors import RetryLater
from bot.git.history_stream import HistorySource, is_shallow, mailmap_bytes
from bot.git.run import GitError
from bot.history.build import Progress, update
from bot.history.index import HistoryIndex, file_histories, opened
from bot.history.labels import known_faulty
from bot.history.messages import Kind, read_message
from bot.history.people import Ident
from bot.history.proposal import as_of, hottest, person_of, proposed_features
from bot.history.schema import IndexUnusable
from bot.learning.risk_model import assess_risk, model_folder

log = logging.getLogger(__name__)
_MOST_FILES = 100
_MOST_CONTRIBUTORS = 30
_WAIT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """A change that is not merged yet.

    base: the commit it starts from; nothing later counts.
    author: of its head. message: its title, which says whether it is a fix. now: Unix seconds, of its head.
    """

    base: str
    files: Sequence[FileChange]
    author: Ident | None
    message: str
    now: int


async def update_index(repository: Path, index: Path, head: str, progress: Progress | None = None) -> bool:
    """Update the index to `head`; False when that was not possible now."""

    def run() -> None:
        source = HistorySource(repository, head)
        mailmap = mailmap_bytes(repository, head)
        update(index, source, mailmap=mailmap, shallow=is_shallow(repository), progress=progress, wait=_WAIT_SECONDS)

    try:
        await asyncio.to_thread(run)
    except (RetryLater, GitError, IndexUnusable, OSError) as problem:
        log.warning("the history index of %s could not be updated: %s", repository.name, problem)
        return False
    return True


def history_facts(path: Path, change: ProposedChange) -> HistoryFacts | None:
    """What the index at `path` says of a change, as of its base; None where it cannot be read, or is empty."""
    try:
        with opened(path) as index:
            return _facts(as_of(index, change.base), change, model_folder(path))
    except IndexUnusable as problem:
        log.warning("the history index %s cannot be read: %s", path.name, problem)
        return None


def _facts(index: HistoryIndex, change: ProposedChange, models: Path) -> HistoryFacts | None:
    if not index.changes:
        return None
    now = max(change.now, index.clock)
    author = person_of(index, change.author)
    is_fix = read_message(change.message).kind is Kind.FIX
    return HistoryFacts(
        now=now,
        changes=index.changes,
        known_faulty=known_faulty(index),
        files=_files(index, change.files, now),
        author=author,
        hottest=hottest(index, now),
        risk=assess_risk(index, models, proposed_features(index, change.files, author=author, now=now, fix=is_fix)),
        truncated=index.is_truncated,
    )


def _files(index: HistoryIndex, files: Sequence[FileChange], now: int) -> tuple[FileHistory, ...]:
    """The past of the changed files, under their paths at the head, with the contributors who own lines."""
    before = {file.path: file.old_path or file.path for file in files if file.left_out is None}
    before = dict(list(before.items())[:_MOST_FILES])
    found = file_histories(index, list(before.values()), now)
    return tuple(
        replace(past, path=path, contributors=tuple(one for one in past.contributors if one.lines)[:_MOST_CONTRIBUTORS])
        for path, old_path in before.items()
        if (past := found.get(old_path)) is not None
    )
