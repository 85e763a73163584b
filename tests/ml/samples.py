"""Made-up histories in which large changes of new files are faulty, by a known probability."""

import numpy as np

from bot.domain.features import FEATURES, ChangeFeatures
from bot.domain.periods import DAY
from bot.ml.calibrate import sigmoid
from bot.ml.columns import Floats
from bot.ml.labels import Row

START = 1_500_000_000.0


def features(**given: float) -> ChangeFeatures:
    """A change of one line in one file, but for what is given."""
    usual = dict.fromkeys(FEATURES, 1.0) | {"entropy": 0.0, "fix": 0.0, "lt": 100.0, "nuc": 5.0}
    return ChangeFeatures(**(usual | given))


def made_up(changes: int, *, seed: int = 1, delay: float | None = None, rate: float = -4.0) -> tuple[list[Row], Floats]:
    """Rows four a day, and the true probability of each. delay: mean days until a fault is known; None: final."""
    draw = np.random.default_rng(seed)
    added = np.round(draw.lognormal(2.5, 1.2, changes))
    touched = np.round(draw.lognormal(3, 1, changes))
    truth = sigmoid(rate + 1.1 * np.log1p(added) - 0.2 * np.log1p(touched))
    faulty = draw.random(changes) < truth
    later = draw.exponential(delay or 1, changes) * DAY
    rows = []
    for place in range(changes):
        when = START + place * DAY / 4
        change = features(la=added[place], nuc=touched[place], exp=float(place), ld=float(draw.integers(0, 9)))
        known = when + later[place] if delay and faulty[place] else None
        rows.append(Row(when, change, bool(faulty[place]), known))
    return rows, truth
