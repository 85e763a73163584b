"""How likely a change is to need a fix, why, and how changes like it went. Scoring needs numpy only.

`bot.ml.fit.fit` makes a `RiskModel`; this module uses one.
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
# A change counts among the neighbours when so many of the faults would have shown by its age.
_RIPE = 0.9


@dataclass(frozen=True, slots=True)
class Blend:
    """The repository's own members and the prior, mixed in log-odds: `own_share` of the former, then calibrated."""

    members: tuple[Member, ...]
    prior: Prior | None
    own_share: float
    calibration: Calibration

    def log_odds(self, table: Floats) -> Floats:
        """Calibrated log-odds of rows of `columns.columns`."""
        mixed = np.zeros(len(table))
        if self.own_share:
            mixed += self.own_share * np.mean([member.log_odds(table) for member in self.members], axis=0)
        if self.prior and self.own_share < 1:
            mixed += (1 - self.own_share) * self.prior.log_odds(table)
        return self.calibration.apply(mixed)


@dataclass(frozen=True, slots=True)
class Scored:
    """The changes from row `first` of the history on, as they were scored before their outcome, and what came."""

    first: int
    log_odds: Floats
    labels: Labels


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The past changes whose scores are nearest to one score: `total` of them.

    faulty: the rows in the history of those that needed a fix, the nearest first.
    """

    total: int = 0
    faulty: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskModel:
    """A fitted model. `rows`: of the history that it was fitted on.

    `window`: features of the last changes; `recent`: how they were scored; `scored`: None with too little history.
    """

    version: str
    blend: Blend
    rows: int
    window: Floats
    recent: Floats
    scored: Scored | None

    @property
    def has_probability(self) -> bool:
        """Whether there was enough history to calibrate."""
        return self.scored is not None

    def updated(self, past: History, labels: Labels) -> "RiskModel":
        """The same model, compared with a history that has grown since, and with what is known of it now.

        past: the rows that it was fitted on, and those after them. ValueError if there are fewer.
        """
        if len(past) < self.rows:
            raise ValueError(f"the model was fitted on {self.rows} changes, and there are {len(past)}")
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
        """Calibrated, of features (changes, len(FEATURES)); in time order: each is seen against what was before it."""
        return self.blend.log_odds(columns(raw, self.window))

    def assess(self, change: ChangeFeatures, near: Neighbours) -> ChangeRisk:
        """The risk of one change that comes after the window, without examples. near: `neighbours` of its score."""
        log_odds = self.score(change)
        return ChangeRisk(
            model_version=self.version,
            probability=float(sigmoid(np.array(log_odds))) if self.has_probability else None,
            percentile=self.percentile(log_odds),
            compared=len(self.recent),
            similar=near.total,
            similar_fixed=len(near.faulty),
            reasons=self.reasons(change),
            features=change,
        )

    def score(self, change: ChangeFeatures) -> float:
        """Calibrated log-odds of one change that comes after the window."""
        return float(self.log_odds(matrix([change]))[0])

    def percentile(self, log_odds: float) -> float:
        """The share of the last changes (500 at most) that were scored lower, in whole percent; ties count half."""
        if not len(self.recent):
            return 0.5
        below = np.count_nonzero(self.recent < log_odds) + 0.5 * np.count_nonzero(self.recent == log_odds)
        return int(100 * below / len(self.recent)) / 100

    def reasons(self, change: ChangeFeatures) -> tuple[Reason, ...]:
        """For each feature: the log-odds of the change, less those with the feature at its median in the window.

        Largest first. One feature is replaced at a time, and all that derives from it follows; as features act
        together, the contributions need not add up to the whole.
        """
        if not len(self.window):
            return ()
        own = np.array(change)
        versions = np.vstack([own, np.tile(own, (len(FEATURES), 1))])
        usual = np.median(self.window, axis=0)
        for place in range(len(FEATURES)):
            versions[place + 1, place] = usual[place]
        scores = self.blend.log_odds(alternatives(versions, self.window))
        reasons = [
            Reason(
                feature=name, value=float(value), usual=float(middle), contribution=round(float(scores[0] - score), 4)
            )
            for name, value, middle, score in zip(FEATURES, change, usual, scores[1:], strict=True)
        ]
        return tuple(sorted(reasons, key=lambda reason: -abs(reason.contribution)))

    def neighbours(self, log_odds: float) -> Neighbours:
        """How the past changes with the nearest scores went; nothing with too little history.

        Only changes old enough that nearly all faults would have shown count, sound and faulty alike, with the score
        that they had before it.
        """
        if self.scored is None:
            return Neighbours()
        ripe = np.flatnonzero(self.scored.labels.shown >= _RIPE)
        distance = np.abs(self.scored.log_odds[ripe] - log_odds)
        nearest = ripe[np.argsort(distance, kind="stable")[:NEIGHBOURS]]
        faulty = nearest[self.scored.labels.faulty[nearest] > 0]
        return Neighbours(len(nearest), tuple(int(row) + self.scored.first for row in faulty))
