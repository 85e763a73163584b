"""Fits the members of a model with scikit-learn, and converts them to plain numbers.

scikit-learn is imported inside the functions, because scoring does not need it.
"""

import numpy as np

from bot.ml.columns import ABSOLUTE, STATIONARY, Floats
from bot.ml.members import Kernel, Linear, Scaling, Trees
from bot.ml.threads import one_thread

_SEED = 2013
_LANDMARKS = 300
_GAMMA = 0.02


def linear(columns: Floats, faulty: Floats, weight: Floats, use: tuple[int, ...] = ABSOLUTE) -> Linear:
    """Fit a logistic regression with an L2 penalty on standardized columns."""
    scaling = _scaling(columns, use)
    weights, bias = _logistic(scaling.apply(columns), faulty, weight, inverse_penalty=0.1)
    return Linear(scaling, weights, bias)


def kernel(columns: Floats, faulty: Floats, weight: Floats, use: tuple[int, ...] = STATIONARY) -> Kernel:
    """Fit a logistic regression with a Gaussian kernel (Nyström's approximation). Its landmarks are a sample of rows.

    The weights contain the whitening matrix of the approximation, so that scoring does not need it.
    """
    scaling = _scaling(columns, varying(columns, use))
    rows = scaling.apply(columns)
    chosen = np.random.default_rng(_SEED).permutation(len(rows))[:_LANDMARKS]
    landmarks = np.unique(rows[chosen], axis=0)
    with one_thread():
        values, vectors = np.linalg.eigh(_similarity(landmarks, landmarks))
        whitening = vectors / np.sqrt(np.maximum(values, 1e-8))
        mapped = _similarity(rows, landmarks) @ whitening
    weights, bias = _logistic(mapped, faulty, weight, inverse_penalty=1.0)
    return Kernel(scaling, landmarks, _GAMMA, whitening @ weights, bias)


def boosting(
    columns: Floats, faulty: Floats, weight: Floats, use: tuple[int, ...] = ABSOLUTE, *, trees: int = 300
) -> Trees:
    """Fit gradient-boosted trees with eight leaves. Each split sees few columns, so that no single one dominates."""
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
    varied = varying(columns, use)
    with one_thread():
        model.fit(columns[:, list(varied)], faulty, sample_weight=weight)
    return _flattened(model, varied)


def varying(columns: Floats, use: tuple[int, ...]) -> tuple[int, ...]:
    """Return the columns that are not constant. A feature is constant if the data set does not have it."""
    varied = tuple(column for column in use if np.ptp(columns[:, column]) > 1e-9)
    return varied or use[:1]


def _flattened(model: object, use: tuple[int, ...]) -> Trees:
    # `_predictors` and `_baseline_prediction` are not public. A test compares the scores with those of scikit-learn.
    nodes = [stage[0].nodes for stage in model._predictors]  # type: ignore[attr-defined]
    width = max(map(len, nodes), default=1)
    shape = (len(nodes), width)
    feature, left, right = np.full(shape, -1), np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    threshold, value = np.zeros(shape), np.zeros(shape)
    columns = np.array(use)
    for tree, node in enumerate(nodes):
        size, leaf = len(node), node["is_leaf"].astype(bool)
        feature[tree, :size] = np.where(leaf, -1, columns[node["feature_idx"]])
        threshold[tree, :size] = np.where(leaf, 0.0, node["num_threshold"])
        left[tree, :size], right[tree, :size] = node["left"], node["right"]
        value[tree, :size] = np.where(leaf, node["value"], 0.0)
    bias = float(np.ravel(model._baseline_prediction)[0])  # type: ignore[attr-defined]
    return Trees(feature, threshold, left, right, value, bias)


def _logistic(rows: Floats, faulty: Floats, weight: Floats, *, inverse_penalty: float) -> tuple[Floats, float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=inverse_penalty, max_iter=1000)
    with one_thread():
        model.fit(rows, faulty, sample_weight=weight)
    return np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0])


def _similarity(rows: Floats, landmarks: Floats) -> Floats:
    squared = (rows**2).sum(1)[:, None] + (landmarks**2).sum(1) - 2 * rows @ landmarks.T
    return np.asarray(np.exp(-_GAMMA * np.maximum(squared, 0)))


def _scaling(columns: Floats, use: tuple[int, ...]) -> Scaling:
    chosen = columns[:, list(use)]
    spread = chosen.std(axis=0)
    return Scaling(np.array(use), chosen.mean(axis=0), np.where(spread > 1e-9, spread, 1.0))
