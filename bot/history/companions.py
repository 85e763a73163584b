"""Finds the companions of a file: files that usually change along with it (temporal coupling).

Only revisions with `coupled` count. Indexing sets it; it is false for changes with more than 30 files, changes of bots,
releases, the initial commit, and for lock, generated and vendored files.
"""

import sqlite3

from bot.domain.history import Companion

# Fewer common changes may be chance.
MIN_TOGETHER = 5
MIN_CONFIDENCE = 0.3
# Older changes of a frequently changed file say little about the present.
LAST_CHANGES = 400
MAX_COMPANIONS = 10


def companions_of(connection: sqlite3.Connection, entity: int) -> tuple[Companion, ...]:
    """Return the companions of an entity: highest confidence first, then most common changes."""
    # Newest first: the ordinal of each change, and how many lines of the file it changed.
    own = dict(
        connection.execute(
            "SELECT ordinal, coalesce(added + deleted, 0) FROM revisions WHERE entity = ? AND coupled = 1"
            " ORDER BY ordinal DESC LIMIT ?",
            (entity, LAST_CHANGES),
        ).fetchall()
    )
    if len(own) < MIN_TOGETHER:
        return ()
    first = min(own)
    rows = connection.execute(
        "SELECT b.entity, count(*) FROM revisions a CROSS JOIN revisions b ON b.ordinal = a.ordinal"
        " WHERE a.entity = ? AND a.coupled = 1 AND a.ordinal >= ? AND b.coupled = 1 AND b.entity <> a.entity"
        " GROUP BY b.entity HAVING count(*) >= ?",
        (entity, first, max(MIN_TOGETHER, MIN_CONFIDENCE * len(own))),
    ).fetchall()
    if not rows:
        return ()
    query = "SELECT count(*) FROM commits WHERE ordinal >= ? AND coupled = 1"
    changes = connection.execute(query, (first,)).fetchone()[0]
    found = (_companion(connection, entity, other, together, own, changes) for other, together in rows)
    alive = [companion for companion in found if companion]
    return tuple(sorted(alive, key=_rank)[:MAX_COMPANIONS])


def _rank(companion: Companion) -> tuple[float, int, str]:
    return -companion.confidence, -companion.together, companion.path


def _companion(
    connection: sqlite3.Connection, entity: int, other: int, together: int, own: dict[int, int], changes: int
) -> Companion | None:
    path, alive = connection.execute("SELECT path, alive FROM entities WHERE id = ?", (other,)).fetchone()
    if not alive:
        return None
    query = "SELECT count(*) FROM revisions WHERE entity = ? AND coupled = 1 AND ordinal >= ?"
    others = connection.execute(query, (other, min(own))).fetchone()[0]
    shared = connection.execute(
        "SELECT b.ordinal, c.sha FROM revisions b"
        " JOIN revisions a ON a.ordinal = b.ordinal AND a.entity = ? AND a.coupled = 1"
        " JOIN commits c ON c.ordinal = b.ordinal WHERE b.entity = ? AND b.coupled = 1 AND b.ordinal >= ?"
        " ORDER BY b.ordinal DESC",
        (entity, other, min(own)),
    ).fetchall()
    with_it = {ordinal for ordinal, _ in shared}
    lift = together * changes / (len(own) * others)
    confidence = together / len(own)
    return Companion(
        path=path,
        together=together,
        changes=len(own),
        confidence=confidence,
        lift=lift,
        examples=tuple(sha for _, sha in shared[:5]),
        lines_together=tuple(lines for ordinal, lines in own.items() if ordinal in with_it),
        lines_alone=tuple(lines for ordinal, lines in own.items() if ordinal not in with_it),
    )
