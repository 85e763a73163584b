"""Is a series more than noise? The slope of Theil and Sen, and the test of Mann and Kendall for correlated noise.

- Slope: Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63, 1968; it is the median of the
  slopes between all pairs of points. Its interval has the same variance as the test, so that the two agree.
- Test: Mann, "Nonparametric tests against trend", Econometrica 13, 1945; Kendall, "Rank Correlation Methods", 1975.
- Variance for correlated noise: Hamed & Rao, "A modified Mann-Kendall trend test for autocorrelated data", Journal of
  Hydrology 204, 1998. They insert the measured autocorrelations, which are too uncertain in series as short as ours
  (docs/trends.md has the share of false trends). We insert those of an AR(1) process with the largest autocorrelation
  that the series allows: the estimate from the residuals, corrected for its bias (Marriott & Pope, "Bias in the
  estimation of autocorrelations", Biometrika 41, 1954), plus two standard errors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, erfc, pi, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_STANDARD_ERRORS = 2.0
_MOST_CORRELATED = 0.99
_QUANTILE = NormalDist().inv_cdf(0.975)
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tested:
    """The result for one series.

    slope, low, high: per unit of time, with the 95 % confidence interval.
    begin, end: the trend line at the first and at the last time.
    autocorrelation: of neighbouring points, as assumed for the test.
    p: two-sided, for this series alone.
    """

    slope: float
    low: float
    high: float
    begin: float
    end: float
    autocorrelation: float
    p: float


def tested(times: Sequence[float], values: Sequence[float]) -> Tested:
    """Test a series of at least 8 points. times: ascending. The noise of neighbouring points may be correlated."""
    at, series = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    earlier, later = _pairs(len(series))
    differences = series[later] - series[earlier]
    slopes = np.sort(differences / (at[later] - at[earlier]))
    slope = _middle(slopes)
    residuals = series - slope * at
    autocorrelation = largest_autocorrelation(residuals)
    deviation = sqrt(variance(len(series), autocorrelation) * _share_untied(series))
    score = float(np.sign(differences).sum())
    low, high = _interval(slopes, deviation)
    level = _middle(np.sort(residuals))
    return Tested(
        slope=slope,
        low=low,
        high=high,
        begin=level + slope * float(at[0]),
        end=level + slope * float(at[-1]),
        autocorrelation=autocorrelation,
        p=erfc(max(0.0, abs(score) - 1) / deviation / sqrt(2)) if deviation else 1.0,
    )


def _middle(ordered: Array) -> float:
    """The median of sorted values."""
    half = len(ordered) // 2
    return float(ordered[half]) if len(ordered) % 2 else float(ordered[half - 1] + ordered[half]) / 2


@lru_cache(maxsize=256)
def _pairs(number: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The positions of all pairs: of the earlier, and of the later point."""
    earlier, later = np.triu_indices(number, 1)
    return earlier, later


def _interval(slopes: Array, deviation: float) -> tuple[float, float]:
    """Sen's interval, from the sorted slopes; Hollander & Wolfe, "Nonparametric Statistical Methods", section 9.3."""
    reach = _QUANTILE * deviation
    lower = max(0, int((len(slopes) - reach) / 2))
    upper = min(len(slopes) - 1, ceil((len(slopes) + reach) / 2))
    return float(slopes[lower]), float(slopes[upper])


def largest_autocorrelation(residuals: Array) -> float:
    """The largest plausible correlation of neighbouring points, 0 to .99. It is that of ranks: outliers count little.

    residuals: a series without its trend.
    """
    number = len(residuals)
    scores = _normal_scores(residuals)
    power = float(scores @ scores)
    estimate = float(scores[1:] @ scores[:-1]) / power if power else 0.0
    # A removed trend lowers the estimate by (2 + 4 ρ) / n on average.
    corrected = min(_MOST_CORRELATED, (number * estimate + 2) / (number - 4))
    error = sqrt((1 - max(0.0, corrected) ** 2) / (number - 4))
    return min(_MOST_CORRELATED, max(0.0, corrected + _STANDARD_ERRORS * error))


def _normal_scores(series: Array) -> Array:
    """The normal quantiles of the ranks, with mean 0. Equal values have equal ranks."""
    _, position, counts = np.unique(series, return_inverse=True, return_counts=True)
    twice_the_ranks = 2 * np.cumsum(counts) - counts + 1
    scores = _quantiles(len(series))[twice_the_ranks[position]]
    centred: Array = scores - scores.mean()
    return centred


@lru_cache(maxsize=256)
def _quantiles(number: int) -> Array:
    """The normal quantile of each rank and half rank among so many points, by twice the rank."""
    quantile = NormalDist().inv_cdf
    return np.array([0.0, *(quantile(twice / 2 / (number + 1)) for twice in range(1, 2 * number + 2))])


def variance(number: int, autocorrelation: float) -> float:
    """The variance of Kendall's score of an AR(1) series without ties.

    Hamed & Rao 1998, equation 19: n(n-1)(2n+5)/18 for independent points, times a factor of the correlations of the
    ranks. A Gaussian series with the correlation ρ has ranks with 6/π·arcsin(ρ/2). For 24 points and more it is within
    6 % of the exact variance, within 2 % for ρ up to .8.
    """
    lags = np.arange(1, number)
    ranks = 6 / pi * np.arcsin(autocorrelation**lags / 2)
    weights = (number - lags) * (number - lags - 1) * (number - lags - 2)
    factor = 1 + 2 / (number * (number - 1) * (number - 2)) * float(weights @ ranks)
    return number * (number - 1) * (2 * number + 5) / 18 * factor


def _share_untied(series: Array) -> float:
    """The variance with the ties of a series, as a share of the variance without: Kendall 1975, chapter 4."""
    number = len(series)
    _, counts = np.unique(series, return_counts=True)
    whole = number * (number - 1) * (2 * number + 5)
    return 1 - float((counts * (counts - 1) * (2 * counts + 5)).sum()) / whole


def adjusted(values: Sequence[float]) -> list[float]:
    """The p values corrected for their number, in the same order.

    Benjamini & Hochberg, "Controlling the false discovery rate", JRSS B 57, 1995. Of all trends that are claimed below
    an adjusted value, at most that share is false.
    """
    order = sorted(range(len(values)), key=lambda position: -values[position])
    result, least = [0.0] * len(values), 1.0
    for rank, position in zip(range(len(values), 0, -1), order, strict=True):
        least = min(least, values[position] * len(values) / rank)
        result[position] = least
    return result
