"""Computes the input columns of the models from the features: logarithms, ratios, and ranks among earlier changes.

`exp`, `nuc`, `ndev`, `rexp` and `sexp` grow with the age of a project. A tree that learned "exp > 900" is out of date
two years later. The rank of these features among the last changes does not drift. The columns of a change depend on
this change and on earlier changes only.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.domain.features import FEATURES, KAMEI, ChangeFeatures

Floats = NDArray[np.float64]

WINDOW = 500
_MIN_WINDOW = 20
_DRIFTING = ("ndev", "nuc", "exp", "rexp", "sexp")
_RATIOS = (
    "la/lt",
    "ld/lt",
    "la/nf",
    "la+ld",
    "(la+ld)/nf",
    "la/(la+ld)",
    "lt/nf",
    "nuc/nf",
    "ndev/nuc",
    "sexp/exp",
    "rexp/exp",
    "entropy/log2(nf)",
)
_LOGS = tuple(f"log {name}" for name in KAMEI)
# Features that only the history index has. They are last, so that the other columns keep their indexes.
_INDEX_ONLY = ("log recent_fixes", "log own_share")
_RANKS = tuple(f"rank {name}" for name in _DRIFTING)

COLUMNS = (*_LOGS, *_RATIOS, *_RANKS, *_INDEX_ONLY, "log churn")
# The two baselines of the model, as logarithms. No member of the model uses the second one.
LINES, CHURN = COLUMNS.index("la+ld"), COLUMNS.index("log churn")
# Two sets of columns: absolute (needs no history), and relative to the recent changes of the project.
ABSOLUTE = tuple(COLUMNS.index(name) for name in _LOGS + _RATIOS + _INDEX_ONLY)
STATIONARY = tuple(
    index for index, name in enumerate(COLUMNS) if name.removeprefix("log ") not in {*_DRIFTING, "churn"}
)
# The columns that mean the same in all data sets. Author experience is excluded: each data set counts it differently.
PORTABLE = tuple(COLUMNS.index(name) for name in _LOGS + _RATIOS if "exp" not in name)


def columns(raw: Floats, past: Floats | None = None) -> Floats:
    """Return the columns, one row per change.

    raw: the features in time order; shape (changes, len(FEATURES)).
    past: the features of earlier changes.
    Each change is ranked among the `WINDOW` changes before it, in `past` and in `raw`.
    """
    return _stack(raw, _ranks(raw, past))


def alternatives(raw: Floats, past: Floats) -> Floats:
    """Return the columns of alternative versions of one change. Each row is ranked among `past` only."""
    window = past[-WINDOW:]
    drifting = [FEATURES.index(name) for name in _DRIFTING]
    ranks = [[_rank(window[:, column], row[column]) for column in drifting] for row in raw]
    return _stack(raw, np.array(ranks).reshape(len(raw), len(drifting)))


def matrix(rows: Sequence[ChangeFeatures]) -> Floats:
    """Return features as an array of shape (changes, len(FEATURES)).

    Raises ValueError if a number is negative or not finite.
    """
    raw = np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))
    invalid = [
        name for name, column in zip(FEATURES, raw.T, strict=True) if not ((column >= 0) & (column < np.inf)).all()
    ]
    if invalid:
        raise ValueError(f"invalid features: {', '.join(invalid)} must be finite and not negative")
    return raw


def _stack(raw: Floats, ranks: Floats) -> Floats:
    logs = np.log1p(raw)
    return np.column_stack([logs[:, : len(KAMEI)], _ratios(raw), ranks, logs[:, len(KAMEI) :]])


def _ratios(raw: Floats) -> Floats:
    of = {name: raw[:, index] for index, name in enumerate(FEATURES)}
    files, lines = np.maximum(of["nf"], 1), of["la"] + of["ld"]
    max_entropy = np.log2(np.maximum(files, 2))
    return np.column_stack(
        [
            np.log((of["la"] + 1) / (of["lt"] + 1)),
            np.log((of["ld"] + 1) / (of["lt"] + 1)),
            np.log((of["la"] + 1) / files),
            np.log1p(lines),
            np.log((lines + 1) / files),
            of["la"] / (lines + 1),
            np.log((of["lt"] + 1) / files),
            np.log((of["nuc"] + 1) / files),
            np.log((of["ndev"] + 1) / (of["nuc"] + 1)),
            np.log((of["sexp"] + 1) / (of["exp"] + 1)),
            np.log((of["rexp"] + 1) / (of["exp"] + 1)),
            of["entropy"] / max_entropy,
        ]
    )


def _ranks(raw: Floats, past: Floats | None) -> Floats:
    before = matrix([]) if past is None else past[-WINDOW:]
    everything = np.vstack([before, raw])
    ranks = np.empty((len(raw), len(_DRIFTING)))
    for rank, name in enumerate(_DRIFTING):
        values = everything[:, FEATURES.index(name)]
        for row in range(len(raw)):
            now = len(before) + row
            ranks[row, rank] = _rank(values[max(0, now - WINDOW) : now], values[now])
    return ranks


def _rank(window: Floats, value: float) -> float:
    """Return the share of the window below the value. Ties count half. Returns 0.5 if the window is too short."""
    if len(window) < _MIN_WINDOW:
        return 0.5
    below = np.count_nonzero(window < value) + 0.5 * np.count_nonzero(window == value)
    return float((below + 0.5) / (len(window) + 1))
