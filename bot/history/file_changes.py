"""Reads the changes of one file, as the hotspots count them."""

from dataclasses import dataclass

from bot.history.index import HistoryIndex


@dataclass(frozen=True, slots=True)
class FileChange:
    """A change of a file. when: Unix seconds. pull: the number of the pull request that its message names."""

    sha: str
    when: int
    subject: str
    is_fix: bool
    pull: int | None


def changes_of_file(index: HistoryIndex, entity: int, since: int) -> list[FileChange]:
    """Return the changes of a file after `since` (Unix seconds), newest first.

    Changes of bots, mass changes, and changes of versions only are left out.
    """
    rows = index.connection.execute(
        "SELECT c.sha, c.clock, c.subject, c.fix, c.pull FROM revisions r JOIN commits c ON c.ordinal = r.ordinal"
        " WHERE r.entity = ? AND c.clock > ? AND NOT c.bot AND NOT c.mass AND NOT c.versions ORDER BY c.ordinal DESC",
        (entity, since),
    )
    return [FileChange(sha, when, subject, bool(fix), pull) for sha, when, subject, fix, pull in rows]
