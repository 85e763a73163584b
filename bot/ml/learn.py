"""Fitting the members of a model with scikit-learn, and taking them out of it as plain numbers.

This is the only module that needs scikit-learn, and it imports it when something is fitted.
"""

from contextlib import AbstractContextManager

import numpy as np

from bot.ml.columns import ABSOLUTE, STATIONARY, Floats
from bot.ml.members import Kernel, Linear, Scaling, Trees

_SEED = 2013
_LANDMARKS = 300
_GAMMA = 0.02


def linear(columns: Floats, faulty: Floats, weight: Floats, use: tuple[int, ...] = ABSOLUTE) -> Linear:
    """Logistic regression with an L2 penalty, on standardised columns."""
    scaling = _scaling(columns, use)
    weights, bias = _logistic(scaling.apply(columns), faulty, weight, strength=0.1)
    return Linear(scaling, weights, bias)


def kernel(columns: Floats, faulty: Floats, weight: Floats, use: tuple[int, ...] = STATIONARY) -> Kernel:
    """Logistic regression in Nyström's approximation of a Gaussian kernel, at landmarks drawn from the rows.

    The whitening matrix of the approximation is folded into the weights, so that scoring needs none.
    """
    scaling = _scaling(columns, varying(columns, use))
    rows = scaling.apply(columns)
    chosen = np.random.default_rng(_SEED).permutation(len(rows))[:_LANDMARKS]
    landmarks = np.unique(rows[chosen], axis=0)
    with _one_thread():
        values, vectors = np.linalg.eigh(_likeness(landmarks, landmarks))
        whitening = vectors / np.sqrt(np.maximum(values, 1e-8))
        seen = _likeness(rows, landmarks) @ whitening
    weights, bias = _logistic(seen, faulty, weight, strength=1.0)
    return Kernel(scaling, landmarks, _GAMMA, whitening @ weights, bias)


def boosting(
    columns: Floats, faulty: Floats, weight: Floats, use: tuple[int, ...] = ABSOLUTE, *, trees: int = 300
) -> Trees:
    """Gradient-boosted trees of eight leaves; few columns per split, so that no single measure carries them."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=trees,
        max_leaf_nodes=8,
        learning_rate=0.04 * 300 / trees,
        min_samples_leaf=40,
        l2_regularization=5,
        max_features=0.4,
        early_stopping=False,
        random_state=_SEED,
    )
    seen = varying(columns, use)
    with _one_thread():
        model.fit(columns[:, list(seen)], faulty, sample_weight=weight)
    return _flattened(model, seen)


def varying(columns: Floats, use: tuple[int, ...]) -> tuple[int, ...]:
    """Those of the columns that say anything: a source that does not know a measure gives one number throughout."""
    kept = tuple(column for column in use if np.ptp(columns[:, column]) > 1e-9)
    return kept or use[:1]


def _flattened(model: object, use: tuple[int, ...]) -> Trees:
    # `_predictors` and `_baseline_prediction` are not public; a test compares the result with the model's own.
    nodes = [stage[0].nodes for stage in model._predictors]  # type: ignore[attr-defined]
    width = max(map(len, nodes), default=1)
    shape = (len(nodes), width)
    feature, left, right = np.full(shape, -1), np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    threshold, value = np.zeros(shape), np.zeros(shape)
    places = np.array(use)
    for tree, found in enumerate(nodes):
        size, leaf = len(found), found["is_leaf"].astype(bool)
        feature[tree, :size] = np.where(leaf, -1, places[found["feature_idx"]])
        threshold[tree, :size] = np.where(leaf, 0.0, found["num_threshold"])
        left[tree, :size], right[tree, :size] = found["left"], found["right"]
        value[tree, :size] = np.where(leaf, found["value"], 0.0)
    bias = float(np.ravel(model._baseline_prediction)[0])  # type: ignore[attr-defined]
    return Trees(feature, threshold, left, right, value, bias)


def _logistic(rows: Floats, faulty: Floats, weight: Floats, *, strength: float) -> tuple[Floats, float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, max_iter=1000)
    with _one_thread():
        model.fit(rows, faulty, sample_weight=weight)
    return np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0])


def _one_thread() -> AbstractContextManager[object]:
    # OpenMP and BLAS wait for a busy core by spinning, which on a shared machine made a second's fit one of twenty.
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits


def _likeness(rows: Floats, landmarks: Floats) -> Floats:
    squared = (rows**2).sum(1)[:, None] + (landmarks**2).sum(1) - 2 * rows @ landmarks.T
    return np.asarray(np.exp(-_GAMMA * np.maximum(squared, 0)))


def _scaling(columns: Floats, use: tuple[int, ...]) -> Scaling:
    chosen = columns[:, list(use)]
    spread = chosen.std(axis=0)
    return Scaling(np.array(use), chosen.mean(axis=0), np.where(spread > 1e-9, spread, 1.0))
