"""Changes of the default branch that came as pull requests, and the fixes and reverts that followed them."""

import re
from dataclasses import dataclass

from bot.domain.periods import FIX_WINDOW
from bot.history.index import HistoryIndex

_LOOKED_AT = 1_000
_NUMBER = re.compile(r"\(#(\d{1,9})\)\s*$")
_COLUMNS = "c.ordinal, c.sha, c.clock, c.subject, c.parents"


@dataclass(frozen=True, slots=True)
class MergedChange:
    """One change of the default branch.

    when: Unix seconds.
    is_merge: whether it is a merge commit.
    number: of its pull request, where the subject ends with it.
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
    how: "lines" when it replaces lines of the change, "revert" when it takes all of it back.
    path, lines: where it replaces how many lines; empty and 0 for a revert.
    """

    sha: str
    when: int
    subject: str
    how: str
    path: str
    lines: int


def newest_merged(index: HistoryIndex, most: int) -> list[MergedChange]:
    """Merges, and changes whose subject ends with a number as GitHub writes it; newest first, without bots.

    Where fewer than half of `most` are such, every change counts: some repositories rebase, or use no pull requests.
    """
    rows = index.connection.execute(
        f"SELECT {_COLUMNS} FROM commits c WHERE NOT bot AND parents > 0 ORDER BY ordinal DESC LIMIT ?",  # noqa: S608
        (_LOOKED_AT,),
    )
    changes = [_change(*row) for row in rows]
    pulls = [change for change in changes if change.is_merge or change.number]
    return (pulls if len(pulls) >= most / 2 else changes)[:most]


def find_merged(index: HistoryIndex, head_sha: str, pull_request: int | None) -> MergedChange | None:
    """The change that brought a pull request's head to the default branch; None while there is none.

    It is the head itself, the merge that brought it, or the commit whose subject ends with the pull request's number,
    as GitHub writes it when it squashes.
    """
    conditions: list[tuple[str, tuple[object, ...]]] = [
        ("c.sha = ?", (head_sha,)),
        ("c.ordinal = (SELECT ordinal FROM sides WHERE sha = ?)", (head_sha,)),
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
    """The fixes and reverts of a change within 90 days, the first first."""
    rows = index.connection.execute(
        "SELECT x.sha, x.clock, x.subject, l.how, coalesce(l.path, ''), l.lines"
        " FROM links l JOIN commits x ON x.ordinal = l.fix"
        " WHERE l.brought = ? AND l.undone IS NULL AND x.clock <= ? ORDER BY x.clock, l.path",
        (change.ordinal, change.when + FIX_WINDOW),
    )
    return [LaterFix(*row) for row in rows]


def is_settled(index: HistoryIndex, change: MergedChange) -> bool:
    """Whether 90 days have passed since a change, by the newest indexed change."""
    return index.clock >= change.when + FIX_WINDOW


def next_change_of(index: HistoryIndex, change: MergedChange, path: str) -> str | None:
    """The sha of the next change of the file now at `path` within 90 days after a change. A release is none."""
    row = index.connection.execute(
        "SELECT c.sha FROM entities e JOIN revisions r ON r.entity = e.id JOIN commits c ON c.ordinal = r.ordinal"
        " WHERE e.path = ? AND r.coupled AND c.ordinal > ? AND c.clock <= ? ORDER BY c.ordinal LIMIT 1",
        (path, change.ordinal, change.when + FIX_WINDOW),
    ).fetchone()
    return row[0] if row else None
