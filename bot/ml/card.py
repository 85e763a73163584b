"""The model card: how well a model foresaw the changes after those it learned from, beside two plain baselines."""

from dataclasses import dataclass

import numpy as np

from bot.domain.features import FEATURES
from bot.ml.calibrate import sigmoid
from bot.ml.columns import Floats
from bot.ml.fit import FEWEST_POSITIVES
from bot.ml.labels import History, labels_at
from bot.ml.risk import RiskModel
from bot.ml.scores import Bin, Scores, evaluate

_LA, _LD = FEATURES.index("la"), FEATURES.index("ld")
_FEWEST_JUDGED = 5


@dataclass(frozen=True, slots=True)
class Part:
    """Changes between two moments (Unix seconds), and how many of them needed a fix as far as was known."""

    changes: int
    faulty: int
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Card:
    """learned: as known at its end. judged: changes after it whose outcome is known; None where they are too few.

    scores: by name, the model first; empty where nothing could be judged. probability: of each judged change.
    """

    model_version: str
    learned: Part
    judged: Part | None
    scores: tuple[tuple[str, Scores], ...] = ()
    probability: Floats | None = None


def make_card(model: RiskModel, past: History, churn: Floats, end: int) -> Card:
    """Judge a model on the changes from row `model.rows` to row `end` of the history.

    churn: lines that were changed in the files of each change before it. Baselines: a logistic regression on the
    logarithm of the lines changed, and one on that of the churn, fitted on what the model was fitted on.
    """
    size = model.rows
    before = past.before(size)
    known = labels_at(before, float(before.when[-1]))
    learned = Part(size, known.positives, float(before.when[0]), float(before.when[-1]))
    faulty = past.faulty[size:end]
    found = int(faulty.sum())
    judged = Part(len(faulty), found, float(past.when[size]), float(past.when[end - 1])) if size < end else None
    if not model.has_probability or known.positives < FEWEST_POSITIVES:
        return Card(model.version, learned, None)
    if judged is None or not _FEWEST_JUDGED <= found < len(faulty):
        return Card(model.version, learned, judged)
    raw = past.raw[size:end]
    probability = sigmoid(model.updated(before, known).log_odds(raw))
    lines = past.raw[:, _LA] + past.raw[:, _LD]
    baselines = (("lines changed alone", lines), ("churn of the files", churn))
    scores = [("this model", evaluate(faulty, probability, lines[size:end]))]
    for name, measure in baselines:
        told = _baseline(measure, known.faulty, known.weight, size, end)
        scores.append((name, evaluate(faulty, told, lines[size:end])))
    return Card(model.version, learned, judged, tuple(scores), probability)


def calibration_of(card: Card) -> tuple[Bin, ...]:
    """What the model said against what came."""
    return card.scores[0][1].calibration if card.scores else ()


def _baseline(measure: Floats, faulty: Floats, weight: Floats, size: int, end: int) -> Floats:
    from bot.ml import learn

    column = np.log1p(measure)[:, None]
    return sigmoid(learn.linear(column[:size], faulty, weight, (0,)).log_odds(column[size:end]))
