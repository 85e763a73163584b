"""Tells fixes in one repository by what its developers wrote down: the shipped model, corrected.

The log-odds of a fix are a linear function of the shipped model's and of the files of the change. They are fitted with
a penalty, and recent changes count more: the conventions of a project change over the years. Each example is predicted
before it is learned, so the two models are compared on changes that neither has seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from bot.domain.kinds import Described, Kind
from bot.ml.calibrate import log_loss, sigmoid
from bot.ml.columns import Floats
from bot.ml.kind_features import NAMES, inputs
from bot.ml.kinds import FIX, FIX_FROM, KindModel, decided
from bot.ml.threads import one_thread

# The newest examples are kept. A fit needs this many fixes and as many other changes, and so many predictions decide
# whether it is used.
MOST_EXAMPLES, LEAST_OF_EACH, LEAST_JUDGED = 2_000, 30, 60
_REFIT_EVERY, _AT_ONCE = 200, 50
_PENALTY = 3.0  # chosen on aiohttp, as is the share of the examples after which a weight is halved
_HALF = 0.5
_STEPS = 25
_FORGET = 0.995  # of the losses, with each example
_LOWEST, _HIGHEST = 0.25, 0.5
_COLUMNS = len(NAMES) + 2  # the shipped log-odds, the features of the files, the bias


@dataclass(slots=True, eq=False)
class OwnKinds:
    """The classification of one repository. `learn` changes it.

    rows, fixes: the examples, oldest first; shapes (examples, _COLUMNS) and (examples,).
    weights: of the columns; None before the first fit. fix_from: the probability from which a change is a fix.
    own_loss, base_loss: recent log loss of this model and of the shipped one, over `judged` examples.
    """

    base: KindModel
    rows: Floats = field(default_factory=lambda: np.empty((0, _COLUMNS)))
    fixes: Floats = field(default_factory=lambda: np.empty(0))
    weights: Floats | None = None
    fix_from: float = FIX_FROM
    own_loss: float = 0.0
    base_loss: float = 0.0
    judged: int = 0
    unfitted: int = 0

    @property
    def is_used(self) -> bool:
        """Whether it predicted the last examples better than the shipped model did."""
        return self.weights is not None and self.judged >= LEAST_JUDGED and self.own_loss < self.base_loss

    def kinds(self, changes: Sequence[Described]) -> list[Kind | None]:
        """Return the kind of each change, or None where the model is unsure."""
        probabilities = self.base.probabilities(changes)
        if not self.is_used or not changes or self.weights is None:
            return decided(probabilities)
        fix = sigmoid(self._rows(changes, probabilities) @ self.weights)
        others = np.where(np.arange(probabilities.shape[1]) == FIX, 0.0, probabilities)
        rest = others / np.maximum(others.sum(axis=1, keepdims=True), 1e-9) * (1 - fix)[:, None]
        rest[:, FIX] = fix
        return decided(np.asarray(rest, dtype=np.float32), self.fix_from)

    def learn(self, changes: Sequence[Described], kinds: Sequence[Kind]) -> None:
        """Take in changes whose kind was written down, oldest first."""
        fixes = np.array([kind is Kind.FIX for kind in kinds], dtype=np.float64)
        for start in range(0, len(changes), _AT_ONCE):
            part = changes[start : start + _AT_ONCE]
            self._learn(self._rows(part, self.base.probabilities(part)), fixes[start : start + _AT_ONCE])

    def _learn(self, rows: Floats, fixes: Floats) -> None:
        self._judge(rows, fixes)
        self.rows = np.concatenate([self.rows, rows])[-MOST_EXAMPLES:]
        self.fixes = np.concatenate([self.fixes, fixes])[-MOST_EXAMPLES:]
        self.unfitted += len(fixes)
        due = _REFIT_EVERY if self.weights is not None else 1
        if self.unfitted >= due and min(self.fixes.sum(), len(self.fixes) - self.fixes.sum()) >= LEAST_OF_EACH:
            self._fit()

    def to_bytes(self) -> bytes:
        """Return all of it but the shipped model, as plain numbers."""
        file = BytesIO()
        numbers = [self.fix_from, self.own_loss, self.base_loss, self.judged, self.unfitted]
        weights = np.empty(0) if self.weights is None else self.weights
        rows = self.rows.astype(np.float16)
        np.savez_compressed(file, rows=rows, fixes=self.fixes.astype(np.uint8), weights=weights, numbers=numbers)
        return file.getvalue()

    def _rows(self, changes: Sequence[Described], probabilities: NDArray[np.float32]) -> Floats:
        fix = np.clip(probabilities[:, FIX].astype(np.float64), 1e-6, 1 - 1e-6)
        ones = np.ones(len(changes))
        return np.column_stack([np.log(fix / (1 - fix)), inputs(changes).table.astype(np.float64), ones])

    def _judge(self, rows: Floats, fixes: Floats) -> None:
        if self.weights is None:
            return
        own, base = log_loss(rows @ self.weights, fixes), log_loss(rows[:, 0], fixes)
        for ours, shipped in zip(own, base, strict=True):
            self.own_loss = _FORGET * self.own_loss + float(ours)
            self.base_loss = _FORGET * self.base_loss + float(shipped)
        self.judged += len(fixes)

    def _fit(self) -> None:
        age = np.arange(len(self.fixes))[::-1] / len(self.fixes)
        with one_thread():
            self.weights = _fitted(self.rows, self.fixes, 0.5 ** (age / _HALF))
        self.fix_from = _threshold(sigmoid(self.rows @ self.weights), self.fixes > 0)
        self.unfitted = 0


def from_bytes(base: KindModel, content: bytes) -> OwnKinds:
    """Read the result of `OwnKinds.to_bytes`. What is empty, damaged or of another format begins anew."""
    try:
        with np.load(BytesIO(content), allow_pickle=False) as file:
            rows, fixes, weights, numbers = (file[name].astype(np.float64) for name in _ARRAYS)
        fix_from, own_loss, base_loss, judged, unfitted = (float(number) for number in numbers)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return OwnKinds(base)
    finite = all(np.isfinite(array).all() for array in (rows, fixes, weights, numbers))
    if not finite or rows.shape != (len(fixes), _COLUMNS) or weights.shape not in {(0,), (_COLUMNS,)}:
        return OwnKinds(base)
    fitted = weights if len(weights) else None
    return OwnKinds(base, rows, fixes, fitted, fix_from, own_loss, base_loss, int(judged), int(unfitted))


_ARRAYS = ("rows", "fixes", "weights", "numbers")


def _fitted(rows: Floats, fixes: Floats, weight: Floats) -> Floats:
    """Fit by maximum likelihood with a ridge penalty (Newton's method). It pulls towards the shipped model."""
    start = np.zeros(rows.shape[1])
    start[0] = 1.0
    penalty = np.full(rows.shape[1], _PENALTY)
    penalty[-1] = 1e-6  # not the bias
    found = start.copy()
    for _ in range(_STEPS):
        expected = sigmoid(rows @ found)
        gradient = rows.T @ (weight * (expected - fixes)) + penalty * (found - start)
        curvature = weight * expected * (1 - expected)
        step = np.linalg.solve((rows * curvature[:, None]).T @ rows + np.diag(penalty), gradient)
        found -= np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-5:
            break
    return np.asarray(found)


def _threshold(probability: Floats, truth: NDArray[np.bool_]) -> float:
    """Return half of the best F1: from there on a calibrated probability makes F1 best.

    Lipton, Elkan, Naryanaswamy, "Optimal thresholding of classifiers to maximize F1 measure", ECML 2014.
    """
    found = (probability >= value for value in np.linspace(0.1, 0.9, 33))
    best = max(2 * float((flags & truth).sum()) / max(1, int(flags.sum() + truth.sum())) for flags in found)
    return float(np.clip(best / 2, _LOWEST, _HIGHEST))
