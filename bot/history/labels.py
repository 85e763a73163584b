"""Which changes turned out to need a fix, with their features: what the risk model learns from."""

import sqlite3
from collections.abc import Iterator

from bot.history.facts import LabelledChange
from bot.history.index import DAY, HistoryIndex
from bot.history.schema import FEATURES

WITHIN = 90 * DAY


def labelled_changes(index: HistoryIndex, *, since: int = 0) -> list[LabelledChange]:
    """Changes after the ordinal `since` that touch code and are no bot's, oldest first.

    The label of a change younger than 90 days may still turn: compare `when` with the moment of training.
    """
    return list(_rows(index.connection, since))


def churn_before(index: HistoryIndex) -> dict[int, float]:
    """By ordinal: the lines of code that earlier changes added to and deleted from the files that a change touches."""
    rows = index.connection.execute(
        "SELECT ordinal, total(before) FROM (SELECT r.ordinal, sum(r.added + r.deleted) OVER (PARTITION BY r.entity"
        " ORDER BY r.ordinal ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before"
        " FROM revisions r JOIN entities e ON e.id = r.entity WHERE e.flags & 1) GROUP BY ordinal"
    )
    return dict(rows.fetchall())


def _rows(connection: sqlite3.Connection, since: int) -> Iterator[LabelledChange]:
    columns = ", ".join(f"f.{name}" for name in FEATURES)
    rows = connection.execute(
        f"SELECT c.ordinal, c.sha, c.clock, (SELECT min(x.clock) FROM links l JOIN commits x ON x.ordinal = l.fix"  # noqa: S608
        f" WHERE l.brought = c.ordinal AND l.undone IS NULL), {columns}"
        " FROM commits c JOIN features f ON f.ordinal = c.ordinal"
        " WHERE c.ordinal > ? AND f.nf > 0 AND NOT c.bot AND NOT c.mass ORDER BY c.ordinal",
        (since,),
    )
    for ordinal, sha, when, known_at, *features in rows:
        bug = known_at is not None and known_at - when <= WITHIN
        yield LabelledChange(ordinal, sha, when, tuple(features), bug, known_at)
