"""From the history index to what analyzers may see of it. The index is a cache: whatever is wrong with it costs its
remarks and nothing else.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain.files import FileChange
from bot.domain.history import FileHistory, HistoryFacts, Owner
from bot.errors import RetryLater
from bot.git.history_stream import HistorySource, is_shallow, mailmap_bytes
from bot.git.run import GitError
from bot.history import facts as index_facts
from bot.history.build import Progress, update
from bot.history.index import DAY, HistoryIndex, facts_for, opened
from bot.history.people import Ident
from bot.history.proposal import as_of, hottest, person_of, revisions_before
from bot.history.schema import IndexUnusable
from bot.learning.risk_model import model_folder, risk_of

log = logging.getLogger(__name__)
_MOST_FILES = 100
_MOST_OWNERS = 30
_WAIT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change as the index is asked about it.

    base: the commit it starts from; nothing later is counted. message: its title, which says whether it mends
    something. now: Unix seconds, of its head.
    """

    base: str
    files: Sequence[FileChange]
    author: Ident | None
    message: str
    now: int


def index_path(repository: Path) -> Path:
    """Where a mirror's index lies."""
    return repository.with_name(repository.name + ".history.db")


async def update_index(repository: Path, index: Path, head: str, progress: Progress | None = None) -> bool:
    """Bring the index up to `head`; False when that was not possible now, which costs the history's remarks only."""

    def run() -> None:
        source = HistorySource(repository, head)
        mailmap = mailmap_bytes(repository, head)
        update(index, source, mailmap=mailmap, shallow=is_shallow(repository), progress=progress, wait=_WAIT_SECONDS)

    try:
        await asyncio.to_thread(run)
    except (RetryLater, GitError, IndexUnusable, OSError) as problem:
        log.warning("the history index of %s could not be brought up: %s", repository.name, problem)
        return False
    return True


def read_history(path: Path, proposal: Proposal) -> HistoryFacts | None:
    """What the index says of these files; None where it cannot be read."""
    try:
        with opened(path) as index:
            return _facts(as_of(index, proposal.base), proposal, model_folder(path))
    except IndexUnusable as problem:
        log.warning("the history index %s cannot be read: %s", path.name, problem)
        return None


def _facts(index: HistoryIndex, proposal: Proposal, models: Path) -> HistoryFacts | None:
    now = max(proposal.now, int(index.meta.get("clock", 0)))
    known = [file for file in proposal.files if file.left_out is None][:_MOST_FILES]
    found = facts_for(index, [file.old_path or file.path for file in known], now)
    if not found.changes:
        return None
    persons = {
        (name, email): number for number, name, email in index.connection.execute("SELECT id, name, email FROM persons")
    }
    author = person_of(index, proposal.author)
    return HistoryFacts(
        now=now,
        changes=found.changes,
        labelled=_labelled(index),
        files=tuple(
            _file(index, file.path, found.files[before], persons, now)
            for file in known
            if (before := file.old_path or file.path) in found.files
        ),
        author=author,
        hottest=hottest(index, now),
        risk=risk_of(index, models, proposal.files, author=author, message=proposal.message, now=now),
        truncated=found.partial,
    )


def _labelled(index: HistoryIndex) -> int:
    return int(index.connection.execute("SELECT count(DISTINCT brought) FROM links WHERE undone IS NULL").fetchone()[0])


def _file(
    index: HistoryIndex, path: str, past: index_facts.FileFacts, persons: dict[Ident, int], now: int
) -> FileHistory:
    year = 365 * DAY
    return FileHistory(
        path=path,
        revisions=past.revisions,
        revisions_year=past.revisions_365,
        revisions_quarter=past.revisions_90,
        revisions_year_before=revisions_before(index, past.path, now - 2 * year, now - year),
        churn_year=past.added_365 + past.deleted_365,
        lines=past.lines,
        first=past.first_change,
        last=past.last_change,
        fixes_year=past.fixes_365,
        fixes_quarter=len(past.fixes_90),
        owners=tuple(
            Owner(persons.get((one.name, one.email), 0), one.name, one.share, one.last_active, one.bot)
            for one in past.contributors[:_MOST_OWNERS]
            if one.lines
        ),
        companions=past.companions,
    )
