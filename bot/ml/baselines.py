"""The baselines of the model: the lines changed, and the churn of the files. A model that is not better is not used.

Size alone predicts faults well (Zeng et al., "Deep Just-in-Time Defect Prediction: How Far Are We?", ISSTA 2021). So a
model that is no better has nothing to say but the size of a change.
"""

import numpy as np

from bot.domain.history import Basis
from bot.domain.model_card import Comparison
from bot.ml.calibrate import calibrate
from bot.ml.columns import CHURN, LINES, Floats
from bot.ml.labels import Labels
from bot.ml.members import Linear, Scaling
from bot.ml.risk import Blend
from bot.ml.scores import MIN_CASES, paired_bootstrap, roc_auc

_SCALE = 8.0
_COLUMNS = ((Basis.LINES, LINES), (Basis.CHURN, CHURN))


def column_of(basis: Basis) -> int:
    """Return the column of a baseline. Raises KeyError for the model."""
    return dict(_COLUMNS)[basis]


def compare(log_odds: Floats, table: Floats, known: Labels) -> tuple[Comparison, ...]:
    """Compare the ranking of a model with that of each baseline, on the changes whose outcome is final.

    log_odds: of models that did not know the outcomes.
    table: rows of `columns.columns`.
    Returns nothing if too few changes are faulty, or not faulty.
    """
    use = known.settled
    faulty = known.faulty[use]
    if not MIN_CASES <= faulty.sum() <= len(faulty) - MIN_CASES:
        return ()
    ours = log_odds[use]
    auc = roc_auc(faulty, ours)
    compared = []
    for basis, column in _COLUMNS:
        found = paired_bootstrap(faulty, ours, table[use, column])
        compared.append(
            Comparison(
                basis=basis,
                changes=len(faulty),
                needed_fix=int(faulty.sum()),
                auc=round(auc, 4),
                baseline_auc=round(auc - found.difference, 4),
                low=round(found.low, 4),
                high=round(found.high, 4),
            )
        )
    return tuple(compared)


def chosen(compared: tuple[Comparison, ...]) -> Basis:
    """Return the model if it is better than each baseline by more than chance, else the best baseline."""
    if compared and all(one.low > 0 for one in compared):
        return Basis.MODEL
    return max(compared, key=lambda one: one.baseline_auc).basis if compared else Basis.LINES


def baseline(basis: Basis, table: Floats, known: Labels) -> Blend:
    """Return a baseline, calibrated on the same changes as the model. More lines are never less risky."""
    column = column_of(basis)
    share = float(np.clip(known.weight @ known.faulty / max(float(known.weight.sum()), 1e-9), 1e-3, 1 - 1e-3))
    # Centred, so that the calibration begins near its result. The scale keeps every logarithm inside the limits at
    # which `Scaling` clips.
    plain = Scaling(np.array([column]), table[:, column].mean(keepdims=True), np.array([_SCALE]))
    member = Linear(plain, np.array([_SCALE]), float(np.log(share / (1 - share))))
    calibration = calibrate(member.log_odds(table), known.faulty, known.weight)
    return Blend((member,), None, 1.0, calibration)
