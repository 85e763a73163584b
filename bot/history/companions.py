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
    own = [
        ordinal
        for (ordinal,) in connection.execute(
            "SELECT ordinal FROM revisions WHERE entity = ? AND coupled = 1 ORDER BY ordinal DESC LIMIT ?",
            (entity, LAST_CHANGES),
        )
    ]
    if len(own) < MIN_TOGETHER:
        return ()
    rows = connection.execute(
        "SELECT b.entity, count(*) FROM revisions a CROSS JOIN revisions b ON b.ordinal = a.ordinal"
        " WHERE a.entity = ? AND a.coupled = 1 AND a.ordinal >= ? AND b.coupled = 1 AND b.entity <> a.entity"
        " GROUP BY b.entity HAVING count(*) >= ?",
        (entity, own[-1], max(MIN_TOGETHER, MIN_CONFIDENCE * len(own))),
    ).fetchall()
    if not rows:
        return ()
    query = "SELECT count(*) FROM commits WHERE ordinal >= ? AND coupled = 1"
    changes = connection.execute(query, (own[-1],)).fetchone()[0]
    found = (_companion(connection, entity, other, together, own, changes) for other, together in rows)
    alive = [companion for companion in found if companion]
    return tuple(sorted(alive, key=_rank)[:MAX_COMPANIONS])


def _rank(companion: Companion) -> tuple[float, int, str]:
    return -companion.confidence, -companion.together, companion.path


def _companion(
    connection: sqlite3.Connection, entity: int, other: int, together: int, own: list[int], changes: int
) -> Companion | None:
    path, alive = connection.execute("SELECT path, alive FROM entities WHERE id = ?", (other,)).fetchone()
    if not alive:
        return None
    query = "SELECT count(*) FROM revisions WHERE entity = ? AND coupled = 1 AND ordinal >= ?"
    others = connection.execute(query, (other, own[-1])).fetchone()[0]
    shas = connection.execute(
        "SELECT c.sha FROM revisions b JOIN revisions a ON a.ordinal = b.ordinal AND a.entity = ? AND a.coupled = 1"
        " JOIN commits c ON c.ordinal = b.ordinal WHERE b.entity = ? AND b.coupled = 1 ORDER BY b.ordinal DESC LIMIT 5",
        (entity, other),
    )
    lift = together * changes / (len(own) * others)
    confidence = together / len(own)
    return Companion(
        path=path,
        together=together,
        changes=len(own),
        confidence=confidence,
        lift=lift,
        examples=tuple(sha for (sha,) in shas),
    )
