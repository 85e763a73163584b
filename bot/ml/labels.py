"""Labels of changes as they were known at a time, and their weights.

SZZ finds a fault only after somebody fixed it. A recent change without a fix is not a negative, because most of its
faults are still unknown. So a positive counts from the time of its fix. The weight of a negative is the share of faults
that are known within its age (delayed feedback). This share is estimated from the positives that are known so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.domain.features import ChangeFeatures
from bot.domain.periods import FIX_WINDOW
from bot.ml.columns import Floats, matrix


@dataclass(frozen=True, slots=True)
class Row:
    """A past change.

    when: Unix seconds.
    faulty: whether it is known to have needed a fix.
    known_at: the time of the fix of a faulty change in Unix seconds. If it is None for all rows, all labels are final:
        they count from the start, and a change without a fault has the full weight.
    """

    when: float
    features: ChangeFeatures
    faulty: bool
    known_at: float | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Rows as arrays, in time order.

    when: Unix seconds.
    raw: features.
    faulty: 1 or 0.
    known: the time of the fix; -inf if the label is final, +inf if no fix is known.
    """

    when: Floats
    raw: Floats
    faulty: Floats
    known: Floats

    def before(self, end: int) -> "History":
        """Return the first `end` rows, with all their labels."""
        return History(self.when[:end], self.raw[:end], self.faulty[:end], self.known[:end])

    def __len__(self) -> int:
        return len(self.when)


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels that were known at one time.

    faulty: 1 or 0.
    weight: 0 to 1.
    shown: the share of all faults that are known within the age of the change.
    settled: whether the outcome is final: the change is older than 90 days, or all labels are final.
    """

    faulty: Floats
    weight: Floats
    shown: Floats
    settled: NDArray[np.bool_]

    def since(self, first: int) -> "Labels":
        """Return the labels of the rows from `first` on."""
        return Labels(self.faulty[first:], self.weight[first:], self.shown[first:], self.settled[first:])

    @property
    def positives(self) -> int:
        """The number of changes that are known to be faulty."""
        return int(self.faulty.sum())


def history(rows: Sequence[Row]) -> History:
    """Convert rows to arrays in time order. Raises ValueError if a feature or a time is not finite."""
    ordered = sorted(rows, key=lambda row: row.when)
    dated = any(row.known_at is not None for row in ordered)
    known = [_known(row, dated=dated) for row in ordered]
    when = np.array([row.when for row in ordered], dtype=np.float64)
    if not np.isfinite(when).all():
        raise ValueError("the time of a change must be a finite number")
    faulty = np.array([float(row.faulty) for row in ordered])
    return History(when, matrix([row.features for row in ordered]), faulty, np.array(known))


def labels_at(rows: History, now: float) -> Labels:
    """Return the labels of these rows that were known at `now` (Unix seconds)."""
    faulty = rows.faulty * (rows.known <= now)
    shown = np.where(rows.known == -np.inf, 1.0, shown_within(rows, now, now - rows.when))
    settled = (rows.known == -np.inf) | (now - rows.when >= FIX_WINDOW)
    return Labels(faulty, np.where(faulty > 0, 1.0, shown), shown, settled)


def shown_within(rows: History, now: float, ages: Floats) -> Floats:
    """Return the share of faults that are known within each age (seconds), by the faults that were known at `now`.

    The share is 1 if labels are final. The probability that a change is faulty, multiplied by this share, is the
    probability that its fault is known at that age.
    """
    if len(rows) and (rows.known == -np.inf).all():
        return np.ones(len(ages))
    known = (rows.faulty > 0) & (rows.known <= now) & (rows.known > -np.inf)
    return _share_shown(np.maximum((rows.known - rows.when)[known], 0), ages)


def _known(row: Row, *, dated: bool) -> float:
    if row.known_at is not None:
        return row.known_at
    # If no row has a date, all labels are final. If some have one, a fault without a date does not count.
    return np.inf if dated else -np.inf


def _share_shown(delays: Floats, ages: Floats) -> Floats:
    """Return the share of faults that are known within each age, by the delays (seconds) of the known faults.

    Long delays are not observed yet for recent changes, so that the share is too high for young changes. Estimators
    that correct this (reversed-time product limit) were tried and were worse: they overestimate delays in a project
    that suddenly fixes many old faults.
    """
    if not len(delays):
        return (ages >= FIX_WINDOW).astype(np.float64)
    return np.searchsorted(np.sort(delays), ages, side="right") / len(delays)
