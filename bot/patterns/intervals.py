"""Intervals and tests that are corrected for the number of groups looked at.

The correction is Bonferroni's: each of n intervals holds with 1 - LEVEL / n, so that all of them together hold with
1 - LEVEL, whatever their dependence (Dunn 1961).
"""

from collections.abc import Sequence
from math import erfc, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, gammainc

LEVEL = 0.05


def critical(looked_at: int) -> float:
    """The two-sided critical value of the normal distribution for so many intervals."""
    return NormalDist().inv_cdf(1 - LEVEL / (2 * max(1, looked_at)))


def wilson(hits: int, total: int, z: float) -> tuple[float, float]:
    """Wilson's interval of a share (Wilson 1927, JASA 22)."""
    if not total:
        return 0.0, 1.0
    share = hits / total
    centre = share + z * z / (2 * total)
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return max(0.0, (centre - spread) / (1 + z * z / total)), min(1.0, (centre + spread) / (1 + z * z / total))


def exact_share(hits: float, total: float, looked_at: int) -> tuple[float, float]:
    """The exact interval of a share (Clopper–Pearson 1934). Far out, Wilson's is too narrow."""
    tail = LEVEL / (2 * max(1, looked_at))
    low = float(betaincinv(hits, total - hits + 1, tail)) if hits > 0 else 0.0
    return low, float(betaincinv(hits + 1, total - hits, 1 - tail)) if hits < total else 1.0


def larger_share(hits: int, total: int, expected: float, variance: float) -> float:
    """The one-sided p-value that so many hits are more than expected, with a correction for continuity.

    expected, variance: of the number of hits, if the group were like the others (Mantel–Haenszel 1959).
    """
    if variance <= 0:
        return 1.0
    return 0.5 * erfc((hits - 0.5 - expected) / sqrt(2 * variance))


def ratio_of_shares(hits: int, total: int, other_hits: int, others: int, z: float) -> tuple[float, float, float]:
    """A share as a multiple of another one, and its interval on the scale of logarithms (Katz et al. 1978).

    Half a hit is added to each, so that none is zero.
    """
    share, rest = (hits + 0.5) / (total + 0.5), (other_hits + 0.5) / (others + 0.5)
    spread = z * sqrt(max(0.0, 1 / (hits + 0.5) - 1 / (total + 0.5) + 1 / (other_hits + 0.5) - 1 / (others + 0.5)))
    ratio = share / rest
    return ratio, float(ratio / np.exp(spread)), float(ratio * np.exp(spread))


def median_interval(values: Sequence[float], z: float) -> tuple[float, float, float]:
    """The median, and its interval between two of the ordered values (Conover 1999, 3.2)."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    size = len(ordered)
    spread = z * sqrt(size) / 2
    low, high = int(np.floor(size / 2 - spread)), int(np.ceil(size / 2 + spread))
    return float(np.median(ordered)), float(ordered[max(0, low)]), float(ordered[min(size - 1, high)])


def larger_values(values: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """The one-sided p-value that these values are larger than the others (Mann–Whitney 1947, corrected for ties).

    By hand, because importing `scipy.stats` costs a process 90 MB.
    """
    ordered, (size, rest) = np.sort(others), (len(values), len(others))
    wins = float(np.searchsorted(ordered, values, "left").sum() + np.searchsorted(ordered, values, "right").sum()) / 2
    _, tied = np.unique(np.concatenate([values, others]), return_counts=True)
    both = size + rest
    ties = float((tied.astype(np.float64) ** 3 - tied).sum()) / (both * (both - 1))
    variance = size * rest / 12 * (both + 1 - ties)
    return 0.5 * erfc((wins - size * rest / 2 - 0.5) / sqrt(2 * variance)) if variance > 0 else 1.0


def at_least(count: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """The p-values of so many events or more, where so many are expected (Poisson)."""
    return np.asarray(gammainc(count, expected), dtype=np.float64)
