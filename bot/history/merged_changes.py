"""Finds merged pull requests among the changes of the default branch, and the later fixes and reverts of a change."""

import re
from dataclasses import dataclass

from bot.domain.periods import FIX_WINDOW
from bot.history.index import HistoryIndex

# The number of newest changes among which merged pull requests are searched.
_CANDIDATES = 1_000
_NUMBER = re.compile(r"\(#(\d{1,9})\)\s*$")
_COLUMNS = "c.ordinal, c.sha, c.clock, c.subject, c.parents"


@dataclass(frozen=True, slots=True)
class MergedChange:
    """One change of the default branch.

    when: Unix seconds.
    is_merge: whether it is a merge commit.
    number: the number of its pull request, if the subject ends with it.
    """

    ordinal: int
    sha: str
    when: int
    subject: str
    is_merge: bool
    number: int | None


@dataclass(frozen=True, slots=True)
class LaterFix:
    """A fix or revert of a change.

    when: Unix seconds.
    how: "lines" for a fix that deletes lines of the change, "around" for one that only adds code beside them, "named"
        for one that names the change as the cause, "revert" for a revert.
    path: the file of these lines; empty for "revert" and "named".
    lines: the number of deleted lines.
    """

    sha: str
    when: int
    subject: str
    how: str
    path: str
    lines: int


def newest_merged(index: HistoryIndex, most: int) -> list[MergedChange]:
    """Return the newest merged pull requests whose 90 days are over, newest first, without those of bots.

    These are merges, and changes whose subject ends with a number as GitHub writes it. If there are fewer than half of
    `most`, all changes count: some repositories rebase or do not use pull requests. If these are still fewer, younger
    changes count too: the repository is young.
    """
    settled = _newest(index, most, index.clock - FIX_WINDOW)
    return settled if len(settled) >= most / 2 else _newest(index, most, index.clock)


def _newest(index: HistoryIndex, most: int, until: int) -> list[MergedChange]:
    rows = index.connection.execute(
        f"SELECT {_COLUMNS} FROM commits c WHERE NOT bot AND parents > 0 AND clock <= ?"  # noqa: S608
        " ORDER BY ordinal DESC LIMIT ?",
        (until, _CANDIDATES),
    )
    changes = [_change(*row) for row in rows]
    pulls = [change for change in changes if change.is_merge or change.number]
    return (pulls if len(pulls) >= most / 2 else changes)[:most]


def find_merged(index: HistoryIndex, head_sha: str, pull_request: int | None) -> MergedChange | None:
    """Return the change that merged the head of a pull request into the default branch, or None.

    It is the head itself, the merge that introduced it, or the commit whose subject ends with the number of the pull
    request, as GitHub writes it for a squash.
    """
    conditions: list[tuple[str, tuple[object, ...]]] = [
        ("c.sha = ?", (head_sha,)),
        ("c.ordinal = (SELECT ordinal FROM side_commits WHERE sha = ?)", (head_sha,)),
    ]
    if pull_request is not None:
        conditions.append(("c.subject LIKE ? ESCAPE '\\'", (f"% (#{pull_request})",)))
    for condition, values in conditions:
        query = f"SELECT {_COLUMNS} FROM commits c WHERE {condition} ORDER BY c.ordinal DESC LIMIT 1"  # noqa: S608
        if row := index.connection.execute(query, values).fetchone():
            return _change(*row)
    return None


def _change(ordinal: int, sha: str, when: int, subject: str, parents: int) -> MergedChange:
    found = _NUMBER.search(subject)
    return MergedChange(ordinal, sha, when, subject, is_merge=parents > 1, number=int(found[1]) if found else None)


def later_fixes(index: HistoryIndex, change: MergedChange) -> list[LaterFix]:
    """Return the fixes and reverts of a change within 90 days, oldest first."""
    rows = index.connection.execute(
        "SELECT x.sha, x.clock, x.subject, l.how, coalesce(l.path, ''), l.lines"
        " FROM links l JOIN commits x ON x.ordinal = l.fix"
        " WHERE l.introduced_by = ? AND l.undone_by IS NULL AND x.clock <= ? ORDER BY x.clock, l.path",
        (change.ordinal, change.when + FIX_WINDOW),
    )
    return [LaterFix(*row) for row in rows]


def is_settled(index: HistoryIndex, change: MergedChange) -> bool:
    """Return whether the newest indexed change is at least 90 days younger than a change."""
    return index.clock >= change.when + FIX_WINDOW


def next_change_of(index: HistoryIndex, change: MergedChange, path: str) -> str | None:
    """Return the sha of the next change of a file within 90 days after a change. Releases do not count.

    path: of the file at the head of the index.
    """
    row = index.connection.execute(
        "SELECT c.sha FROM entities e JOIN revisions r ON r.entity = e.id JOIN commits c ON c.ordinal = r.ordinal"
        " WHERE e.path = ? AND r.coupled AND c.ordinal > ? AND c.clock <= ? ORDER BY c.ordinal LIMIT 1",
        (path, change.ordinal, change.when + FIX_WINDOW),
    ).fetchone()
    return row[0] if row else None
