"""Reading the index: `opened` it, then ask. All of it is synchronous and short; a torn file raises IndexUnusable."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.history.companions import companions_of
from bot.history.facts import FileFacts, HistoryFacts, PastFix
from bot.history.ownership import contributors_of
from bot.history.people import Ident
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


def facts_for(
    index: HistoryIndex, paths: Sequence[str], now: int, author: Ident | None = None, *, companions: bool = True
) -> HistoryFacts:
    """The past of the files at `paths` (as of the index's head) and of their companions.

    now: Unix seconds that the windows of 90 and 365 days end at. author: name and address of who asks.
    """
    meta = index.meta
    person = _person(index, author)
    files = {}
    for path in dict.fromkeys(paths):
        found = _file(index, path, now, person, companions)
        if found:
            files[path] = found
    query = "SELECT count(*) FROM commits WHERE author IN (SELECT id FROM idents WHERE person = ?)"
    return HistoryFacts(
        head=meta.get("head"),
        changes=meta.get("commits", 0),
        complete=bool(meta.get("complete")),
        partial=bool(meta.get("shallow") or meta.get("truncated") or not meta.get("lines", 1)),
        lines=bool(meta.get("lines", 1)),
        author_changes=index.connection.execute(query, (person,)).fetchone()[0] if person else 0,
        files=files,
    )


def _person(index: HistoryIndex, author: Ident | None) -> int | None:
    if author is None:
        return None
    query = "SELECT person FROM idents WHERE email = ? COLLATE NOCASE AND email <> '' ORDER BY name <> ? LIMIT 1"
    row = index.connection.execute(query, (author[1], author[0])).fetchone()
    return row[0] if row else None


def _file(index: HistoryIndex, path: str, now: int, person: int | None, companions: bool) -> FileFacts | None:
    connection = index.connection
    query = "SELECT id, alive, lines FROM entities WHERE path = ? AND path <> ''"
    row = connection.execute(query, (path,)).fetchone()
    if row is None or not row[1]:
        return None
    entity, _, lines = row
    year, quarter = now - 365 * DAY, now - 90 * DAY
    counts = connection.execute(
        "SELECT count(*), total(c.clock > ?), total(c.clock > ?), total(r.added), total(r.deleted),"
        " total(r.added * (c.clock > ?)), total(r.deleted * (c.clock > ?)), min(c.clock), max(c.clock)"
        " FROM revisions r JOIN commits c ON c.ordinal = r.ordinal WHERE r.entity = ? AND c.clock <= ?",
        (quarter, year, year, year, entity, now),
    ).fetchone()
    fixes = tuple(
        PastFix(*fix)
        for fix in connection.execute(
            "SELECT c.sha, c.clock, c.subject FROM revisions r JOIN commits c ON c.ordinal = r.ordinal"
            " WHERE r.entity = ? AND c.fix AND c.clock > ? AND c.clock <= ? ORDER BY c.ordinal DESC",
            (entity, year, now),
        )
    )
    people, mine = contributors_of(connection, entity, person)
    numbers = [int(count or 0) for count in counts]
    return FileFacts(
        path=path,
        entity=entity,
        old_paths=tuple(
            old for (old,) in connection.execute("SELECT DISTINCT old_path FROM renames WHERE entity = ?", (entity,))
        ),
        revisions=numbers[0],
        revisions_90=numbers[1],
        revisions_365=numbers[2],
        added=numbers[3],
        deleted=numbers[4],
        added_365=numbers[5],
        deleted_365=numbers[6],
        fixes_90=tuple(fix for fix in fixes if fix.when > quarter),
        fixes_365=fixes,
        first_change=numbers[7],
        last_change=numbers[8],
        lines=lines,
        contributors=people,
        companions=companions_of(connection, entity) if companions else (),
        owned_by_author=mine.share if mine else 0.0,
        deliveries_by_author=mine.deliveries if mine else 0,
    )
