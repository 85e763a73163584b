"""Chooses the earlier commits whose lines are compared with a proposed change: fixes, reverts and security work.

Only commits up to its merge base count. Their patches are read from git by `bot/pipeline/earlier.py`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.earlier import is_about_security
from bot.domain.files import FileChange
from bot.domain.history import PastCommit
from bot.domain.kinds import Kind
from bot.domain.periods import YEAR
from bot.history.alike import shared_with
from bot.history.index import HistoryIndex

_MAX_FILES = 100
_MAX_FIXES = 20
_MAX_REVERTS = 6
_MAX_CLEARINGS = 6
# A larger commit is no fix of one fault; reading it would take longer than all others.
_MAX_LINES = 2_000
_MAX_REVERTED_LINES = 5_000
# The newest commits of a file that are searched for security work.
_SEARCHED = 200
# A bump of a dependency corrects no fault of the code.
_BUMP = re.compile(r"(?i)^\w+\((?:[\w-]*deps?[\w-]*|[\w-]*dependenc(?:y|ies))\)|^(?:bump|upgrade) \S+ (?:from|to)\b")
# A fix of workflows is none of the behaviour of the program, so that its kind is another.
_FIX = re.compile(r"(?i)^(?:hot|bug)?fix(?:es|ed)?\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """An earlier commit without its lines. See `domain.earlier.EarlierCommit` for the fields.

    person: the number of its author.
    """

    ordinal: int
    sha: str
    when: int
    subject: str
    person: int
    is_fix: bool
    is_revert: bool
    is_clearing: bool
    issues: tuple[int, ...]
    reverts: tuple[PastCommit, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen commits, newest first, and the paths that changed files had before they were renamed.

    on_branch: whether the merge base is a commit of the default branch itself. Else it is one of a side branch, and
        some of the commits may be no ancestors of it.
    """

    commits: tuple[Chosen, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)
    on_branch: bool = True


def choose_earlier(
    index: HistoryIndex, base: str, files: Sequence[FileChange], cleared: Sequence[FileChange], now: int
) -> Choice:
    """Choose the commits that changed these files. The index must end at the merge base (`as_of`).

    base: the merge base; a commit that the index does not know has no past here.
    cleared: the files whose security work is searched, however old it is.
    now: the end of the year, in Unix seconds.
    """
    connection = index.connection
    row = connection.execute(
        "SELECT 1 FROM commits WHERE sha = ? UNION ALL SELECT 0 FROM side_commits WHERE sha = ? LIMIT 1", (base, base)
    ).fetchone()
    if row is None:
        return Choice()
    entities = _entities(index, files)
    deleting = [file for file in files if any(hunk.old_count for hunk in file.hunks)]
    roles: dict[int, set[str]] = {}
    for ordinal in _fixes(index, [entities[file.path] for file in deleting if file.path in entities], deleting, now):
        roles.setdefault(ordinal, set()).add("fix")
    for ordinal in _reverts(index, list(entities.values()), now):
        roles.setdefault(ordinal, set()).add("revert")
    for ordinal in _clearings(index, [entities[file.path] for file in cleared if file.path in entities]):
        roles.setdefault(ordinal, set()).add("clearing")
    commits = [_chosen(index, ordinal, found) for ordinal, found in sorted(roles.items(), reverse=True)]
    return Choice(tuple(commits), _renamed(index, entities), bool(row[0]))


def _entities(index: HistoryIndex, files: Sequence[FileChange]) -> dict[str, int]:
    """Return the entity of each file by its path at the head; deleted files that come back are included."""
    query = "SELECT id FROM entities WHERE path = ? AND path <> '' ORDER BY alive DESC LIMIT 1"
    found = {}
    for file in [file for file in files if file.left_out is None][:_MAX_FILES]:
        if row := index.connection.execute(query, (file.old_path or file.path,)).fetchone():
            found[file.path] = int(row[0])
    return found


_OF_ENTITY = "SELECT c.ordinal, c.subject FROM revisions r JOIN commits c ON c.ordinal = r.ordinal WHERE r.entity = ?"
_SMALL = "c.added + c.deleted <= ?"


