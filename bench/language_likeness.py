"""Fits the weights of `likeness.json` on changes that name an earlier one, and judges them."""

from collections.abc import Mapping, Sequence

import numpy as np
from language_links import Asked
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression


def fit_likeness(asked: Sequence[Asked], names: Sequence[str]) -> tuple[dict[str, float], float]:
    """Return the weights of the signals and the bias."""
    rows = np.concatenate([_rows(one, names) for one in asked])
    right = np.array([right for one in asked for right in one.right])
    model = LogisticRegression(max_iter=1000).fit(rows, right)
    return {name: round(float(weight), 3) for name, weight in zip(names, model.coef_[0], strict=True)}, float(
        model.intercept_[0]
    )


def judgement(asked: Sequence[Asked], weights: Mapping[str, float], bias: float, floor: float) -> str:
    """Return in words how often the named change comes first."""
    found, first = [], []
    for one in asked:
        odds = _rows(one, tuple(weights)) @ np.array(list(weights.values())) + bias
        order = np.argsort(-odds, kind="stable")
        right = [one.right[position] for position in order]
        found.append(1 / (1 + right.index(True)) if True in right else 0.0)
        first += [(1 / (1 + np.exp(-odds[order[0]])), right[0])] if len(order) else []
    above = [right for probability, right in first if probability >= floor]
    return (
        f"{len(asked)} changes, MRR {np.mean(found):.3f}, R@1 {np.mean(np.array(found) == 1):.3f}; "
        f"speaks in {len(above)}, and the author named the first in {sum(above)} of them"
    )


def _rows(one: Asked, names: Sequence[str]) -> NDArray[np.float64]:
    return np.array([[getattr(candidate.signals, name) for name in names] for candidate in one.found]).reshape(
        -1, len(names)
    )
