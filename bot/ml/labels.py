"""What is known of a change's outcome at a moment, and how much a change without a known fault may count as sound.

SZZ finds a fault only when somebody fixed it. A change of last week without a fix is no negative: most of its faults
have not shown yet. So a positive counts from the moment its fix was known, and a negative counts for the share of
faults that show within its age (delayed feedback; the share is estimated from the positives known so far).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.domain.features import ChangeFeatures
from bot.domain.periods import FIX_WINDOW
from bot.ml.columns import Floats, matrix


@dataclass(frozen=True, slots=True)
class Row:
    """A past change. `when`: Unix seconds. `faulty`: whether it needed a fix, as far as anybody knows.

    `known_at`: Unix seconds at which the fix of a faulty change was known; None where the source says only that the
    label is final (then it is believed from the start, and a change without fault counts in full).
    """

    when: float
    features: ChangeFeatures
    faulty: bool
    known_at: float | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Rows as arrays, in time order. `known` is -inf where the label is final, +inf where no fault is known."""

    when: Floats
    raw: Floats
    faulty: Floats
    known: Floats

    def before(self, end: int) -> "History":
        """The first `end` rows, with all that is known of them."""
        return History(self.when[:end], self.raw[:end], self.faulty[:end], self.known[:end])

    def __len__(self) -> int:
        return len(self.when)


@dataclass(frozen=True, slots=True)
class Labels:
    """Outcomes as known at one moment: 1 or 0, and how much each may count (0 to 1).

    shown: the share of faults that have shown at the change's age, whatever became of this one.
    """

    faulty: Floats
    weight: Floats
    shown: Floats

    def since(self, first: int) -> "Labels":
        """Those of the rows from `first` on."""
        return Labels(self.faulty[first:], self.weight[first:], self.shown[first:])

    @property
    def positives(self) -> int:
        """Changes known to be faulty."""
        return int(self.faulty.sum())


def history(rows: Sequence[Row]) -> History:
    """Rows in time order as arrays. ValueError if a measure or a time is no finite number."""
    ordered = sorted(rows, key=lambda row: row.when)
    dated = any(row.known_at is not None for row in ordered)
    known = [_known(row, dated=dated) for row in ordered]
    when = np.array([row.when for row in ordered], dtype=np.float64)
    if not np.isfinite(when).all():
        raise ValueError("the time of a change must be a finite number")
    faulty = np.array([float(row.faulty) for row in ordered])
    return History(when, matrix([row.features for row in ordered]), faulty, np.array(known))


def labels_at(rows: History, now: float) -> Labels:
    """What was known of these rows at `now` (Unix seconds)."""
    faulty = rows.faulty * (rows.known <= now)
    shown = np.where(rows.known == -np.inf, 1.0, shown_within(rows, now, now - rows.when))
    return Labels(faulty, np.where(faulty > 0, 1.0, shown), shown)


def shown_within(rows: History, now: float, ages: Floats) -> Floats:
    """The share of faults that show within each age (seconds), after those that were known at `now`; 1 if labels are
    final.

    A probability that a change is faulty, times this, is the probability that somebody will have found it by that age.
    """
    if len(rows) and (rows.known == -np.inf).all():
        return np.ones(len(ages))
    known = (rows.faulty > 0) & (rows.known <= now) & (rows.known > -np.inf)
    return _share_shown(np.maximum((rows.known - rows.when)[known], 0), ages)


def _known(row: Row, *, dated: bool) -> float:
    if row.known_at is not None:
        return row.known_at
    # Without any date in the history its labels are final; with dates, a fault without one is not known to be known.
    return np.inf if dated else -np.inf


def _share_shown(delays: Floats, ages: Floats) -> Floats:
    """The share of faults that show within each age, after the delays (seconds) of those known so far.

    Delays are cut short by the present: a fault that takes five years is not among those of last year. The share is
    therefore too high for the young. Estimators that correct for it (reversed-time product limit) were tried and did
    worse: where old code is suddenly looked after, they take the backlog for the rule.
    """
    if not len(delays):
        return (ages >= FIX_WINDOW).astype(np.float64)
    return np.searchsorted(np.sort(delays), ages, side="right") / len(delays)
