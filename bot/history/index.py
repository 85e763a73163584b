"""Reading the index: `opened` it, then ask. All of it is synchronous and short; a torn file raises IndexUnusable."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.history import Fix
from bot.history.companions import companions_of
from bot.history.facts import FileFacts, HistoryFacts
from bot.history.ownership import contributors_of, persons_by_ordinal
from bot.history.schema import IndexUnusable, open_index

DAY = 86_400


@dataclass(frozen=True, slots=True)
class HistoryIndex:
    """An open index, for reading. Not to be shared between threads."""

    connection: sqlite3.Connection
    meta: dict[str, Any]


@contextmanager
def opened(path: Path) -> Iterator[HistoryIndex]:
    """An index of one moment: what a writer does meanwhile is not seen. Raises IndexUnusable, also while it is read."""
    connection = open_index(path)
    try:
        connection.execute("BEGIN")
        yield HistoryIndex(connection, dict(connection.execute("SELECT key, value FROM meta")))
    except sqlite3.DatabaseError as error:
        raise IndexUnusable(str(error)) from error
    finally:
        connection.close()


def facts_for(index: HistoryIndex, paths: Sequence[str], now: int, *, companions: bool = True) -> HistoryFacts:
    """The past of the files at `paths` (as of the index's head) and of their companions.

    now: Unix seconds that the windows of 90 and 365 days end at.
    """
    meta = index.meta
    files, windows = {}, _Windows.before(index.connection, now)
    persons = persons_by_ordinal(index.connection)
    for path in dict.fromkeys(paths):
        found = _file(index, path, windows, persons, companions)
        if found:
            files[path] = found
    return HistoryFacts(
        changes=meta.get("commits", 0),
        partial=bool(meta.get("shallow") or meta.get("truncated") or not meta.get("lines", 1)),
        lines=bool(meta.get("lines", 1)),
        files=files,
    )


@dataclass(frozen=True, slots=True)
class _Windows:
    """Ordinals: the last change at the moment asked for, and those after which its last 90 and 365 days begin.

    The index's clock never goes back, so that a window of time is one of ordinals, and no change need be looked at.
    """

    end: int
    quarter: int
    year: int

    @classmethod
    def before(cls, connection: sqlite3.Connection, now: int) -> "_Windows":
        query = "SELECT max(ordinal) FROM commits WHERE clock = (SELECT max(clock) FROM commits WHERE clock <= ?)"
        moments = (now, now - 90 * DAY, now - 365 * DAY)
        return cls(*(connection.execute(query, (moment,)).fetchone()[0] or 0 for moment in moments))


@dataclass(frozen=True, slots=True)
class _Counts:
    """The numbers of `FileFacts`."""

    revisions: int
    revisions_90: int
    revisions_365: int
    added: int
    deleted: int
    added_365: int
    deleted_365: int
    first_change: int
    last_change: int


def _file(
    index: HistoryIndex, path: str, windows: _Windows, persons: "NDArray[np.int64]", companions: bool
) -> FileFacts | None:
    connection = index.connection
    query = "SELECT id, alive, lines FROM entities WHERE path = ? AND path <> ''"
    row = connection.execute(query, (path,)).fetchone()
    if row is None or not row[1]:
        return None
    entity, _, lines = row
    counts = _counts(connection, entity, windows)
    fixes = _fixes(connection, entity, windows)
    return FileFacts(
        path=path,
        entity=entity,
        revisions=counts.revisions,
        revisions_90=counts.revisions_90,
        revisions_365=counts.revisions_365,
        added=counts.added,
        deleted=counts.deleted,
        added_365=counts.added_365,
        deleted_365=counts.deleted_365,
        fixes_90=tuple(fix for ordinal, fix in fixes if ordinal > windows.quarter),
        fixes_365=tuple(fix for _, fix in fixes),
        first_change=counts.first_change,
        last_change=counts.last_change,
        lines=lines,
        contributors=contributors_of(connection, entity, persons),
        companions=companions_of(connection, entity) if companions else (),
    )


def _counts(connection: sqlite3.Connection, entity: int, windows: _Windows) -> _Counts:
    row = connection.execute(
        "SELECT count(*), total(ordinal > ?1), total(ordinal > ?2), total(added), total(deleted),"
        " total(added * (ordinal > ?2)), total(deleted * (ordinal > ?2)), min(ordinal), max(ordinal)"
        " FROM revisions WHERE entity = ?3 AND ordinal <= ?4",
        (windows.quarter, windows.year, entity, windows.end),
    ).fetchone()
    clock = "SELECT clock FROM commits WHERE ordinal = ?"
    moments = [connection.execute(clock, (ordinal or 0,)).fetchone() or (0,) for ordinal in row[7:]]
    return _Counts(*(int(value) for value in row[:7]), *(moment for (moment,) in moments))


def _fixes(connection: sqlite3.Connection, entity: int, windows: _Windows) -> list[tuple[int, Fix]]:
    """With their ordinals, newest first, of the last 365 days."""
    rows = connection.execute(
        "SELECT c.ordinal, c.sha, c.clock, c.subject FROM revisions r JOIN commits c ON c.ordinal = r.ordinal"
        " WHERE r.entity = ? AND r.ordinal > ? AND r.ordinal <= ? AND c.fix ORDER BY c.ordinal DESC",
        (entity, windows.year, windows.end),
    )
    return [(ordinal, Fix(*fix)) for ordinal, *fix in rows]
