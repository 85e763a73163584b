"""Opens the index for reading, and reads the history of files from it. A damaged file raises IndexUnusable."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.history import FileHistory, PastCommit
from bot.domain.periods import QUARTER, YEAR
from bot.history.companions import companions_of
from bot.history.ownership import contributors_of, imported_ordinals, persons_by_ordinal
from bot.history.schema import IndexUnusable, open_index


@dataclass(frozen=True, slots=True)
class HistoryIndex:
    """An index that is open for reading. It must not be shared between threads."""

    connection: sqlite3.Connection
    meta: dict[str, Any]

    @property
    def clock(self) -> int:
        """The time of the newest change in Unix seconds; 0 for an empty index."""
        return int(self.meta.get("clock", 0))

    @property
    def changes(self) -> int:
        """The number of changes in the index."""
        return int(self.meta.get("commits", 0))

    @property
    def has_lines(self) -> bool:
        """False if the clone lacks the contents of the files. Then all counts of lines are 0, and nobody owns lines."""
        return bool(self.meta.get("lines", 1))

    @property
    def is_truncated(self) -> bool:
        """Whether the index is incomplete: of a shallow clone, of too many commits, or without contents."""
        return bool(self.meta.get("shallow") or self.meta.get("truncated") or not self.has_lines)


@contextmanager
def opened(path: Path) -> Iterator[HistoryIndex]:
    """Open an index. Later changes of a writer are not visible. Raises IndexUnusable, also inside the block."""
    connection = open_index(path)
    try:
        connection.execute("BEGIN")
        yield HistoryIndex(connection, dict(connection.execute("SELECT key, value FROM meta")))
    except sqlite3.DatabaseError as error:
        raise IndexUnusable(str(error)) from error
    finally:
        connection.close()


def file_histories(
    index: HistoryIndex, paths: Sequence[str], now: int, *, companions: bool = True
) -> dict[str, FileHistory]:
    """Return the history of files by path. Paths that do not exist at the head of the index are left out.

    now: the end of the year and of the quarter, in Unix seconds.
    companions: False to skip the search for companions.
    """
    windows = _Windows.ending_at(index.connection, now)
    people = (persons_by_ordinal(index.connection), imported_ordinals(index.connection))
    found = {path: _file(index.connection, path, windows, people, companions) for path in dict.fromkeys(paths)}
    return {path: file for path, file in found.items() if file is not None}


@dataclass(frozen=True, slots=True)
class _Windows:
    """Windows of time as ordinals. The clock of the index never decreases, so that a window of time is one of ordinals.

    end: the last change of all windows.
    quarter, year, two_years: the last change before each window.
    """

    end: int
    quarter: int
    year: int
    two_years: int

    @classmethod
    def ending_at(cls, connection: sqlite3.Connection, now: int) -> "_Windows":
        query = "SELECT max(ordinal) FROM commits WHERE clock = (SELECT max(clock) FROM commits WHERE clock <= ?)"
        moments = (now, now - QUARTER, now - YEAR, now - 2 * YEAR)
        return cls(*(connection.execute(query, (moment,)).fetchone()[0] or 0 for moment in moments))


# The persons by ordinal, and the ordinals of imported changes.
_People = tuple["NDArray[np.int64]", "NDArray[np.int64]"]
_COUNTS = """
SELECT count(*), total(ordinal > :year), total(ordinal > :quarter), total(ordinal > :two_years AND ordinal <= :year),
    total(added * (ordinal > :year)), total(deleted * (ordinal > :year)), min(ordinal), max(ordinal)
FROM revisions WHERE entity = :entity AND ordinal <= :end
"""


def _file(
    connection: sqlite3.Connection, path: str, windows: _Windows, people: _People, companions: bool
) -> FileHistory | None:
    query = "SELECT id, alive, lines FROM entities WHERE path = ? AND path <> ''"
    row = connection.execute(query, (path,)).fetchone()
    if row is None or not row[1]:
        return None
    entity, _, lines = row
    bounds = {"quarter": windows.quarter, "year": windows.year, "two_years": windows.two_years, "end": windows.end}
    *counts, first, last = connection.execute(_COUNTS, {"entity": entity} | bounds).fetchone()
    revisions, year, quarter, year_before, added, deleted = map(int, counts)
    fixes = _fixes(connection, entity, windows)
    return FileHistory(
        path=path,
        entity=entity,
        revisions=revisions,
        revisions_year=year,
        revisions_quarter=quarter,
        revisions_year_before=year_before,
        added_year=added,
        deleted_year=deleted,
        lines=lines,
        first_change=_clock(connection, first),
        last_change=_clock(connection, last),
        fixes_year=tuple(fix for _, fix in fixes),
        fixes_quarter=sum(ordinal > windows.quarter for ordinal, _ in fixes),
        contributors=contributors_of(connection, entity, *people),
        companions=companions_of(connection, entity) if companions else (),
    )


def _clock(connection: sqlite3.Connection, ordinal: int | None) -> int:
    row = connection.execute("SELECT clock FROM commits WHERE ordinal = ?", (ordinal or 0,)).fetchone()
    return int(row[0]) if row else 0


def _fixes(connection: sqlite3.Connection, entity: int, windows: _Windows) -> list[tuple[int, PastCommit]]:
    """Return the fixes of the year with their ordinals, newest first."""
    rows = connection.execute(
        "SELECT c.ordinal, c.sha, c.clock, c.subject FROM revisions r JOIN commits c ON c.ordinal = r.ordinal"
        " WHERE r.entity = ? AND r.ordinal > ? AND r.ordinal <= ? AND c.fix ORDER BY c.ordinal DESC",
        (entity, windows.year, windows.end),
    )
    return [(ordinal, PastCommit(*fix)) for ordinal, *fix in rows]
