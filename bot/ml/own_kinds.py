"""Tells fixes in one repository from what its developers wrote down, on top of the shipped model.

The log-odds of a fix are those of the shipped model times a slope, plus a linear function of the same features. It is
fitted with a strong penalty and gives recent changes more weight: the words of a project change over the years.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bot.domain.kinds import Described, Kind
from bot.ml.calibrate import sigmoid
from bot.ml.kind_features import Floats, inputs
from bot.ml.kinds import BODY, FIX, FIX_FROM, KindModel, decided, sums
from bot.ml.ngrams import BUCKETS

# An own model needs this many fixes and as many other changes, and is judged on what follows the first part.
MIN_OF_EACH = 30
_FIRST = 0.75
# Chosen on aiohttp and synapse: the inverse strength of the penalty, the scale of the shipped log-odds among the
# features (so that they are penalised less than words), and the share of the history after which a weight is halved.
_C = 0.05
_SCALE = 5.0
_HALF = 0.5
_LOWEST, _HIGHEST = 0.25, 0.6


@dataclass(frozen=True, slots=True, eq=False)
class OwnKinds:
    """The model of one repository.

    words, table: the weights that are added; shapes (BUCKETS,) and (len(NAMES),).
    slope: of the shipped log-odds.
    fix_from: the probability from which a change is a fix.
    """

    base: KindModel
    words: Floats
    table: Floats
    bias: float
    slope: float
    fix_from: float = FIX_FROM

    def probabilities(self, changes: Sequence[Described]) -> Floats:
        """Return the probability of each kind. The other kinds keep the shares that the shipped model gives them."""
        rows = self.base.probabilities(changes)
        fix = sigmoid(self._log_odds(changes, rows))
        others = np.where(np.arange(rows.shape[1]) == FIX, 0.0, rows)
        shares = others / np.maximum(others.sum(axis=1, keepdims=True), 1e-9) * (1 - fix)[:, None]
        shares[:, FIX] = fix
        return np.asarray(shares, dtype=np.float32)

    def kinds(self, changes: Sequence[Described]) -> list[Kind | None]:
        """Return the kind of each change, or None where the model is unsure."""
        return decided(self.probabilities(changes), self.fix_from)

    def _log_odds(self, changes: Sequence[Described], rows: Floats) -> Any:
        read = inputs(changes)
        weighted = np.column_stack([self.words * self.base.rarity, self.base.rarity**2])
        title, body = (sums(parts, len(changes), weighted)[:, 0] for parts in (read.title, read.body))
        return self.slope * fix_log_odds(rows) + title + BODY * body + read.table @ self.table + self.bias


def fix_log_odds(rows: Floats) -> Any:
    """Return the log-odds of a fix, of rows of probabilities."""
    fix = np.clip(rows[:, FIX].astype(np.float64), 1e-6, 1 - 1e-6)
    return np.log(fix / (1 - fix))


def own_kinds(base: KindModel, changes: Sequence[Described], kinds: Sequence[Kind]) -> OwnKinds | None:
    """Return the model of a repository, or None where it is not better than the shipped one.

    changes: whose kind the repository wrote down, oldest first; OTHER is any kind but a fix. The first 75 % are fitted;
    the rest decides whether the model is used, and sets its threshold. Then all are fitted. There is no calibration on
    that rest: it made the probabilities of later changes worse, because the rest is small.
    """
    is_fix = np.array([kind is Kind.FIX for kind in kinds], dtype=np.float64)
    if min(is_fix.sum(), len(is_fix) - is_fix.sum()) < MIN_OF_EACH:
        return None
    cut = int(len(changes) * _FIRST)
    late, truth = changes[cut:], is_fix[cut:]
    rows = _fitted(base, changes[:cut], is_fix[:cut]).probabilities(late)
    if _loss(rows, truth) >= _loss(base.probabilities(late), truth):
        return None
    return replace(_fitted(base, changes, is_fix), fix_from=_threshold(rows[:, FIX], truth > 0))


def _fitted(base: KindModel, changes: Sequence[Described], is_fix: Any) -> OwnKinds:
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    from bot.ml.learn_kinds import matrix_of

    shipped = fix_log_odds(base.probabilities(changes))[:, None] * _SCALE
    matrix = sparse.hstack([matrix_of(changes, base.rarity), sparse.csr_matrix(shipped)]).tocsr()
    age = np.arange(len(changes))[::-1] / len(changes)
    fitted = LogisticRegression(C=_C, max_iter=300).fit(matrix, is_fix > 0, 0.5 ** (age / _HALF))
    weights = fitted.coef_[0].astype(np.float32)
    slope = float(weights[-1] * _SCALE)
    return OwnKinds(base, weights[:BUCKETS], weights[BUCKETS:-1], float(fitted.intercept_[0]), slope)


def _threshold(probability: Any, truth: Any) -> float:
    """Return half of the best F1: from there on a calibrated probability makes F1 best.

    Lipton, Elkan, Naryanaswamy, "Optimal thresholding of classifiers to maximize F1 measure", ECML 2014.
    """
    found = (probability >= value for value in np.linspace(0.1, 0.9, 33))
    best = max(2 * float((flags & truth).sum()) / max(1, int(flags.sum() + truth.sum())) for flags in found)
    return float(np.clip(best / 2, _LOWEST, _HIGHEST))


def _loss(rows: Floats, truth: Any) -> float:
    """Return the mean log loss of "is a fix", in nats."""
    return float(np.mean(np.logaddexp(0, fix_log_odds(rows)) - truth * fix_log_odds(rows)))
