"""Synthetic histories. Large changes of new files are faulty with a known probability."""

import numpy as np

from bot.domain.features import FEATURES, ChangeFeatures
from bot.domain.periods import DAY
from bot.ml.calibrate import sigmoid
from bot.ml.columns import Floats
from bot.ml.labels import Row

START = 1_500_000_000.0


def features(**values: float) -> ChangeFeatures:
    """Return the features of a change of one line in one file, with the values values replaced."""
    defaults = dict.fromkeys(FEATURES, 1.0) | {"entropy": 0.0, "fix": 0.0, "lt": 100.0, "nuc": 5.0}
    return ChangeFeatures(**(defaults | values))


def synthetic(
    changes: int, *, seed: int = 1, delay: float | None = None, rate: float = -4.0
) -> tuple[list[Row], Floats]:
    """Return four changes a day, and the true probability of each.

    delay: the mean number of days until a fault is known; None for final labels.
    """
    draw = np.random.default_rng(seed)
    added = np.round(draw.lognormal(2.5, 1.2, changes))
    earlier = np.round(draw.lognormal(3, 1, changes))
    truth = sigmoid(rate + 1.1 * np.log1p(added) - 0.2 * np.log1p(earlier))
    faulty = draw.random(changes) < truth
    delays = draw.exponential(delay or 1, changes) * DAY
    rows = []
    for index in range(changes):
        when = START + index * DAY / 4
        change = features(la=added[index], nuc=earlier[index], exp=float(index), ld=float(draw.integers(0, 9)))
        known = when + delays[index] if delay and faulty[index] else None
        rows.append(Row(when, change, bool(faulty[index]), known))
    return rows, truth
