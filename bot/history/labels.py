"""Which changes turned out to need a fix, with their features: what the risk model learns from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.history.index import DAY, HistoryIndex
from bot.history.schema import FEATURES

WITHIN = 90 * DAY


@dataclass(frozen=True, slots=True)
class LabelledTable:
    """Changes that touch code and are no bot's, oldest first, as columns: (changes,) each, features (changes, 17).

    known_at: when the first fix or revert of a change came, NaN without one; bug: whether that was within 90 days.
    """

    ordinals: list[int]
    shas: list[str]
    when: NDArray[np.float64]
    known_at: NDArray[np.float64]
    bug: NDArray[np.bool_]
    features: NDArray[np.float64]


def labelled_table(index: HistoryIndex) -> LabelledTable:
    """All such changes.

    The label of a change younger than 90 days may still turn: compare `when` with the moment of training.
    """
    columns = ", ".join(f"f.{name}" for name in FEATURES)
    rows = index.connection.execute(
        f"SELECT c.ordinal, c.sha, c.clock, k.known, {columns}"  # noqa: S608
        " FROM commits c JOIN features f ON f.ordinal = c.ordinal LEFT JOIN"
        " (SELECT l.brought, min(x.clock) AS known FROM links l JOIN commits x ON x.ordinal = l.fix"
        " WHERE l.undone IS NULL GROUP BY l.brought) k ON k.brought = c.ordinal"
        " WHERE f.nf > 0 AND NOT c.bot AND NOT c.mass ORDER BY c.ordinal"
    ).fetchall()
    numbers = np.array([row[2:] for row in rows], dtype=np.float64).reshape(len(rows), 2 + len(FEATURES))
    when, known = numbers[:, 0], numbers[:, 1]
    bug = known - when <= WITHIN  # never where it is NaN
    return LabelledTable([row[0] for row in rows], [row[1] for row in rows], when, known, bug, numbers[:, 2:])


def churn_before(index: HistoryIndex) -> dict[int, float]:
    """By ordinal: the lines of code that earlier changes added to and deleted from the files that a change touches."""
    rows = index.connection.execute(
        "SELECT ordinal, total(before) FROM (SELECT r.ordinal, sum(r.added + r.deleted) OVER (PARTITION BY r.entity"
        " ORDER BY r.ordinal ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before"
        " FROM revisions r JOIN entities e ON e.id = r.entity WHERE e.flags & 1) GROUP BY ordinal"
    )
    return dict(rows.fetchall())
