"""The snapshot `model-card`: how well the change risk predicts."""

from dataclasses import dataclass
from datetime import date

from bot.domain.history import Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionRecord:
    """Stored predictions whose outcome is known; the last prediction of each change counts.

    changes: predicted changes with a known outcome.
    needed_fix: how many of these needed a fix.
    mean_probability: the mean of the predicted probabilities, 0 to 1; null without such changes.
    brier: Brier score, 0 to 1, lower is better; null without such changes.
    """

    changes: int
    needed_fix: int
    mean_probability: float | None
    brier: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScores:
    """How well one model predicts the changes that it is judged on.

    name: of the model, or of the baseline.
    auc: area under the ROC curve, 0 to 1; 0.5 is chance.
    pr_auc: average precision, 0 to 1.
    brier: Brier score, 0 to 1, lower is better.
    brier_skill: 1 less the Brier score over that of always predicting the base rate; at most 1.
    ece: expected calibration error, 0 to 1, lower is better.
    recall20: share of the faulty changes that are found in 20 % of all changed lines, 0 to 1.
    size_correlation: Spearman's rank correlation with the lines changed, -1 to 1; null if either is constant.
    """

    name: str
    auc: float
    pr_auc: float
    brier: float
    brier_skill: float
    ece: float
    recall20: float
    size_correlation: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeQuarter:
    """A quarter of the judged changes by lines changed.

    least: lines of the smallest change.
    most: lines of the largest change.
    changes: how many.
    needed_fix: how many of these needed a fix.
    auc: area under the ROC curve of what is used, among these changes only; null where there is too little data.
    """

    least: int
    most: int
    changes: int
    needed_fix: int
    auc: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The model against a baseline, on changes of the training data that are later than what each score was fitted on.

    basis: the baseline.
    changes: how many changes with a known outcome.
    needed_fix: how many of these needed a fix.
    auc: area under the ROC curve of the model, 0 to 1.
    baseline_auc: that of the baseline.
    low: lower end of the 95 % interval of the difference (paired bootstrap).
    high: upper end of that interval.
    """

    basis: Basis
    changes: int
    needed_fix: int
    auc: float
    baseline_auc: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSpan:
    """Changes between two days.

    changes: how many.
    needed_fix: how many of these needed a fix, as far as was known at the end.
    since: day of the oldest change, UTC.
    until: day of the newest change, UTC.
    """

    changes: int
    needed_fix: int
    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """Judged changes whose predicted probability lies between two bounds.

    predicted: the mean of the predicted probabilities, 0 to 1.
    observed: the share of the changes that needed a fix, 0 to 1.
    count: changes in the bin.
    low: the lower bound, included.
    high: the upper bound, excluded.
    """

    predicted: float
    observed: float
    count: int
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedChange:
    """A change with the probability that the model would have given it.

    when: time of the commit, Unix seconds.
    probability: that the change needs a fix within 90 days, 0 to 1.
    needed_fix: whether it did.
    sha: of the commit.
    """

    when: int
    probability: float
    needed_fix: bool
    sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """How well the change risk predicts. The fields from `judged_model` on are there once a model could be judged.

    changes: changes of code in the history index.
    needed_fix: how many of these are known to have needed a fix.
    within_days: days within which a fix or a revert counts.
    said: predictions that were made, held against the outcomes.
    model_version: the model that new predictions come from; null without changes.
    summary: in one or two sentences.
    scores: of the model and of two baselines, what is used first; empty where there is too little to judge by.
    basis: what new predictions are made by; null without changes.
    compared: the model against the baselines, as found when it was fitted; empty where there was too little data.
    judged_model: the version of the model that is judged.
    learned: the changes that the judged model was fitted on.
    judged: how many later changes it is judged on.
    judged_part: the later changes.
    quarters: the judged changes by lines changed, smallest first.
    calibration: predicted against observed shares, by rising probability.
    points: the newest judged changes, oldest first, at most 500.
    """

    changes: int
    needed_fix: int
    within_days: int
    said: PredictionRecord
    model_version: str | None
    summary: str
    scores: tuple[ModelScores, ...]
    basis: Basis | None = None
    compared: tuple[Comparison, ...] = ()
    judged_model: str | None = None
    learned: ChangeSpan | None = None
    judged: int | None = None
    judged_part: ChangeSpan | None = None
    quarters: tuple[SizeQuarter, ...] | None = None
    calibration: tuple[CalibrationBin, ...] | None = None
    points: tuple[JudgedChange, ...] | None = None
