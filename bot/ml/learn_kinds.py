"""Fits the shipped classification of changes on several projects."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from bot.domain.kinds import Described, Kind
from bot.ml.kind_features import NAMES, Floats, inputs
from bot.ml.kinds import BODY, KINDS, KindModel
from bot.ml.ngrams import BUCKETS, Tokens

# The inverse strength of the L2 penalty; chosen on aiohttp, with the other repositories of docs/kinds.md kept apart.
_C = 1.0
_STEPS = 60
_MAX_RARITY = 15.0
# What is left if a change is neither fix, feature nor docs.
_REST = (Kind.REFACTOR, Kind.TEST, Kind.CHORE)

Numbers = NDArray[np.int64]
Matrix = Any  # a scipy.sparse.csr_matrix; scipy has no types
Fitted = tuple[NDArray[np.float64], NDArray[np.float64]]


def fit_shipped(changes: Sequence[Described], kinds: Sequence[Kind], weight: Floats) -> KindModel:
    """Fit a model on changes of several projects.

    kinds: OTHER where only fix, feature and docs are excluded; such a change counts as what the rest makes of it.
    """
    words = _words(changes)
    seen = np.asarray((words > 0).sum(axis=0)).ravel()
    rarity = np.minimum(1 + np.log((1 + len(changes)) / (1 + seen)), _MAX_RARITY).astype(np.float32)
    return _model(_fit(matrix_of(changes, rarity), _numbers(kinds), weight), rarity)


def temperature_of(scores: Floats, kinds: Sequence[Kind]) -> float:
    """Return the temperature with the least log loss on changes that the model has not seen.

    kinds: OTHER is any kind but fix, feature and docs.
    """
    if not kinds:
        return 1.0
    possible = np.zeros((len(kinds), len(KINDS)), dtype=np.bool_)
    possible[:, [KINDS.index(kind) for kind in _REST]] = True
    numbers = _numbers(kinds)
    known = np.flatnonzero(numbers >= 0)
    possible[known] = False
    possible[known, numbers[known]] = True
    wide = scores.astype(np.float64)

    def loss(log_temperature: float) -> float:
        scaled = wide / np.exp(log_temperature)
        found = np.logaddexp.reduce(np.where(possible, scaled, -np.inf), axis=1)
        return float(np.mean(np.logaddexp.reduce(scaled, axis=1) - found))

    return float(np.exp(minimize_scalar(loss, bounds=(-1.5, 1.5), method="bounded").x))


def _numbers(kinds: Sequence[Kind]) -> Numbers:
    """Return the number of each kind in KINDS; performance counts as refactor, and -1 is unknown."""
    known = {kind: number for number, kind in enumerate(KINDS)} | {Kind.PERFORMANCE: KINDS.index(Kind.REFACTOR)}
    return np.array([known.get(kind, -1) for kind in kinds], dtype=np.int64)


def _fit(matrix: Matrix, numbers: Numbers, weight: Floats) -> Fitted:
    """Return coefficients, shape (columns, len(KINDS)), and biases. Unknown kinds are guessed once (EM, one step)."""
    regression = LogisticRegression(C=_C, max_iter=_STEPS, tol=1e-3, warm_start=True)
    known = numbers >= 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last digits do not matter
        if not known.all():
            regression.fit(matrix[known], numbers[known], weight[known])
            coefficients, bias = _by_kind(regression)
            scores = np.asarray(matrix @ coefficients + bias, dtype=np.float32)
            rest = np.array([KINDS.index(kind) for kind in _REST])
            numbers = np.where(known, numbers, rest[scores[:, rest].argmax(axis=1)])
        regression.fit(matrix, numbers, weight)
    return _by_kind(regression)


def _by_kind(regression: LogisticRegression) -> Fitted:
    """Return the coefficients by kind. A kind without an example gets a bias that no score reaches."""
    coefficients = np.zeros((regression.coef_.shape[1], len(KINDS)))
    bias = np.full(len(KINDS), -20.0)
    rows, intercepts = regression.coef_, regression.intercept_
    if len(regression.classes_) == 2:
        rows, intercepts = np.vstack([-rows / 2, rows / 2]), np.concatenate([-intercepts / 2, intercepts / 2])
    coefficients[:, regression.classes_] = rows.T
    bias[regression.classes_] = intercepts
    return coefficients, bias


def _model(fitted: Fitted, rarity: Floats) -> KindModel:
    coefficients, bias = fitted[0].astype(np.float32), fitted[1].astype(np.float32)
    return KindModel(coefficients[:BUCKETS], rarity, coefficients[BUCKETS : BUCKETS + len(NAMES)], bias)


def _words(changes: Sequence[Described]) -> Matrix:
    """Return in which changes a bucket occurs, in the title or the body."""
    read = inputs(changes)
    ones = np.ones(BUCKETS, dtype=np.float32)
    return _vectors(read.title, len(changes), ones) + _vectors(read.body, len(changes), ones)


def matrix_of(changes: Sequence[Described], rarity: Floats) -> Matrix:
    """Return what `KindModel.scores` multiplies with the weights, as one sparse row per change."""
    read = inputs(changes)
    words = _vectors(read.title, len(changes), rarity) + BODY * _vectors(read.body, len(changes), rarity)
    return sparse.hstack([words, sparse.csr_matrix(read.table)]).tocsr()


def _vectors(parts: Sequence[Tokens], count: int, rarity: Floats) -> Matrix:
    buckets = np.concatenate([part.buckets for part in parts])
    owners = np.concatenate([part.owners for part in parts])
    squares = np.bincount(owners, rarity[buckets] ** 2, minlength=count)
    values = (rarity[buckets] / np.sqrt(np.maximum(squares, 1e-6))[owners]).astype(np.float32)
    return sparse.csr_matrix((values, (owners, buckets)), shape=(count, BUCKETS))