def _fixes(index: HistoryIndex, entities: Sequence[int], files: Sequence[FileChange], now: int) -> list[int]:
    """Return the fixes of the year, those first that wrote most of the lines at the changed places."""
    query = f"{_OF_ENTITY} AND c.fix AND c.kind = ? AND c.clock >= ? AND {_SMALL}"
    found: set[int] = set()
    for entity in entities:
        rows = index.connection.execute(query, (entity, Kind.FIX.value, now - YEAR, _MAX_LINES))
        found.update(ordinal for ordinal, subject in rows if not _BUMP.match(subject))
    if len(found) <= _MAX_FIXES:
        return sorted(found)
    lines = shared_with(index, files, {}).lines  # about, where the files changed since: they only decide the order
    return sorted(found, key=lambda ordinal: (-lines[ordinal], -ordinal))[:_MAX_FIXES]


def _reverts(index: HistoryIndex, entities: Sequence[int], now: int) -> list[int]:
    """Return the newest reverts of the year that were not reverted themselves before the merge base."""
    query = (
        f"{_OF_ENTITY} AND (c.kind = ? OR c.subject LIKE 'revert %') AND c.subject NOT LIKE 'revert \"revert%'"  # noqa: S608
        f" AND c.clock >= ? AND {_SMALL} AND NOT EXISTS"
        " (SELECT 1 FROM links l WHERE l.fix = c.ordinal AND l.how = 'revert' AND l.undone_by <= ?)"
    )
    found: set[int] = set()
    for entity in entities:
        values = (entity, Kind.REVERT.value, now - YEAR, _MAX_REVERTED_LINES, index.changes)
        found.update(ordinal for ordinal, _ in index.connection.execute(query, values))
    return sorted(found, reverse=True)[:_MAX_REVERTS]


def _clearings(index: HistoryIndex, entities: Sequence[int]) -> list[int]:
    """Return the newest fixes and commits about security."""
    query = (
        "SELECT c.ordinal, c.subject, c.kind FROM revisions r JOIN commits c ON c.ordinal = r.ordinal"  # noqa: S608
        f" WHERE r.entity = ? AND {_SMALL} ORDER BY c.ordinal DESC LIMIT ?"
    )
    found: set[int] = set()
    for entity in entities:
        for ordinal, subject, kind in index.connection.execute(query, (entity, _MAX_LINES, _SEARCHED)):
            if is_about_security(subject) or ((kind == Kind.FIX or _FIX.match(subject)) and not _BUMP.match(subject)):
                found.add(ordinal)
    return sorted(found, reverse=True)[:_MAX_CLEARINGS]


def _chosen(index: HistoryIndex, ordinal: int, roles: set[str]) -> Chosen:
    connection = index.connection
    sha, when, subject, person = connection.execute(
        "SELECT c.sha, c.clock, c.subject, i.person FROM commits c JOIN idents i ON i.id = c.author"
        " WHERE c.ordinal = ?",
        (ordinal,),
    ).fetchone()
    issues = connection.execute("SELECT number FROM issues WHERE ordinal = ? ORDER BY number", (ordinal,))
    reverts = connection.execute(
        "SELECT DISTINCT c.sha, c.clock, c.subject FROM links l JOIN commits c ON c.ordinal = l.introduced_by"
        " WHERE l.fix = ? AND l.how = 'revert' ORDER BY c.ordinal",
        (ordinal,),
    )
    return Chosen(
        ordinal=ordinal,
        sha=sha,
        when=when,
        subject=subject,
        person=person,
        is_fix="fix" in roles,
        is_revert="revert" in roles,
        is_clearing="clearing" in roles,
        issues=tuple(number for (number,) in issues),
        reverts=tuple(PastCommit(*row) for row in reverts),
    )


def _renamed(index: HistoryIndex, entities: dict[str, int]) -> dict[str, str]:
    """Return the path at the head by earlier path."""
    if not entities:
        return {}
    paths = {entity: path for path, entity in entities.items()}
    marks = ",".join("?" * len(paths))
    rows = index.connection.execute(
        f"SELECT entity, old_path FROM renames WHERE entity IN ({marks}) AND ordinal <= ?",  # noqa: S608
        (*paths, index.changes),
    )
    earlier = {old_path: paths[entity] for entity, old_path in rows}
    return {old: path for old, path in earlier.items() if old not in entities}
