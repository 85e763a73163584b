"""Reads which files each change changes."""

from collections import defaultdict

from bot.domain.changed_files import ChangedFiles, ProjectFile
from bot.history.index import HistoryIndex


def changed_files(index: HistoryIndex, since: int) -> ChangedFiles:
    """Return the changed files of the changes at or after `since` (Unix seconds), without mass changes and merges of
    nothing.
    """
    connection = index.connection
    rows = connection.execute("SELECT id, path, lines FROM entities WHERE alive AND path <> ''")
    files = {number: ProjectFile(path, lines) for number, path, lines in rows}
    by_change: dict[str, list[int]] = defaultdict(list)
    for sha, entity in connection.execute(
        "SELECT c.sha, r.entity FROM commits c JOIN revisions r ON r.ordinal = c.ordinal"
        " WHERE c.clock >= ? AND NOT c.mass ORDER BY c.ordinal, r.entity",
        (since,),
    ):
        if entity in files:
            by_change[sha].append(entity)
    return ChangedFiles(files, {sha: tuple(entities) for sha, entities in by_change.items()})
