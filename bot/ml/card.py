"""The model card: how well a model predicts the changes after its training data, compared with two baselines."""

from dataclasses import dataclass

import numpy as np

from bot.domain.features import FEATURES
from bot.ml.calibrate import sigmoid
from bot.ml.columns import Floats
from bot.ml.fit import MIN_POSITIVES
from bot.ml.labels import History, labels_at
from bot.ml.risk import RiskModel
from bot.ml.scores import Bin, Scores, evaluate

_LA, _LD = FEATURES.index("la"), FEATURES.index("ld")
_MIN_FAULTY = 5


@dataclass(frozen=True, slots=True)
class Part:
    """The changes between two times.

    faulty: how many of them are known to have needed a fix.
    since, until: Unix seconds.
    """

    changes: int
    faulty: int
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Card:
    """The model card of one model.

    learned: the training data, with the outcomes that were known at its end.
    judged: the later changes whose outcome is known; None if there are too few.
    scores: by name, the model first; empty if nothing was judged.
    probability: of each judged change.
    """

    model_version: str
    learned: Part
    judged: Part | None
    scores: tuple[tuple[str, Scores], ...] = ()
    probability: Floats | None = None


def make_card(model: RiskModel, past: History, churn: Floats, end: int) -> Card:
    """Evaluate a model on the changes from row `model.rows` to row `end` of the history.

    churn: of the files of each change, before it.
    The baselines are logistic regressions on the logarithms of the lines changed and of the churn. They are fitted on
    the training data of the model.
    """
    size = model.rows
    before = past.before(size)
    known = labels_at(before, float(before.when[-1]))
    learned = Part(size, known.positives, float(before.when[0]), float(before.when[-1]))
    faulty = past.faulty[size:end]
    positives = int(faulty.sum())
    judged = Part(len(faulty), positives, float(past.when[size]), float(past.when[end - 1])) if size < end else None
    if not model.has_probability or known.positives < MIN_POSITIVES:
        return Card(model.version, learned, None)
    if judged is None or not _MIN_FAULTY <= positives < len(faulty):
        return Card(model.version, learned, judged)
    raw = past.raw[size:end]
    probability = sigmoid(model.updated(before, known).log_odds(raw))
    lines = past.raw[:, _LA] + past.raw[:, _LD]
    baselines = (("lines changed alone", lines), ("churn of the files", churn))
    scores = [("this model", evaluate(faulty, probability, lines[size:end]))]
    for name, measure in baselines:
        predicted = _baseline(measure, known.faulty, known.weight, size, end)
        scores.append((name, evaluate(faulty, predicted, lines[size:end])))
    return Card(model.version, learned, judged, tuple(scores), probability)


def calibration_of(card: Card) -> tuple[Bin, ...]:
    """Return the calibration table of the model."""
    return card.scores[0][1].calibration if card.scores else ()


def _baseline(measure: Floats, faulty: Floats, weight: Floats, size: int, end: int) -> Floats:
    from bot.ml import learn

    column = np.log1p(measure)[:, None]
    return sigmoid(learn.linear(column[:size], faulty, weight, (0,)).log_odds(column[size:end]))
