"""Reads the labelled changes that the risk model is trained on: their features, and whether they needed a fix."""

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
    """Changes of code, oldest first, as columns. Mass changes and changes of bots are left out.

    ordinals, shas: of the changes.
    when: Unix seconds; shape (changes,).
    known_at: the time of the first fix or revert of the change, NaN without one; shape (changes,).
    faulty: whether that was within 90 days; shape (changes,).
    features: shape (changes, len(FEATURES)).
    """

    ordinals: list[int]
    shas: list[str]
    when: NDArray[np.float64]
    known_at: NDArray[np.float64]
    faulty: NDArray[np.bool_]
    features: NDArray[np.float64]


def labelled_table(index: HistoryIndex) -> LabelledTable:
    """Read all labelled changes.

    The label of a change that is younger than 90 days is not final: compare `when` with the time of training.
    """
    columns = ", ".join(f"f.{name}" for name in FEATURES)
    rows = index.connection.execute(
        f"SELECT c.ordinal, c.sha, c.clock, k.known_at, {columns}"  # noqa: S608
        " FROM commits c JOIN features f ON f.ordinal = c.ordinal LEFT JOIN"
        " (SELECT l.introduced_by, min(x.clock) AS known_at FROM links l JOIN commits x ON x.ordinal = l.fix"
        " WHERE l.undone_by IS NULL GROUP BY l.introduced_by) k ON k.introduced_by = c.ordinal"
        " WHERE f.nf > 0 AND NOT c.bot AND NOT c.mass AND NOT c.versions ORDER BY c.ordinal"
    ).fetchall()
    numbers = np.array([row[2:] for row in rows], dtype=np.float64).reshape(len(rows), 2 + len(FEATURES))
    when, known_at = numbers[:, 0], numbers[:, 1]
    faulty = known_at - when <= FIX_WINDOW  # False for NaN
    return LabelledTable([row[0] for row in rows], [row[1] for row in rows], when, known_at, faulty, numbers[:, 2:])


def known_faulty(index: HistoryIndex) -> int:
    """Return how many changes are known to have needed a fix at any time."""
    query = "SELECT count(DISTINCT introduced_by) FROM links WHERE undone_by IS NULL"
    return int(index.connection.execute(query).fetchone()[0])


def past_commits(index: HistoryIndex, ordinals: Sequence[int]) -> tuple[PastCommit, ...]:
    """Return the changes with these ordinals, in the same order."""
    query = "SELECT sha, clock, subject FROM commits WHERE ordinal = ?"
    return tuple(PastCommit(*index.connection.execute(query, (ordinal,)).fetchone()) for ordinal in ordinals)
