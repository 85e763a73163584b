"""Fits the risk model of a repository forward in time, with the labels that were known at each time."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.domain.history import Basis
from bot.ml.baselines import baseline, chosen, compare
from bot.ml.calibrate import Calibration, calibrate, log_loss
from bot.ml.columns import ABSOLUTE, STATIONARY, WINDOW, Floats, columns
from bot.ml.labels import History, Labels, Row, history, labels_at
from bot.ml.members import Member
from bot.ml.prior import Prior, shipped
from bot.ml.risk import Blend, RiskModel, Scored, lines_of
from bot.ml.threads import one_thread

MIN_CHANGES = 200
MIN_POSITIVES = 20

# The number of positives at which the repository's own members have the same weight as the prior.
_EQUAL_WEIGHT_POSITIVES = 400
# The prior alone is chosen if it is better than the blend by this many standard errors (by chance in one of 40 cases).
_STANDARD_ERRORS = 2.0
_FOLDS = (0.5, 0.65, 0.8, 1.0)
# The weight of a change for the calibration halves with each such share of the history.
_HALF_LIFE = 0.2


@dataclass(frozen=True, slots=True)
class _ForwardScores:
    """Log-odds of the rows from `first` on. Each row is scored by members that were fitted on earlier rows.

    own: by the repository's own members.
    prior: by the prior.
    """

    first: int
    own: Floats
    prior: Floats


def fit(rows: Sequence[Row], *, prior: Prior | None = None, now: float | None = None) -> RiskModel:
    """Fit a model on the changes of a repository, blended with a prior from other projects.

    rows: in any order.
    prior: by default the shipped one.
    now: the time of the labels in Unix seconds; by default that of the last row.
    The model is used only if it ranks later changes better than each baseline (`bot.ml.baselines`).
    With less than `MIN_CHANGES` changes or `MIN_POSITIVES` known faults the model gives percentiles by the prior and no
    probabilities. Raises ValueError without rows.
    """
    if not rows:
        raise ValueError("fitting a model needs changes")
    past = history(rows)
    return fit_history(past, prior or shipped(), float(past.when[-1]) if now is None else now)


def fit_history(past: History, prior: Prior | None, now: float) -> RiskModel:
    """Fit a model on arrays; see `fit`. prior: None to use the repository's own history only, for comparison."""
    with one_thread():
        return _fit_history(past, prior, now)


def _fit_history(past: History, prior: Prior | None, now: float) -> RiskModel:
    table, labels = columns(past.raw), labels_at(past, now)
    window = past.raw[-WINDOW:]
    if len(past) < MIN_CHANGES or labels.positives < MIN_POSITIVES:
        used = prior or shipped()
        blend = Blend((), used, 0.0, Calibration())
        recent = blend.log_odds(table[-WINDOW:])
        return RiskModel(f"{used.name}-uncalibrated", blend, len(past), window, recent, None)
    scores = _score_forward(past, table, prior)
    known = labels.since(scores.first)
    age = np.arange(len(known.faulty))[::-1] / len(past)
    faded = replace(known, weight=known.weight * 0.5 ** (age / _HALF_LIFE))
    blend, log_odds = choose(scores.own, scores.prior, faded, prior, labels.positives)
    if blend.own_share:
        blend = replace(blend, members=fit_members(table, labels))
    later = table[scores.first :]
    compared = compare(log_odds, later, known)
    basis, unused = chosen(compared), None
    if basis is not Basis.MODEL:
        blend, unused = baseline(basis, later, faded), blend
        log_odds = blend.log_odds(later)
    scored = Scored(scores.first, log_odds, known, lines_of(past.raw[scores.first :]))
    version = _name(basis, unused or blend, past)
    return RiskModel(version, blend, len(past), window, log_odds[-WINDOW:], scored, basis, unused, compared)


def choose(own: Floats, by_prior: Floats, known: Labels, prior: Prior | None, positives: int) -> tuple[Blend, Floats]:
    """Choose between the blend of own members and prior, and the prior alone.

    own, by_prior: log-odds of members that did not know the outcomes.
    Both candidates are calibrated on the same changes. The prior alone is chosen if its mean log loss is lower by
    `_STANDARD_ERRORS` standard errors of the difference.
    Returns the chosen blend without its members, and its calibrated log-odds.
    """
    share = positives / (positives + _EQUAL_WEIGHT_POSITIVES) if prior else 1.0
    blend, log_odds = _calibrated(own, by_prior, share, known, prior)
    if not prior:
        return blend, log_odds
    alone, alone_log_odds = _calibrated(own, by_prior, 0.0, known, prior)
    gain = log_loss(log_odds, known.faulty) - log_loss(alone_log_odds, known.faulty)
    mean = float(known.weight @ gain) / max(float(known.weight.sum()), 1e-9)
    error = float(np.sqrt(known.weight**2 @ (gain - mean) ** 2)) / max(float(known.weight.sum()), 1e-9)
    return (alone, alone_log_odds) if mean > _STANDARD_ERRORS * error else (blend, log_odds)


def _calibrated(
    own: Floats, by_prior: Floats, share: float, known: Labels, prior: Prior | None
) -> tuple[Blend, Floats]:
    raw = mix(own, by_prior, share)
    calibration = calibrate(raw, known.faulty, known.weight)
    return Blend((), prior, share, calibration), calibration.apply(raw)


def mix(own: Floats, by_prior: Floats, share: float) -> Floats:
    """Return the weighted mean of two log-odds. share: the weight of `own`."""
    return share * own + (1 - share) * by_prior


def fit_members(table: Floats, labels: Labels) -> tuple[Member, ...]:
    """Fit the own members on the rows with a weight."""
    from bot.ml import learn

    use = labels.weight > 0
    sample = (table[use], labels.faulty[use], labels.weight[use])
    return (learn.kernel(*sample, STATIONARY), learn.boosting(*sample, ABSOLUTE))


def _score_forward(past: History, table: Floats, prior: Prior | None) -> _ForwardScores:
    """Score each part of the newer half with members that are fitted on all earlier rows.

    The members know the labels that were known when the part began.
    """
    cuts = [int(len(past) * share) for share in _FOLDS]
    by_prior = prior.log_odds(table[cuts[0] :]) if prior else np.zeros(len(past) - cuts[0])
    parts = []
    for start, end in itertools.pairwise(cuts):
        labels = labels_at(past.before(start), float(past.when[start]))
        enough = MIN_POSITIVES // 2 <= labels.positives < np.count_nonzero(labels.weight)
        if enough:
            members = fit_members(table[:start], labels)
            parts.append(np.mean([member.log_odds(table[start:end]) for member in members], axis=0))
        else:
            # The earlier rows are too few to fit members. Without a prior these log-odds are 0.
            parts.append(by_prior[start - cuts[0] : end - cuts[0]])
    return _ForwardScores(cuts[0], np.concatenate(parts), by_prior)


def _name(basis: Basis, blend: Blend, past: History) -> str:
    if basis is not Basis.MODEL:
        return f"{basis.replace(' ', '-')}-{len(past)}-{int(past.when[-1])}"
    if not blend.own_share:
        return f"{blend.prior.name if blend.prior else 'none'}-calibrated"
    base = f"+{blend.prior.name}" if blend.prior else ""
    return f"own-{len(past)}-{int(past.when[-1])}{base}"
