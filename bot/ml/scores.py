"""How good probabilities are: order, calibration, and use at a limited effort; with paired bootstrap intervals."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bot.ml.columns import Floats

BINS = 10
EFFORT = 0.2

_SEED = 2013


@dataclass(frozen=True, slots=True)
class Bin:
    """A row of the calibration table: `changes` whose probability lies in [low, high), their mean, and what came."""

    low: float
    high: float
    changes: int
    predicted: float
    observed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """auc: ROC. brier_skill: 1 less the Brier score over that of always saying the base rate of the same changes.

    ece: expected calibration error over `BINS` bins of equal width, weighted by changes. recall20: the share of the
    faulty changes that are read when changes are read by probability per line until 20 % of all lines are read.
    """

    auc: float
    pr_auc: float
    brier: float
    brier_skill: float
    ece: float
    recall20: float
    calibration: tuple[Bin, ...]


def evaluate(faulty: Floats, probability: Floats, effort: Floats) -> Scores:
    """All scores. faulty: 0 or 1; effort: lines to read. ValueError unless both outcomes occur and all is finite."""
    if not len(faulty) == len(probability) == len(effort):
        raise ValueError("outcomes, probabilities and efforts differ in number")
    if not 0 < faulty.sum() < len(faulty):
        raise ValueError("scores need changes with and without a fault")
    if not (np.isfinite(probability).all() and probability.min() >= 0 and probability.max() <= 1):
        raise ValueError("a probability lies between 0 and 1")
    # Imported here: whoever only needs the shapes does without scikit-learn.
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
    """The chance that a faulty change is scored above a sound one; ties count half.

    The same as `sklearn.metrics.roc_auc_score`, in a fortieth of the time: a bootstrap needs it thousands of times.
    """
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    positives = faulty.sum()
    above = rank[faulty == 1].sum() - positives * (positives + 1) / 2
    return float(above / (positives * (len(faulty) - positives)))


def recall_at_effort(faulty: Floats, score: Floats, effort: Floats) -> float:
    """The share of faulty changes among the first by score that cost no more than `EFFORT` of all lines together."""
    order = np.lexsort((effort, -score))
    read = np.cumsum(effort[order]) <= EFFORT * effort.sum()
    return float(faulty[order][read].sum() / faulty.sum())


def calibration_table(faulty: Floats, probability: Floats) -> tuple[Bin, ...]:
    """What was said against what came, in `BINS` bins of equal width; empty bins are left out."""
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    rows = []
    for number in range(BINS):
        inside = place == number
        if inside.any():
            means = float(probability[inside].mean()), float(faulty[inside].mean())
            rows.append(Bin(number / BINS, (number + 1) / BINS, int(inside.sum()), *means))
    return tuple(rows)


def calibration_error(faulty: Floats, probability: Floats) -> float:
    """The expected calibration error (ECE): how far each bin's mean is from what came, weighted by changes."""
    table = calibration_table(faulty, probability)
    return sum(row.changes * abs(row.predicted - row.observed) for row in table) / len(faulty)


def error_by_chance(probability: Floats, *, rounds: int = 100) -> float:
    """The ECE that these probabilities would show on average if each were exactly right: few changes leave some."""
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
    """How much better `ours` scores than `theirs` on the same changes, over changes drawn again with replacement.

    Draws with one outcome only are drawn again. Deterministic.
    """
    draw = np.random.default_rng(_SEED)
    found: list[float] = []
    while len(found) < rounds:
        chosen = draw.integers(0, len(faulty), len(faulty))
        outcome = faulty[chosen]
        if 0 < outcome.sum() < len(outcome):
            found.append(score(outcome, ours[chosen]) - score(outcome, theirs[chosen]))
    low, high = np.percentile(found, [2.5, 97.5])
    return Interval(score(faulty, ours) - score(faulty, theirs), float(low), float(high))
