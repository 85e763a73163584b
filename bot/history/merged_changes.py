"""The newest changes that landed as pull requests, and what came after them: for replaying the past."""

import re
from dataclasses import dataclass

from bot.history.index import DAY, HistoryIndex

WITHIN = 90 * DAY
_LOOKED_AT = 1_000
_NUMBER = re.compile(r"\(#(\d{1,9})\)\s*$")


@dataclass(frozen=True, slots=True)
class Landed:
    """One change of the default branch. number: of its pull request, where the subject tells. when: Unix seconds."""

    ordinal: int
    sha: str
    when: int
    subject: str
    merge: bool
    number: int | None


@dataclass(frozen=True, slots=True)
class Mended:
    """A fix or revert of a change: the path whose lines it mends ("" for a revert), and when it came."""

    sha: str
    path: str
    when: int


def newest_landed(index: HistoryIndex, most: int) -> list[Landed]:
    """Merges, and changes whose subject ends with a number as GitHub writes it; newest first, without bots.

    Where there are none such, every change counts: some repositories rebase, or use no pull requests.
    """
    rows = index.connection.execute(
        "SELECT ordinal, sha, clock, subject, parents FROM commits WHERE NOT bot AND parents > 0"
        " ORDER BY ordinal DESC LIMIT ?",
        (_LOOKED_AT,),
    )
    changes = [
        Landed(ordinal, sha, clock, subject, merge=parents > 1, number=_number(subject))
        for ordinal, sha, clock, subject, parents in rows
    ]
    pulls = [change for change in changes if change.merge or change.number]
    return (pulls if len(pulls) >= most / 2 else changes)[:most]


def _number(subject: str) -> int | None:
    found = _NUMBER.search(subject)
    return int(found[1]) if found else None


def mended(index: HistoryIndex, change: Landed) -> list[Mended]:
    """What mended the change within 90 days, the first first."""
    rows = index.connection.execute(
        "SELECT x.sha, l.path, x.clock FROM links l JOIN commits x ON x.ordinal = l.fix"
        " WHERE l.brought = ? AND l.undone IS NULL AND x.clock <= ? ORDER BY x.clock, l.path",
        (change.ordinal, change.when + WITHIN),
    )
    return [Mended(*row) for row in rows]


def changed_after(index: HistoryIndex, change: Landed, path: str) -> str | None:
    """The next change of the file now at `path` within 90 days after a change, by its sha. A release is none."""
    row = index.connection.execute(
        "SELECT c.sha FROM entities e JOIN revisions r ON r.entity = e.id JOIN commits c ON c.ordinal = r.ordinal"
        " WHERE e.path = ? AND r.coupled AND c.ordinal > ? AND c.clock <= ? ORDER BY c.ordinal LIMIT 1",
        (path, change.ordinal, change.when + WITHIN),
    ).fetchone()
    return row[0] if row else None
