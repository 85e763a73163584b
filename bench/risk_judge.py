"""One project judged: fitted on the first 80 % of its changes in time order, scored on the rest."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from risk_data import BadInput, Project

from bot.domain.features import FEATURES, KAMEI
from bot.domain.history import Basis
from bot.ml.calibrate import sigmoid
from bot.ml.columns import Floats
from bot.ml.fit import fit_history
from bot.ml.labels import History, labels_at, shown_within
from bot.ml.prior import Prior
from bot.ml.risk import RiskModel
from bot.ml.scores import (
    Interval,
    Quarter,
    error_by_chance,
    evaluate,
    paired_bootstrap,
    quarters,
    roc_auc,
    spearman,
)

METHODS = ("smallest_first", "lapredict", "logistic", "gitinsight")
FIGURES = ("auc", "pr_auc", "brier_skill", "ece", "recall20")

_TRAIN = 0.8

Figures = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Judged:
    """A project's outcome: the figures of each method, and differences of ROC-AUC with their intervals.

    over_lapredict: of the model as it is. ece_by_chance: what its probabilities would show if they were right.
    ever: its figures as it is, where they differ from those among `figures`.
    """

    project: str
    tests: int
    figures: Mapping[str, Figures]
    over_lapredict: Interval
    model: str
    ece_by_chance: float
    ever: Figures | None = None
    own_only: Figures | None = None
    over_own: Interval | None = None
    size: "AgainstSize | None" = None


@dataclass(frozen=True, slots=True)
class AgainstSize:
    """How far the model is more than the size of a change, on the judged changes.

    needed_fix: how many of them did.
    lines, churn, model, used: the ROC-AUC of the lines changed, of the churn of the files, of the model whether or not
    it is used, and of what the app uses.
    basis: what the app uses.
    over_lines: of the model above the lines changed.
    correlation: of the model with the lines changed (Spearman).
    quarters: of the model.
    """

    needed_fix: int
    lines: float
    churn: float
    model: float
    used: float
    basis: Basis
    over_lines: Interval
    correlation: float | None
    quarters: tuple[Quarter, ...]


def judge(project: Project, prior: Prior | None, *, compare: bool = False) -> Judged:
    """Fit on the first 80 % with the labels known by then, and score the rest with its final labels.

    The model says whether a change will ever need a fix; the data, whether one was found before they end. So what is
    scored is its probability times the share of faults that had shown, by the cut, within the time that was left.
    """
    cut = int(len(project.rows) * _TRAIN)
    past, now = project.rows.before(cut), float(project.rows.when[cut])
    raw, faulty = project.rows.raw[cut:], project.rows.faulty[cut:]
    if not 0 < faulty.sum() < len(faulty):
        raise BadInput(f"{project.name}: its last fifth has only one outcome")
    lines = raw[:, FEATURES.index("la")] + raw[:, FEATURES.index("ld")]
    app = fit_history(past, prior, now)
    # The figures are of the model, also where the app uses a baseline instead of it.
    model = replace(app, blend=app.unused or app.blend)
    ever = model.log_odds(raw)
    left = shown_within(past, now, project.end - project.rows.when[cut:])
    ours = found(ever, left)
    scored = {
        "smallest_first": (-lines, False),
        "lapredict": _regression(past, now, raw[:, [FEATURES.index("la")]], only_added=True),
        "logistic": _regression(past, now, raw[:, : len(KAMEI)], only_added=False),
        "gitinsight": (ours, model.has_probability),
    }
    figures = {name: _figures(faulty, *score, lines) for name, score in scored.items()}
    over = paired_bootstrap(faulty, ever, scored["lapredict"][0])
    plain = None if (left == 1).all() else _figures(faulty, ever, model.has_probability, lines)
    judged = Judged(project.name, len(faulty), figures, over, model.version, error_by_chance(sigmoid(ours)), plain)
    judged = replace(judged, size=_against_size(faulty, raw, ever, app))
    if not compare or prior is None:
        return judged
    alone = fit_history(past, None, now)
    own = found(alone.log_odds(raw), left)
    own_only = _figures(faulty, own, alone.has_probability, lines)
    return replace(judged, own_only=own_only, over_own=paired_bootstrap(faulty, ours, own))


def _against_size(faulty: Floats, raw: Floats, model: Floats, app: RiskModel) -> AgainstSize:
    lines = raw[:, FEATURES.index("la")] + raw[:, FEATURES.index("ld")]
    return AgainstSize(
        needed_fix=int(faulty.sum()),
        lines=roc_auc(faulty, lines),
        churn=roc_auc(faulty, raw[:, FEATURES.index("churn")]),
        model=roc_auc(faulty, model),
        used=roc_auc(faulty, app.log_odds(raw)),
        basis=app.basis,
        over_lines=paired_bootstrap(faulty, model, lines),
        correlation=spearman(model, lines),
        quarters=quarters(faulty, model, lines),
    )


def found(log_odds: Floats, left: Floats) -> Floats:
    """The log-odds that a change is faulty and that it is found, of which the chance is `left` if it is."""
    log_left, log_late = np.log(np.maximum(left, 1e-9)), np.log(np.maximum(1 - left, 1e-300))
    faulty, sound = -np.logaddexp(0, -log_odds), -np.logaddexp(0, log_odds)
    return np.asarray(faulty + log_left - np.logaddexp(sound, faulty + log_late))


def _regression(past: History, now: float, raw: Floats, *, only_added: bool) -> tuple[Floats, bool]:
    """Logistic regression on lines added as they are (LApredict), or on the logarithms of all 14."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    known = labels_at(past, now).faulty
    if not 0 < known.sum() < len(known):
        return raw[:, 0], False
    if only_added:
        table, model = past.raw[:, [FEATURES.index("la")]], LogisticRegression(max_iter=1000)
    else:
        logs = FunctionTransformer(np.log1p)
        table = past.raw[:, : len(KAMEI)]
        model = make_pipeline(logs, StandardScaler(), LogisticRegression(max_iter=1000))
    return np.asarray(model.fit(table, known).decision_function(raw), dtype=np.float64), True


def _figures(faulty: Floats, score: Floats, is_log_odds: bool, lines: Floats) -> Figures:
    if is_log_odds:
        scores = evaluate(faulty, sigmoid(score), lines)
        figures: Figures = {name: getattr(scores, name) for name in FIGURES}
        # Probabilities that round to 1 would tie; the order is that of the log-odds.
        return {**figures, "auc": roc_auc(faulty, score)}
    # An order, no probability: as ranks between 0 and 1 it can be scored, but skill and calibration mean nothing.
    rank = np.searchsorted(np.sort(score), score) / len(score)
    scores = evaluate(faulty, rank, lines)
    return {"auc": scores.auc, "pr_auc": scores.pr_auc, "brier_skill": None, "ece": None, "recall20": scores.recall20}
