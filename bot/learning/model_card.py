"""The model card of a repository, as the content of its snapshot: plain JSON values."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bot.db.tables import PredictionRow
from bot.domain.periods import DAY, FIX_WINDOW
from bot.history.index import HistoryIndex
from bot.history.labels import churn_before
from bot.learning.risk_model import TrainingData, current_model, fitted_model, training_data, training_size
from bot.ml.card import Card, Part, calibration_of, make_card
from bot.ml.fit import FEWEST_CHANGES, FEWEST_POSITIVES
from bot.ml.scores import Scores
from bot.text import count

_LEARNED_SHARE = 0.8
_POINTS = 500


def model_card(index: HistoryIndex, folder: Path, predictions: Iterable[PredictionRow]) -> dict[str, Any]:
    """Everything that is known of the model's worth here. predictions: those whose outcome is known.

    Fits what is not kept in `folder`, which takes seconds.
    """
    past = training_data(index)
    base: dict[str, Any] = {
        "changes": len(past),
        "needed_fix": past.labels.positives,
        "within_days": FIX_WINDOW // DAY,
        "said": _said(list(predictions)),
    }
    if not len(past):
        why = "No change of code is known yet."
        if not index.has_lines:
            why = "The clone lacks the texts of its files, so that no change can be measured."
        return base | {"model_version": None, "summary": why, "scores": []}
    base["model_version"] = current_model(past, folder).version
    ripe = int(np.searchsorted(past.rows.when, index.clock - FIX_WINDOW, side="right"))
    size = training_size(int(ripe * _LEARNED_SHARE))
    if size < FEWEST_CHANGES or past.labels.positives < FEWEST_POSITIVES:
        return base | {"summary": _too_little(past), "scores": []}
    churn = churn_before(index)
    spent = np.array([churn.get(ordinal, 0.0) for ordinal in past.table.ordinals])
    card = make_card(fitted_model(past, size, folder), past.rows, spent, ripe)
    return base | _judged(card, past, size)


def _judged(card: Card, past: TrainingData, size: int) -> dict[str, Any]:
    return {
        "summary": _summary(card),
        "judged_model": card.model_version,
        "learned": _part(card.learned),
        "judged": card.judged.changes if card.judged else 0,
        "judged_part": _part(card.judged) if card.judged else None,
        "scores": [_score(name, scores) for name, scores in card.scores],
        "calibration": [
            {
                "predicted": round(row.predicted, 4),
                "observed": round(row.observed, 4),
                "count": row.changes,
                "low": row.low,
                "high": row.high,
            }
            for row in calibration_of(card)
        ],
        "points": _points(card, past, size),
    }


def _points(card: Card, past: TrainingData, size: int) -> list[dict[str, Any]]:
    """The newest judged changes, as they would have been scored when they were made."""
    if card.probability is None:
        return []
    table, rows = past.table, range(size, size + len(card.probability))
    points = [
        {
            "when": int(table.when[row]),
            "probability": round(float(said), 4),
            "needed_fix": bool(table.faulty[row]),
            "sha": table.shas[row],
        }
        for row, said in zip(rows, card.probability, strict=True)
    ]
    return points[-_POINTS:]


def _score(name: str, scores: Scores) -> dict[str, Any]:
    figures = ("auc", "pr_auc", "brier", "brier_skill", "ece", "recall20")
    return {"name": name} | {figure: round(float(getattr(scores, figure)), 4) for figure in figures}


def _said(predictions: Sequence[PredictionRow]) -> dict[str, Any]:
    """What was really said on changes that have landed since, against what became of them: the last word on each."""
    last = {row.landed_sha: row for row in predictions}
    known = [(row.probability, float(bool(row.outcome))) for row in last.values() if row.probability is not None]
    if not known:
        return {"changes": 0, "needed_fix": 0, "mean_probability": None, "brier": None}
    told, came = (np.array(column) for column in zip(*known, strict=True))
    return {
        "changes": len(known),
        "needed_fix": int(came.sum()),
        "mean_probability": round(float(told.mean()), 4),
        "brier": round(float(((told - came) ** 2).mean()), 4),
    }


def _part(part: Part) -> dict[str, Any]:
    return {"changes": part.changes, "needed_fix": part.faulty, "since": _day(part.since), "until": _day(part.until)}


def _summary(card: Card) -> str:
    learned, judged = card.learned, card.judged
    said = (
        f"Learned from {_of(learned, 'known by then to have needed a fix')}; model {card.model_version}."
        if judged is None
        else f"Learned from {_of(learned, 'known by then to have needed a fix')}, and judged on "
        f"{_of(judged, 'in need of a fix or a revert within 90 days')}. Model: {card.model_version}."
    )
    return said if card.scores else said + " That is too little to judge it by."


def _of(part: Part, what: str) -> str:
    return (
        f"{count(part.changes, 'change')} from {_day(part.since)} to {_day(part.until)}, {part.faulty:,} of them {what}"
    )


def _too_little(past: TrainingData) -> str:
    return (
        f"There is too little history to judge a model by: {count(len(past), 'change')} of code, "
        f"{past.labels.positives:,} of them known to have needed a fix. At least {FEWEST_CHANGES} changes with known "
        f"outcome to learn from and {FEWEST_POSITIVES} faults are needed."
    )


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
