"""Reads all changes of the default branch, with what became of each: `domain.project.Project.changes`; also by file."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from bot.domain.patch_details import PatchDetails
from bot.domain.project import ProjectChange
from bot.history.index import HistoryIndex

_CHANGES = """
SELECT c.ordinal, c.sha, c.clock, i.person, c.bot, c.kind, c.fix, c.mass, c.files, coalesce(c.added, 0),
    coalesce(c.deleted, 0), c.subject, c.pull
FROM commits c JOIN idents i ON i.id = c.author ORDER BY c.ordinal
"""
# The fixes of a change, oldest first. A fix has a row per file, and a revert that was reverted does not count.
_FIXES = """
SELECT l.introduced_by, l.fix, max(l.how = 'revert'), x.sha, x.clock
FROM links l JOIN commits x ON x.ordinal = l.fix WHERE l.undone_by IS NULL
GROUP BY l.introduced_by, l.fix ORDER BY l.introduced_by, l.fix DESC
"""
# Of a revert, the path is empty.
_REPAIRED = """
SELECT DISTINCT x.sha, c.sha, coalesce(l.path, '') FROM links l JOIN commits x ON x.ordinal = l.fix
    JOIN commits c ON c.ordinal = l.introduced_by WHERE l.undone_by IS NULL ORDER BY l.fix, l.introduced_by
"""
# The second bit of the flags is that of tests.
_TESTED = """
SELECT DISTINCT c.sha FROM commits c JOIN revisions r ON r.ordinal = c.ordinal JOIN entities e ON e.id = r.entity
    WHERE r.tests > 0 OR e.flags & 2
"""


def project_changes(index: HistoryIndex) -> tuple[ProjectChange, ...]:
    """Return all changes, oldest first. Lines are 0 where the clone lacks them."""
    connection = index.connection
    first_fix = {row[0]: row[2:] for row in connection.execute(_FIXES)}  # the oldest of a change comes last
    issues = _issues(connection)
    changes = []
    for ordinal, sha, when, person, bot, kind, fix, mass, files, added, deleted, subject, pull in connection.execute(
        _CHANGES
    ):
        reverted, fixed_by, fixed_at = first_fix.get(ordinal, (0, None, None))
        changes.append(
            ProjectChange(
                sha=sha,
                when=when,
                person=person,
                is_bot=bool(bot),
                kind=kind,
                is_fix=bool(fix),
                is_mass=bool(mass),
                files=files,
                added=added,
                deleted=deleted,
                subject=subject,
                fixed_by=fixed_by,
                fixed_after=None if fixed_at is None else fixed_at - when,
                reverted=bool(reverted),
                issues=tuple(issues.get(ordinal, ())),
                pull=pull,
            )
        )
    return tuple(changes)


def index_details(index: HistoryIndex) -> PatchDetails:
    """Return what the index knows of the patches: what each fix repairs, and which changes change a test.

    A test counts whether it is a file, which may be gone today, or stands beside the code.
    """
    repaired: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for fix, change, path in index.connection.execute(_REPAIRED):
        repaired[fix].append((change, path))
    tested = frozenset(sha for (sha,) in index.connection.execute(_TESTED))
    return PatchDetails(repaired={fix: tuple(changes) for fix, changes in repaired.items()}, tested=tested)


def file_changes(index: HistoryIndex, paths: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return when people changed these files, by path, in Unix seconds, ascending. Mass changes are left out."""
    query = (
        "SELECT c.clock FROM entities e JOIN revisions r ON r.entity = e.id JOIN commits c ON c.ordinal = r.ordinal"
        " WHERE e.path = ? AND e.alive AND NOT c.bot AND NOT c.mass ORDER BY c.ordinal"
    )
    return {path: tuple(when for (when,) in index.connection.execute(query, (path,))) for path in paths}


def _issues(connection: sqlite3.Connection) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for ordinal, number in connection.execute("SELECT ordinal, number FROM issues ORDER BY ordinal, number"):
        found[ordinal].append(number)
    return found
