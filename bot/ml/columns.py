"""From the measures to what the models see: logarithms, ratios, and ranks among the changes before.

`exp`, `nuc`, `ndev`, `rexp` and `sexp` grow with the age of a project, so that a tree which learned "exp > 900" is
out of date two years later. Their rank among the last changes does not drift. Everything here looks only backwards:
the columns of a change depend on that change and on the changes before it, never on one after it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.domain.features import FEATURES, KAMEI, ChangeFeatures

Floats = NDArray[np.float64]

WINDOW = 500
_FEWEST = 20
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
# What only a history index knows; last, so that the columns before keep their places.
_KNOWN = ("log recent_fixes", "log own_share")
_RANKS = tuple(f"rank {name}" for name in _DRIFTING)

COLUMNS = _LOGS + _RATIOS + _RANKS + _KNOWN
# Two ways to look at a change: as it stands (needs no history), and relative to its project's recent past.
ABSOLUTE = tuple(COLUMNS.index(name) for name in _LOGS + _RATIOS + _KNOWN)
STATIONARY = tuple(index for index, name in enumerate(COLUMNS) if name.removeprefix("log ") not in _DRIFTING)
# What means the same in every data set: each counts an author's experience in its own way.
PORTABLE = tuple(COLUMNS.index(name) for name in _LOGS + _RATIOS if "exp" not in name)


def columns(raw: Floats, past: Floats | None = None) -> Floats:
    """The columns, one row per change. raw: (changes, len(FEATURES)) in time order; past: those of changes before them.

    Each change is ranked among the `WINDOW` changes before it, in `past` and in `raw`.
    """
    return _stacked(raw, _ranks(raw, past))


def alternatives(raw: Floats, past: Floats) -> Floats:
    """The columns of alternative versions of one change: every row is ranked among `past` alone."""
    window = past[-WINDOW:]
    wanted = [FEATURES.index(name) for name in _DRIFTING]
    ranks = [[_rank(window[:, column], row[column]) for column in wanted] for row in raw]
    return _stacked(raw, np.array(ranks).reshape(len(raw), len(wanted)))


def matrix(rows: Sequence[ChangeFeatures]) -> Floats:
    """Features as an array (changes, len(FEATURES)), also when there are none.

    ValueError if a number is not finite, or negative.
    """
    raw = np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))
    wrong = [
        name for name, column in zip(FEATURES, raw.T, strict=True) if not ((column >= 0) & (column < np.inf)).all()
    ]
    if wrong:
        raise ValueError(f"not a measure of a change: {', '.join(wrong)} must be finite and not negative")
    return raw


def _stacked(raw: Floats, ranks: Floats) -> Floats:
    logs = np.log1p(raw)
    return np.column_stack([logs[:, : len(KAMEI)], _ratios(raw), ranks, logs[:, len(KAMEI) :]])


def _ratios(raw: Floats) -> Floats:
    of = {name: raw[:, index] for index, name in enumerate(FEATURES)}
    files, lines = np.maximum(of["nf"], 1), of["la"] + of["ld"]
    wide = np.log2(np.maximum(files, 2))
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
            of["entropy"] / wide,
        ]
    )


def _ranks(raw: Floats, past: Floats | None) -> Floats:
    before = matrix([]) if past is None else past[-WINDOW:]
    everything = np.vstack([before, raw])
    ranks = np.empty((len(raw), len(_DRIFTING)))
    for place, name in enumerate(_DRIFTING):
        series = everything[:, FEATURES.index(name)]
        for row in range(len(raw)):
            now = len(before) + row
            ranks[row, place] = _rank(series[max(0, now - WINDOW) : now], series[now])
    return ranks


def _rank(window: Floats, value: float) -> float:
    """The share of the window below the value, ties by half; 0.5 where the window is too short to tell."""
    if len(window) < _FEWEST:
        return 0.5
    below = np.count_nonzero(window < value) + 0.5 * np.count_nonzero(window == value)
    return float((below + 0.5) / (len(window) + 1))
