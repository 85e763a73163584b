"""Reads the newest changes by people, until enough of them change code.

A window of commits would hold few changes by people where programs commit most. Releases and changes that only raise
versions are left out too.
"""

from collections import defaultdict

from bot.domain.files import PastChange, PastFile
from bot.history.index import HistoryIndex

CHANGES_OF_CODE = 300
_MOST_CHANGES = 1_500
_MOST_FILES = 2_000  # of one change; a larger one says nothing about usual changes

_HUMAN = "NOT c.bot AND NOT c.versions AND c.parents > 0 AND c.kind NOT IN ('release', 'merge') AND c.files > 0"
_OF_CODE = (
    "EXISTS (SELECT 1 FROM revisions r JOIN entities e ON e.id = r.entity"
    " WHERE r.ordinal = c.ordinal AND e.flags & 1 AND NOT e.flags & 28)"
)


def past_window(index: HistoryIndex, limit: int = CHANGES_OF_CODE) -> tuple[PastChange, ...]:
    """Return the newest changes by people, newest first, back to the `limit`th one that changes code.

    The index must end at the base of the change (`as_of`). Files have the paths of the newest indexed commit.
    """
    connection = index.connection
    query = f"SELECT c.ordinal FROM commits c WHERE {_HUMAN} AND {_OF_CODE} ORDER BY c.ordinal DESC LIMIT ?"  # noqa: S608
    ordinals = [ordinal for (ordinal,) in connection.execute(query, (limit,))]
    if not ordinals:
        return ()
    changes = connection.execute(
        f"SELECT c.ordinal, c.sha, c.clock, c.subject FROM commits c WHERE {_HUMAN}"  # noqa: S608
        " AND c.files <= ? AND c.ordinal >= ? ORDER BY c.ordinal DESC LIMIT ?",
        (_MOST_FILES, ordinals[-1], _MOST_CHANGES),
    ).fetchall()
    files = _files(index, {change[0] for change in changes})
    return tuple(PastChange(sha, when, subject, tuple(files[ordinal])) for ordinal, sha, when, subject in changes)


def _files(index: HistoryIndex, ordinals: set[int]) -> dict[int, list[PastFile]]:
    rows = index.connection.execute(
        "SELECT r.ordinal, e.path, coalesce(r.added, 0), coalesce(r.deleted, 0), r.tests"
        " FROM revisions r JOIN entities e ON e.id = r.entity WHERE r.ordinal >= ? AND e.path <> ''",
        (min(ordinals, default=0),),
    )
    found: dict[int, list[PastFile]] = defaultdict(list)
    for ordinal, *file in rows:
        if ordinal in ordinals:
            found[ordinal].append(PastFile(*file))
    return found
