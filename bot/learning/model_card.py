"""The model card of a repository: the content of its snapshot."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from bot.db.predictions import Prediction
from bot.domain.history import Basis
from bot.domain.model_card import (
    CalibrationBin,
    ChangeSpan,
    Comparison,
    JudgedChange,
    ModelCard,
    ModelScores,
    PredictionRecord,
    SizeQuarter,
)
from bot.domain.periods import DAY, FIX_WINDOW
from bot.history.index import HistoryIndex
from bot.learning.risk_model import TrainingData, current_model, fitted_model, training_data, training_size
from bot.ml.card import Card, Part, Row, calibration_of, make_card
from bot.ml.fit import MIN_CHANGES, MIN_POSITIVES
from bot.text import count

_LEARNED_SHARE = 0.8
_POINTS = 500


def model_card(index: HistoryIndex, folder: Path, predictions: Iterable[Prediction]) -> ModelCard:
    """Everything that is known of the model's worth here. predictions: those whose outcome is known.

    Fits what is not kept in `folder`, which takes seconds.
    """
    past = training_data(index)
    base = ModelCard(
        changes=len(past),
        needed_fix=past.labels.positives,
        within_days=FIX_WINDOW // DAY,
        said=_record(list(predictions)),
        model_version=None,
        summary="No change of code is known yet.",
        scores=(),
    )
    if not len(past):
        if not index.has_lines:
            why = "The clone lacks the texts of its files, so that no change can be measured."
            return replace(base, summary=why)
        return base
    current = current_model(past, folder)
    base = replace(base, model_version=current.version, basis=current.basis, compared=current.compared)
    ripe = int(np.searchsorted(past.rows.when, index.clock - FIX_WINDOW, side="right"))
    size = training_size(int(ripe * _LEARNED_SHARE))
    if size < MIN_CHANGES or past.labels.positives < MIN_POSITIVES:
        return replace(base, summary=_too_little(past))
    return _judged(base, make_card(fitted_model(past, size, folder), past.rows, ripe), past, size)


def _judged(base: ModelCard, card: Card, past: TrainingData, size: int) -> ModelCard:
    return replace(
        base,
        summary=_summary(card) + _choice(base),
        judged_model=card.model_version,
        learned=_span(card.learned),
        judged=card.judged.changes if card.judged else 0,
        judged_part=_span(card.judged) if card.judged else None,
        scores=tuple(_scores(row) for row in card.rows),
        quarters=tuple(
            SizeQuarter(
                least=row.least,
                most=row.most,
                changes=row.changes,
                needed_fix=row.faulty,
                auc=None if row.auc is None else _figure(row.auc),
            )
            for row in card.quarters
        ),
        calibration=tuple(
            CalibrationBin(
                predicted=round(row.predicted, 4),
                observed=round(row.observed, 4),
                count=row.changes,
                low=row.low,
                high=row.high,
            )
            for row in calibration_of(card)
        ),
        points=_points(card, past, size),
    )


def _points(card: Card, past: TrainingData, size: int) -> tuple[JudgedChange, ...]:
    """The newest judged changes, as they would have been scored when they were made."""
    if card.probability is None:
        return ()
    table, rows = past.table, range(size, size + len(card.probability))
    points = [
        JudgedChange(
            when=int(table.when[row]),
            probability=round(float(predicted), 4),
            needed_fix=bool(table.faulty[row]),
            sha=table.shas[row],
        )
        for row, predicted in zip(rows, card.probability, strict=True)
    ]
    return tuple(points[-_POINTS:])


def _scores(row: Row) -> ModelScores:
    scores, correlation = row.scores, row.size_correlation
    return ModelScores(
        name=row.name,
        auc=_figure(scores.auc),
        pr_auc=_figure(scores.pr_auc),
        brier=_figure(scores.brier),
        brier_skill=_figure(scores.brier_skill),
        ece=_figure(scores.ece),
        recall20=_figure(scores.recall20),
        size_correlation=None if correlation is None else _figure(correlation),
    )


def _figure(value: float) -> float:
    return round(float(value), 4)


def _record(predictions: Sequence[Prediction]) -> PredictionRecord:
    """What was predicted of changes that were merged since, against their outcomes: the last prediction of each."""
    last = {row.landed_sha: row for row in predictions}
    known = [(row.probability, float(bool(row.outcome))) for row in last.values() if row.probability is not None]
    if not known:
        return PredictionRecord(changes=0, needed_fix=0, mean_probability=None, brier=None)
    predicted, came = (np.array(column) for column in zip(*known, strict=True))
    return PredictionRecord(
        changes=len(known),
        needed_fix=int(came.sum()),
        mean_probability=_figure(predicted.mean()),
        brier=_figure(((predicted - came) ** 2).mean()),
    )


def _span(part: Part) -> ChangeSpan:
    return ChangeSpan(changes=part.changes, needed_fix=part.faulty, since=_day(part.since), until=_day(part.until))


def _summary(card: Card) -> str:
    learned, judged = card.learned, card.judged
    said = (
        f"Learned from {_of(learned, 'known by then to have needed a fix')}; model {card.model_version}."
        if judged is None
        else f"Learned from {_of(learned, 'known by then to have needed a fix')}, and judged on "
        f"{_of(judged, 'in need of a fix or a revert within 90 days')}. Model: {card.model_version}."
    )
    return said if card.rows else said + " That is too little to judge it by."


def _choice(card: ModelCard) -> str:
    """Say what new predictions are made by, if it is not the model."""
    if card.basis in {None, Basis.MODEL}:
        return ""
    if not card.compared:
        return f" Too few outcomes are known to compare the model with size. So the risk is by the {card.basis} alone."
    least = min(card.compared, key=lambda one: one.low)
    return (
        f" On {count(least.changes, 'later change')} of the training data ({least.needed_fix:,} needed a fix) the "
        f"model is not shown to be better than the {least.basis}: {_difference(least)}. So the risk is by the "
        f"{card.basis} alone."
    )


def _difference(one: Comparison) -> str:
    return (
        f"ROC-AUC {one.auc:.3f} against {one.baseline_auc:.3f}, 95 % interval of the difference "
        f"{one.low:+.3f} to {one.high:+.3f}"
    )


def _of(part: Part, what: str) -> str:
    return (
        f"{count(part.changes, 'change')} from {_day(part.since)} to {_day(part.until)}, {part.faulty:,} of them {what}"
    )


def _too_little(past: TrainingData) -> str:
    return (
        f"There is too little history to judge a model by: {count(len(past), 'change')} of code, "
        f"{past.labels.positives:,} of them known to have needed a fix. At least {MIN_CHANGES} changes with known "
        f"outcome to learn from and {MIN_POSITIVES} faults are needed."
    )


def _day(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()
