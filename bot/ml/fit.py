"""Fitting a repository's own model: forward in time, with the labels that were known at each moment."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.ml.calibrate import Calibration, calibrate, surprise
from bot.ml.columns import ABSOLUTE, STATIONARY, WINDOW, Floats, columns
from bot.ml.labels import History, Labels, Row, history, labels_at
from bot.ml.members import Member
from bot.ml.prior import Prior, shipped
from bot.ml.risk import Blend, RiskModel, Scored

FEWEST_CHANGES = 200
FEWEST_POSITIVES = 20

# Positives at which a repository's own members weigh as much as the prior.
_HALF = 400
# Standard errors by which the prior alone must be better than the blend: what chance does in one case of forty.
_CLEARLY = 2.0
_FOLDS = (0.5, 0.65, 0.8, 1.0)
# Calibration believes the present more: what lies this share of the history back counts half.
_HALF_LIFE = 0.2


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The rows from `first` on, scored by models that had seen only what came before them: (rows,) each."""

    first: int
    own: Floats
    prior: Floats


def fit(rows: Sequence[Row], *, prior: Prior | None = None, now: float | None = None) -> RiskModel:
    """A model from a repository's own changes and from those of other projects.

    rows: in any order. prior: the shipped one by default. now: the moment (Unix seconds) of which the labels are
    taken; by default that of the last row. With less than `FEWEST_CHANGES` changes or `FEWEST_POSITIVES` known faults
    the model has no probability to give, only the prior's percentile. ValueError without rows.
    """
    if not rows:
        raise ValueError("a model needs changes to be fitted on")
    past = history(rows)
    return fit_history(past, prior or shipped(), float(past.when[-1]) if now is None else now)


def fit_history(past: History, prior: Prior | None, now: float) -> RiskModel:
    """As `fit`, on arrays. `prior` None: own history only (for comparison)."""
    table, labels = columns(past.raw), labels_at(past, now)
    window = past.raw[-WINDOW:]
    if len(past) < FEWEST_CHANGES or labels.positives < FEWEST_POSITIVES:
        general = prior or shipped()
        blend = Blend((), general, 0.0, Calibration())
        last = blend.log_odds(table[-WINDOW:])
        return RiskModel(f"{general.name}-uncalibrated", blend, len(past), window, last, None)
    ahead = _score_ahead(past, table, prior)
    known = labels.since(ahead.first)
    back = np.arange(len(known.faulty))[::-1] / len(past)
    recent = replace(known, weight=known.weight * 0.5 ** (back / _HALF_LIFE))
    blend, log_odds = choose(ahead.own, ahead.prior, recent, prior, labels.positives)
    if blend.own_share:
        blend = replace(blend, members=fit_members(table, labels))
    scored = Scored(ahead.first, log_odds, known)
    return RiskModel(_name(blend, past), blend, len(past), window, log_odds[-WINDOW:], scored)


def choose(own: Floats, general: Floats, known: Labels, prior: Prior | None, positives: int) -> tuple[Blend, Floats]:
    """The blend of own members and prior, or the prior alone where the later changes clearly speak for it.

    own, general: log-odds from before the outcome was known. Both candidates are calibrated on the same changes, and
    the prior alone must be less surprised by them (log loss) by `_CLEARLY` standard errors of the difference.
    Returns the winner, its members still to be fitted, and its calibrated log-odds.
    """
    share = positives / (positives + _HALF) if prior else 1.0
    blend, log_odds = _calibrated(own, general, share, known, prior)
    if not prior:
        return blend, log_odds
    alone, alone_log_odds = _calibrated(own, general, 0.0, known, prior)
    gain = surprise(log_odds, known.faulty) - surprise(alone_log_odds, known.faulty)
    mean = float(known.weight @ gain) / max(float(known.weight.sum()), 1e-9)
    error = float(np.sqrt(known.weight**2 @ (gain - mean) ** 2)) / max(float(known.weight.sum()), 1e-9)
    return (alone, alone_log_odds) if mean > _CLEARLY * error else (blend, log_odds)


def _calibrated(own: Floats, general: Floats, share: float, known: Labels, prior: Prior | None) -> tuple[Blend, Floats]:
    raw = mix(own, general, share)
    calibration = calibrate(raw, known.faulty, known.weight)
    return Blend((), prior, share, calibration), calibration.apply(raw)


def mix(own: Floats, general: Floats, share: float) -> Floats:
    """The log-odds between the two opinions."""
    return share * own + (1 - share) * general


def fit_members(table: Floats, labels: Labels) -> tuple[Member, ...]:
    """The own members, on the rows that may count."""
    from bot.ml import learn

    use = labels.weight > 0
    sample = (table[use], labels.faulty[use], labels.weight[use])
    return (learn.kernel(*sample, STATIONARY), learn.boosting(*sample, ABSOLUTE))


def _score_ahead(past: History, table: Floats, prior: Prior | None) -> _Ahead:
    """Each part of the newer half, scored by members that were fitted on all before it, as known when it began."""
    cuts = [int(len(past) * share) for share in _FOLDS]
    general = prior.log_odds(table[cuts[0] :]) if prior else np.zeros(len(past) - cuts[0])
    parts = []
    for start, end in itertools.pairwise(cuts):
        labels = labels_at(past.before(start), float(past.when[start]))
        enough = FEWEST_POSITIVES // 2 <= labels.positives < np.count_nonzero(labels.weight)
        if enough:
            members = fit_members(table[:start], labels)
            parts.append(np.mean([member.log_odds(table[start:end]) for member in members], axis=0))
        else:
            # Nothing could be learned yet; without a prior that is even odds.
            parts.append(general[start - cuts[0] : end - cuts[0]])
    return _Ahead(cuts[0], np.concatenate(parts), general)


def _name(blend: Blend, past: History) -> str:
    if not blend.own_share:
        return f"{blend.prior.name if blend.prior else 'none'}-calibrated"
    base = f"+{blend.prior.name}" if blend.prior else ""
    return f"own-{len(past)}-{int(past.when[-1])}{base}"
