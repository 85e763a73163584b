"""Which changes turned out to need a fix, with their features: what the risk model learns from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.domain.features import FEATURES
from bot.domain.history import PastCommit
from bot.domain.periods import FIX_WINDOW
from bot.history.index import HistoryIndex


@dataclass(frozen=True, slots=True)
class LabelledTable:
    """Changes that touch code and are no bot's, oldest first, as columns.

    ordinals, shas: of the changes.
    when: Unix seconds, (changes,).
    known_at: when the first fix or revert of a change came, NaN without one, (changes,).
    faulty: whether that was within 90 days, (changes,).
    features: (changes, len(FEATURES)).
    """

    ordinals: list[int]
    shas: list[str]
    when: NDArray[np.float64]
    known_at: NDArray[np.float64]
    faulty: NDArray[np.bool_]
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
    faulty = known - when <= FIX_WINDOW  # never where it is NaN
    return LabelledTable([row[0] for row in rows], [row[1] for row in rows], when, known, faulty, numbers[:, 2:])


def known_faulty(index: HistoryIndex) -> int:
    """How many changes are known to have needed a fix, however late."""
    query = "SELECT count(DISTINCT brought) FROM links WHERE undone IS NULL"
    return int(index.connection.execute(query).fetchone()[0])


def past_commits(index: HistoryIndex, ordinals: Sequence[int]) -> tuple[PastCommit, ...]:
    """The changes with these ordinals, in that order."""
    query = "SELECT sha, clock, subject FROM commits WHERE ordinal = ?"
    return tuple(PastCommit(*index.connection.execute(query, (ordinal,)).fetchone()) for ordinal in ordinals)


def churn_before(index: HistoryIndex) -> dict[int, float]:
    """By ordinal: the lines of code that earlier changes added to and deleted from the files that a change touches."""
    rows = index.connection.execute(
        "SELECT ordinal, total(before) FROM (SELECT r.ordinal, sum(r.added + r.deleted) OVER (PARTITION BY r.entity"
        " ORDER BY r.ordinal ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before"
        " FROM revisions r JOIN entities e ON e.id = r.entity WHERE e.flags & 1) GROUP BY ordinal"
    )
    return dict(rows.fetchall())
