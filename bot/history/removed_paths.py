"""Reads which paths had a file once and have none now."""

from bot.domain.history import PastCommit
from bot.domain.removed import RemovedPath
from bot.history.index import HistoryIndex

_MOST = 100_000
# A file keeps its row when it is renamed, so its earlier paths are among the renames.
_GONE = """
SELECT gone.path, c.sha, c.clock, c.subject, gone.now FROM (
    SELECT e.path, max(v.ordinal) AS ordinal, '' AS now FROM entities e JOIN revisions v ON v.entity = e.id
        WHERE NOT e.alive AND e.path <> '' GROUP BY e.id
    UNION ALL
    SELECT r.old_path, r.ordinal, CASE WHEN e.alive THEN e.path ELSE '' END
        FROM renames r JOIN entities e ON e.id = r.entity
) gone JOIN commits c ON c.ordinal = gone.ordinal
WHERE NOT EXISTS (SELECT 1 FROM entities e WHERE e.path = gone.path AND e.alive)
ORDER BY gone.ordinal DESC LIMIT ?
"""


def removed_paths(index: HistoryIndex) -> tuple[RemovedPath, ...]:
    """Return the newest 100,000 paths that have no file at the head of the index, each with its last removal."""
    found: dict[str, RemovedPath] = {}
    for path, sha, when, subject, now in index.connection.execute(_GONE, (_MOST,)):
        found.setdefault(path, RemovedPath(path, PastCommit(sha, when, subject), now))
    return tuple(found.values())
