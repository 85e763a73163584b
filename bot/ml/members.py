"""The fitted members of a model as plain numbers. They need numpy only, and are stored as JSON, never as a pickle."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.ml.columns import COLUMNS, Floats

Integers = NDArray[np.int64]

_CHUNK = 2048
# Standardized columns are clipped here, so that a change of a million lines stays in the range of the training data.
_MAX_DEVIATION = 4.0


class BadModel(ValueError):
    """A stored model is damaged or not supported. The message contains the reason."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """Selects columns and standardizes them.

    use: the indexes of the columns.
    """

    use: Integers
    mean: Floats
    scale: Floats

    def apply(self, columns: Floats) -> Floats:
        """Return the standardized columns, clipped at `_MAX_DEVIATION` standard deviations."""
        return np.clip((columns[:, self.use] - self.mean) / self.scale, -_MAX_DEVIATION, _MAX_DEVIATION)


@dataclass(frozen=True, slots=True)
class Linear:
    """Logistic regression."""

    scaling: Scaling
    weights: Floats
    bias: float

    def log_odds(self, columns: Floats) -> Floats:
        """One number per row."""
        return np.asarray(self.scaling.apply(columns) @ self.weights + self.bias)


@dataclass(frozen=True, slots=True)
class Kernel:
    """Logistic regression on the similarity to landmarks, exp(-gamma * squared distance) (Nyström's approximation)."""

    scaling: Scaling
    landmarks: Floats
    gamma: float
    weights: Floats
    bias: float

    def log_odds(self, columns: Floats) -> Floats:
        """One number per row."""
        rows = self.scaling.apply(columns)
        squared = (rows**2).sum(1)[:, None] + (self.landmarks**2).sum(1) - 2 * rows @ self.landmarks.T
        return np.asarray(np.exp(-self.gamma * np.maximum(squared, 0)) @ self.weights + self.bias)


@dataclass(frozen=True, slots=True)
class Trees:
    """Boosted trees as arrays of shape (trees, nodes).

    feature: the index of a column; -1 for a leaf.
    value: of a leaf.
    """

    feature: Integers
    threshold: Floats
    left: Integers
    right: Integers
    value: Floats
    bias: float

    def log_odds(self, columns: Floats) -> Floats:
        """One number per row."""
        parts = [self._chunk(columns[start : start + _CHUNK]) for start in range(0, len(columns), _CHUNK)]
        return np.concatenate(parts) if parts else np.empty(0)

    def _chunk(self, columns: Floats) -> Floats:
        trees = np.arange(len(self.feature))
        rows = np.arange(len(columns))[:, None]
        node = np.zeros((len(columns), len(trees)), dtype=np.int64)
        for _ in range(self.feature.shape[1]):
            feature = self.feature[trees, node]
            if (feature < 0).all():
                break
            goes_left = columns[rows, np.maximum(feature, 0)] <= self.threshold[trees, node]
            step = np.where(goes_left, self.left[trees, node], self.right[trees, node])
            node = np.where(feature < 0, node, step)
        return np.asarray(self.value[trees, node].sum(1) + self.bias)


Member = Linear | Kernel | Trees


def dump(member: Member) -> dict[str, Any]:
    """Convert a member to JSON values.

    Numbers have 6 significant digits (the weights of a kernel 9). Thresholds have all digits: many are equal to values
    that occur, and rounding would put those changes on the other side.
    """
    match member:
        case Trees():
            arrays = (member.feature, member.threshold, member.left, member.right, _rounded(member.value))
            names = ("feature", "threshold", "left", "right", "value")
            numbers = {name: array.tolist() for name, array in zip(names, arrays, strict=True)}
            return {"kind": "trees", "bias": member.bias, **numbers}
        case Kernel():
            numbers = {
                "landmarks": _rounded(member.landmarks).tolist(),
                "weights": _rounded(member.weights, 9).tolist(),
            }
            return {"kind": "kernel", "bias": member.bias, "gamma": member.gamma, **_scaling(member.scaling), **numbers}
        case Linear():
            weights = _rounded(member.weights).tolist()
            return {"kind": "linear", "bias": member.bias, **_scaling(member.scaling), "weights": weights}


def load(values: Mapping[str, Any]) -> Member:
    """Create a member from the result of `dump`. Raises BadModel if a part is missing, invalid or inconsistent."""
    try:
        member = _load(values)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadModel(f"a part of the model is missing or damaged: {error!r}") from error
    _check(member)
    return member


def _load(values: Mapping[str, Any]) -> Member:
    bias = float(values["bias"])
    if values["kind"] == "trees":
        feature, left, right = (np.array(values[name], dtype=np.int64) for name in ("feature", "left", "right"))
        return Trees(feature, _floats(values["threshold"]), left, right, _floats(values["value"]), bias)
    scaling = Scaling(np.array(values["use"], dtype=np.int64), _floats(values["mean"]), _floats(values["scale"]))
    if values["kind"] == "linear":
        return Linear(scaling, _floats(values["weights"]), bias)
    if values["kind"] == "kernel":
        return Kernel(scaling, _floats(values["landmarks"]), float(values["gamma"]), _floats(values["weights"]), bias)
    raise ValueError(f"unknown kind {values['kind']!r}")


def _check(member: Member) -> None:
    if isinstance(member, Trees):
        shapes = {array.shape for array in (member.feature, member.threshold, member.left, member.right, member.value)}
        nodes = member.feature.shape[-1] if member.feature.ndim == 2 else 0
        inner = [array[member.feature >= 0] for array in (member.left, member.right)]
        valid = len(shapes) == 1 and nodes > 0 and int(member.feature.max(initial=0)) < len(COLUMNS)
        valid = valid and all(((array > 0) & (array < nodes)).all() for array in inner)
        numbers = [member.threshold, member.value]
    else:
        use, width = member.scaling.use, len(member.scaling.use)
        if isinstance(member, Kernel):
            valid = member.landmarks.shape == (len(member.weights), width)
        else:
            valid = member.weights.shape == (width,)
        valid = valid and width > 0 and bool(((use >= 0) & (use < len(COLUMNS))).all())
        valid = valid and member.scaling.mean.shape == member.scaling.scale.shape == (width,)
        numbers = [member.weights, member.scaling.mean, member.scaling.scale]
    if not valid or not all(np.isfinite(array).all() for array in [*numbers, np.array(member.bias)]):
        raise BadModel("the parts of the model are inconsistent, or a number is not finite")


def _scaling(scaling: Scaling) -> dict[str, Any]:
    mean, scale = _rounded(scaling.mean), _rounded(scaling.scale)
    return {"use": scaling.use.tolist(), "mean": mean.tolist(), "scale": scale.tolist()}


def _floats(values: Any) -> Floats:
    return np.array(values, dtype=np.float64)


def _rounded(array: Floats, digits: int = 6) -> Floats:
    text = [float(f"{number:.{digits}g}") for number in array.ravel()]
    return np.array(text).reshape(array.shape)
