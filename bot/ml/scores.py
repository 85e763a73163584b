"""Scores of predicted probabilities: ranking, calibration, recall at a limited effort; and bootstrap intervals."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bot.ml.columns import Floats

BINS = 10
EFFORT = 0.2
# The least number of cases with each outcome for a ROC-AUC of a part of the changes.
MIN_CASES = 5

_SEED = 2013


@dataclass(frozen=True, slots=True)
class Bin:
    """A row of the calibration table.

    low, high: the changes have a probability in [low, high).
    changes: their number.
    predicted: the mean of their probabilities.
    observed: the share of faulty ones.
    """

    low: float
    high: float
    changes: int
    predicted: float
    observed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The scores of one set of predictions.

    auc: area under the ROC curve.
    pr_auc: area under the precision-recall curve.
    brier_skill: 1 minus the quotient of the Brier score and that of the base rate as a constant prediction.
    ece: expected calibration error over `BINS` bins of equal width, weighted by changes.
    recall20: the share of faulty changes that are found in 20 % of the lines, if changes with the highest probability
        per line are read first.
    """

    auc: float
    pr_auc: float
    brier: float
    brier_skill: float
    ece: float
    recall20: float
    calibration: tuple[Bin, ...]


def evaluate(faulty: Floats, probability: Floats, effort: Floats) -> Scores:
    """Return all scores. Raises ValueError if only one outcome occurs, or if a probability is invalid.

    faulty: 0 or 1.
    effort: the lines of each change.
    """
    if not len(faulty) == len(probability) == len(effort):
        raise ValueError("outcomes, probabilities and efforts have different lengths")
    if not 0 < faulty.sum() < len(faulty):
        raise ValueError("scores need changes with and without a fault")
    if not (np.isfinite(probability).all() and probability.min() >= 0 and probability.max() <= 1):
        raise ValueError("a probability must be between 0 and 1")
    # Imported here, because modules that need only the classes do not need scikit-learn.
    from sklearn.metrics import average_precision_score, brier_score_loss

    brier, base = float(brier_score_loss(faulty, probability)), float(faulty.mean())
    return Scores(
        auc=roc_auc(faulty, probability),
        pr_auc=float(average_precision_score(faulty, probability)),
        brier=brier,
        brier_skill=1 - brier / (base * (1 - base)),
        ece=calibration_error(faulty, probability),
        recall20=recall_at_effort(faulty, probability / np.maximum(effort, 1), effort),
        calibration=calibration_table(faulty, probability),
    )


def roc_auc(faulty: Floats, score: Floats) -> float:
    """Return the probability that a faulty change has a higher score than one without a fault. Ties count half.

    It equals `sklearn.metrics.roc_auc_score` and is 40 times faster. A bootstrap calls it thousands of times.
    """
    rank = _ranks(score)
    positives = faulty.sum()
    above = rank[faulty == 1].sum() - positives * (positives + 1) / 2
    return float(above / (positives * (len(faulty) - positives)))


def spearman(one: Floats, other: Floats) -> float | None:
    """Return the rank correlation, -1 to 1; None if one of them is constant or there are fewer than two values.

    Equal values have their mean rank. It equals `scipy.stats.spearmanr`, which takes two seconds to import.
    """
    if len(one) < 2 or not np.ptp(one) or not np.ptp(other):
        return None
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: Floats) -> Floats:
    """Return the rank of each value from 1 on. Equal values have their mean rank."""
    _, group, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[group])


@dataclass(frozen=True, slots=True)
class Quarter:
    """The changes of one quarter by size.

    least, most: lines changed.
    auc: None if fewer than `MIN_CASES` of them are faulty, or not faulty.
    """

    least: int
    most: int
    changes: int
    faulty: int
    auc: float | None


def quarters(faulty: Floats, score: Floats, lines: Floats) -> tuple[Quarter, ...]:
    """Return the ROC-AUC inside each quarter of the changes by lines, smallest first: what a score says beyond size.

    Changes with equal lines are in the same quarter, so that a quarter can be larger than another one, or missing.
    """
    bounds = np.quantile(lines, (0.25, 0.5, 0.75)) if len(lines) else np.zeros(3)
    place = np.searchsorted(bounds, lines, side="left")
    found = []
    for number in range(4):
        inside = place == number
        if inside.any():
            outcome, changes = faulty[inside], int(inside.sum())
            positives = int(outcome.sum())
            enough = min(positives, changes - positives) >= MIN_CASES
            auc = roc_auc(outcome, score[inside]) if enough else None
            sizes = lines[inside]
            found.append(Quarter(int(sizes.min()), int(sizes.max()), changes, positives, auc))
    return tuple(found)


def recall_at_effort(faulty: Floats, score: Floats, effort: Floats) -> float:
    """Return the share of faulty changes that are found if the changes with the highest scores are read first.

    Reading stops at the share `EFFORT` of all lines.
    """
    order = np.lexsort((effort, -score))
    read = np.cumsum(effort[order]) <= EFFORT * effort.sum()
    return float(faulty[order][read].sum() / faulty.sum())


def calibration_table(faulty: Floats, probability: Floats) -> tuple[Bin, ...]:
    """Compare predictions with outcomes in `BINS` bins of equal width. Empty bins are left out."""
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    rows = []
    for number in range(BINS):
        inside = bins == number
        if inside.any():
            means = float(probability[inside].mean()), float(faulty[inside].mean())
            rows.append(Bin(number / BINS, (number + 1) / BINS, int(inside.sum()), *means))
    return tuple(rows)


def calibration_error(faulty: Floats, probability: Floats) -> float:
    """Return the expected calibration error (ECE): the mean difference of the bins, weighted by changes."""
    table = calibration_table(faulty, probability)
    return sum(row.changes * abs(row.predicted - row.observed) for row in table) / len(faulty)


def error_by_chance(probability: Floats, *, rounds: int = 100) -> float:
    """Return the mean ECE that correct probabilities would have by chance. It is larger if there are few changes."""
    draw = np.random.default_rng(_SEED)
    outcomes = (draw.random((rounds, len(probability))) < probability).astype(np.float64)
    return float(np.mean([calibration_error(outcome, probability) for outcome in outcomes]))


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference and its 95 % interval."""

    difference: float
    low: float
    high: float


def paired_bootstrap(
    faulty: Floats,
    ours: Floats,
    theirs: Floats,
    score: Callable[[Floats, Floats], float] = roc_auc,
    *,
    rounds: int = 1000,
) -> Interval:
    """Return the difference of the scores of `ours` and `theirs` with its bootstrap interval.

    Samples with only one outcome are drawn again. The result is deterministic.
    """
    draw = np.random.default_rng(_SEED)
    differences: list[float] = []
    while len(differences) < rounds:
        chosen = draw.integers(0, len(faulty), len(faulty))
        outcome = faulty[chosen]
        if 0 < outcome.sum() < len(outcome):
            differences.append(score(outcome, ours[chosen]) - score(outcome, theirs[chosen]))
    low, high = np.percentile(differences, [2.5, 97.5])
    return Interval(score(faulty, ours) - score(faulty, theirs), float(low), float(high))
