"""Predicts the risk of a change with a fitted model: probability, reasons, and similar past changes. Needs numpy only.

`bot.ml.fit.fit` creates a `RiskModel`.
"""

from dataclasses import dataclass, replace

import numpy as np

from bot.domain.features import FEATURES, ChangeFeatures
from bot.domain.history import ChangeRisk, Reason
from bot.ml.calibrate import Calibration, sigmoid
from bot.ml.columns import WINDOW, Floats, alternatives, columns, matrix
from bot.ml.labels import History, Labels
from bot.ml.members import Member
from bot.ml.prior import Prior

NEIGHBOURS = 50
# A change can be a neighbour if at least this share of faults is known within its age.
_MIN_SHOWN = 0.9


@dataclass(frozen=True, slots=True)
class Blend:
    """The weighted mean of the log-odds of the repository's own members and of the prior, calibrated.

    own_share: the weight of the own members.
    """

    members: tuple[Member, ...]
    prior: Prior | None
    own_share: float
    calibration: Calibration

    def log_odds(self, table: Floats) -> Floats:
        """Return the calibrated log-odds of rows of `columns.columns`."""
        mixed = np.zeros(len(table))
        if self.own_share:
            mixed += self.own_share * np.mean([member.log_odds(table) for member in self.members], axis=0)
        if self.prior and self.own_share < 1:
            mixed += (1 - self.own_share) * self.prior.log_odds(table)
        return self.calibration.apply(mixed)


@dataclass(frozen=True, slots=True)
class Scored:
    """The changes from row `first` of the history on.

    log_odds: of models that did not know the outcomes.
    labels: the outcomes.
    """

    first: int
    log_odds: Floats
    labels: Labels


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The past changes whose scores are nearest to one score.

    total: the number of these changes.
    faulty: the rows of those that needed a fix, nearest first.
    """

    total: int = 0
    faulty: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskModel:
    """A fitted model.

    rows: the number of rows of the history that it was fitted on.
    window: the features of the last changes.
    recent: the log-odds of the last changes.
    scored: None if there is too little history.
    """

    version: str
    blend: Blend
    rows: int
    window: Floats
    recent: Floats
    scored: Scored | None

    @property
    def has_probability(self) -> bool:
        """Whether there was enough history for a calibration."""
        return self.scored is not None

    def updated(self, past: History, labels: Labels) -> "RiskModel":
        """Return the same model with the window, the scores and the labels of a history that has grown.

        past: the rows that it was fitted on, and later ones. Raises ValueError if there are fewer.
        """
        if len(past) < self.rows:
            raise ValueError(f"the model was fitted on {self.rows} changes, but the history has only {len(past)}")
        window = past.raw[-WINDOW:]
        if self.scored is None:
            first = max(0, len(past) - WINDOW)
            recent = self.blend.log_odds(columns(past.raw[first:], past.raw[:first]))
            return replace(self, window=window, recent=recent)
        later = self.blend.log_odds(columns(past.raw[self.rows :], past.raw[: self.rows]))
        log_odds = np.concatenate([self.scored.log_odds, later])
        scored = Scored(self.scored.first, log_odds, labels.since(self.scored.first))
        return replace(self, window=window, recent=log_odds[-WINDOW:], scored=scored)

    def log_odds(self, raw: Floats) -> Floats:
        """Return the calibrated log-odds of features in time order, of shape (changes, len(FEATURES))."""
        return self.blend.log_odds(columns(raw, self.window))

    def assess(self, change: ChangeFeatures, neighbours: Neighbours) -> ChangeRisk:
        """Return the risk of one change after the window, without examples. neighbours: of its score."""
        log_odds = self.score(change)
        return ChangeRisk(
            model_version=self.version,
            probability=float(sigmoid(np.array(log_odds))) if self.has_probability else None,
            percentile=self.percentile(log_odds),
            compared=len(self.recent),
            similar=neighbours.total,
            similar_fixed=len(neighbours.faulty),
            reasons=self.reasons(change),
            features=change,
        )

    def score(self, change: ChangeFeatures) -> float:
        """Return the calibrated log-odds of one change after the window."""
        return float(self.log_odds(matrix([change]))[0])

    def percentile(self, log_odds: float) -> float:
        """Return the share of the last changes (at most 500) with a lower score, in steps of 0.01. Ties count half."""
        if not len(self.recent):
            return 0.5
        below = np.count_nonzero(self.recent < log_odds) + 0.5 * np.count_nonzero(self.recent == log_odds)
        return int(100 * below / len(self.recent)) / 100

    def reasons(self, change: ChangeFeatures) -> tuple[Reason, ...]:
        """Return the contribution of each feature, the largest first.

        It is the difference between the log-odds of the change and its log-odds with the feature set to its median in
        the window. All columns that depend on the feature are computed again. Features interact, so that the
        contributions need not add up to the total.
        """
        if not len(self.window):
            return ()
        values = np.array(change)
        versions = np.vstack([values, np.tile(values, (len(FEATURES), 1))])
        usual = np.median(self.window, axis=0)
        for index in range(len(FEATURES)):
            versions[index + 1, index] = usual[index]
        scores = self.blend.log_odds(alternatives(versions, self.window))
        reasons = [
            Reason(
                feature=name, value=float(value), usual=float(middle), contribution=round(float(scores[0] - score), 4)
            )
            for name, value, middle, score in zip(FEATURES, change, usual, scores[1:], strict=True)
        ]
        return tuple(sorted(reasons, key=lambda reason: -abs(reason.contribution)))

    def neighbours(self, log_odds: float) -> Neighbours:
        """Return the past changes with the nearest scores; none if there is too little history.

        Only changes that are old enough for nearly all faults to be known count. Their scores are from models that did
        not know the outcomes.
        """
        if self.scored is None:
            return Neighbours()
        old_enough = np.flatnonzero(self.scored.labels.shown >= _MIN_SHOWN)
        distance = np.abs(self.scored.log_odds[old_enough] - log_odds)
        nearest = old_enough[np.argsort(distance, kind="stable")[:NEIGHBOURS]]
        faulty = nearest[self.scored.labels.faulty[nearest] > 0]
        return Neighbours(len(nearest), tuple(int(row) + self.scored.first for row in faulty))
