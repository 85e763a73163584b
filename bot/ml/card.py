"""The model card: how well a model predicts the changes after its training data, compared with two baselines.

It also tells how far a score is more than the size of a change: its rank correlation with the lines changed, and how
well it ranks changes of similar size.
"""

from dataclasses import dataclass

import numpy as np

from bot.domain.history import Basis
from bot.ml.baselines import baseline
from bot.ml.calibrate import sigmoid
from bot.ml.columns import Floats, columns
from bot.ml.fit import MIN_POSITIVES
from bot.ml.labels import History, labels_at
from bot.ml.risk import Blend, RiskModel, lines_of
from bot.ml.scores import MIN_CASES, Bin, Quarter, Scores, evaluate, quarters, spearman

_NAMES = {Basis.LINES: "lines changed alone", Basis.CHURN: "churn of the files"}


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
class Row:
    """The scores of one set of predictions.

    size_correlation: the rank correlation with the lines changed; None if one of them is constant.
    """

    name: str
    scores: Scores
    size_correlation: float | None


@dataclass(frozen=True, slots=True)
class Card:
    """The model card of one model.

    learned: the training data, with the outcomes that were known at its end.
    judged: the later changes whose outcome is known; None if there are too few.
    rows: what is used first; empty if nothing was judged.
    quarters: of what is used.
    probability: of each judged change.
    """

    model_version: str
    learned: Part
    judged: Part | None
    rows: tuple[Row, ...] = ()
    quarters: tuple[Quarter, ...] = ()
    probability: Floats | None = None


def make_card(model: RiskModel, past: History, end: int) -> Card:
    """Evaluate a model on the changes from row `model.rows` to row `end` of the history.

    The baselines are calibrated on the training data of the model.
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
    if judged is None or not MIN_CASES <= positives < len(faulty):
        return Card(model.version, learned, judged)
    table = columns(past.raw[:end])
    named = _named(model, {basis: baseline(basis, table[:size], known) for basis in _NAMES})
    predicted = [(name, sigmoid(blend.log_odds(table[size:]))) for name, blend in named]
    lines = np.expm1(lines_of(past.raw[size:end])).round()
    rows = tuple(
        Row(name, evaluate(faulty, probability, lines), spearman(probability, lines)) for name, probability in predicted
    )
    probability = predicted[0][1]
    return Card(model.version, learned, judged, rows, quarters(faulty, probability, lines), probability)


def _named(model: RiskModel, baselines: dict[Basis, Blend]) -> list[tuple[str, Blend]]:
    """Return the model and the baselines by name, what is used first."""
    others = [(_NAMES[basis], blend) for basis, blend in baselines.items() if basis is not model.basis]
    if model.unused is None:
        return [("this model", model.blend), *others]
    return [(f"{_NAMES[model.basis]} (used)", model.blend), *others, ("the model (not used)", model.unused)]


def calibration_of(card: Card) -> tuple[Bin, ...]:
    """Return the calibration table of what is used."""
    return card.rows[0].scores.calibration if card.rows else ()
