"""Predicts the risk of a change with a fitted model: probability, reasons, and similar past changes. Needs numpy only.

`bot.ml.fit.fit` creates a `RiskModel`.
"""

from dataclasses import dataclass, replace

import numpy as np

from bot.domain.features import FEATURES, ChangeFeatures
from bot.domain.history import Basis, ChangeRisk, Reason
from bot.domain.model_card import Comparison
from bot.ml.calibrate import Calibration, sigmoid
from bot.ml.columns import WINDOW, Floats, alternatives, columns, matrix
from bot.ml.labels import History, Labels
from bot.ml.members import Member
from bot.ml.prior import Prior

NEIGHBOURS = 50
# A change is of the same size if it has at least half and at most twice as many lines.
_SIZE_FACTOR = 2.0
_LA, _LD = FEATURES.index("la"), FEATURES.index("ld")


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
    lines: the logarithm of the lines changed.
    """

    first: int
    log_odds: Floats
    labels: Labels
    lines: Floats


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The past changes whose scores, or whose sizes, are nearest to those of one change.

    total: the number of these changes.
    faulty: the rows of those that needed a fix, nearest first.
    """

    total: int = 0
    faulty: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskModel:
    """A fitted model, or the baseline that is used instead of it.

    blend: what is used.
    rows: the number of rows of the history that it was fitted on.
    window: the features of the last changes.
    recent: the log-odds of the last changes.
    scored: None if there is too little history.
    basis: what `blend` is.
    unused: the model, if a baseline is used instead.
    compared: the model against the baselines.
    """

    version: str
    blend: Blend
    rows: int
    window: Floats
    recent: Floats
    scored: Scored | None
    basis: Basis = Basis.MODEL
    unused: Blend | None = None
    compared: tuple[Comparison, ...] = ()

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
        log_odds, first = np.concatenate([self.scored.log_odds, later]), self.scored.first
        scored = Scored(first, log_odds, labels.since(first), lines_of(past.raw[first:]))
        return replace(self, window=window, recent=log_odds[-WINDOW:], scored=scored)

    def log_odds(self, raw: Floats) -> Floats:
        """Return the calibrated log-odds of features in time order, of shape (changes, len(FEATURES))."""
        return self.blend.log_odds(columns(raw, self.window))

    def assess(self, change: ChangeFeatures, neighbours: Neighbours) -> ChangeRisk:
        """Return the risk of one change after the window, without examples. neighbours: of its score."""
        log_odds = self.score(change)
        same_size = self.of_same_size(change.la + change.ld)
        return ChangeRisk(
            model_version=self.version,
            probability=float(sigmoid(np.array(log_odds))) if self.has_probability else None,
            percentile=self.percentile(log_odds),
            compared=len(self.recent),
            basis=self.basis,
            similar=neighbours.total,
            similar_fixed=len(neighbours.faulty),
            same_size=same_size.total,
            same_size_fixed=len(same_size.faulty),
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

        Only changes with a final outcome count. Their scores are from models that did not know the outcomes.
        """
        return _nearest(self.scored, self.scored.log_odds - log_odds) if self.scored else Neighbours()

    def of_same_size(self, lines: float) -> Neighbours:
        """Return the past changes with the nearest number of lines, between half and twice as many.

        They are chosen among the same changes as `neighbours`, so that the two can be compared.
        """
        if self.scored is None:
            return Neighbours()
        return _nearest(self.scored, self.scored.lines - np.log1p(lines), float(np.log(_SIZE_FACTOR)))


def _nearest(scored: Scored, difference: Floats, most: float = np.inf) -> Neighbours:
    """Return the scored changes with a final outcome and the least differences; of equal ones the newest."""
    distance = np.abs(difference)
    able = np.flatnonzero(scored.labels.settled & (distance <= most))[::-1]
    nearest = able[np.argsort(distance[able], kind="stable")[:NEIGHBOURS]]
    faulty = nearest[scored.labels.faulty[nearest] > 0]
    return Neighbours(len(nearest), tuple(int(row) + scored.first for row in faulty))


def lines_of(raw: Floats) -> Floats:
    """Return the logarithm of the lines changed, from features."""
    return np.asarray(np.log1p(raw[:, _LA] + raw[:, _LD]))
