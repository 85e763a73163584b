"""The trend test against SciPy's calculations, and against simulated series."""

import numpy as np
import pytest
from scipy import stats

from bot.trends import mann_kendall
from bot.trends.mann_kendall import adjusted, largest_autocorrelation, variance

SERIES = {
    "normal": np.random.default_rng(1).normal(size=30),
    "rising": np.arange(36) + np.random.default_rng(2).normal(0, 8, size=36),
    "counts with ties": np.random.default_rng(3).poisson(1.5, size=40).astype(float),
    "heavy tails": np.random.default_rng(4).standard_t(1.5, size=24),
}


@pytest.mark.parametrize("name", SERIES)
def test_slope_and_interval_are_those_of_theil_and_sen(name: str) -> None:
    values = SERIES[name]
    at = np.arange(len(values))
    found = mann_kendall.tested(at.tolist(), values.tolist())
    theirs = stats.theilslopes(values, at)
    assert found.slope == pytest.approx(theirs.slope)
    assert found.begin == pytest.approx(np.median(values - theirs.slope * at))
    # Ours is wider, by the factor that the autocorrelation adds to the standard deviation.
    assert found.low <= theirs.low_slope + 1e-9 and found.high >= theirs.high_slope - 1e-9
    inflation = variance(len(values), found.autocorrelation) / variance(len(values), 0)
    wider = stats.theilslopes(values, at, alpha=1 - 2 * stats.norm.sf(stats.norm.ppf(0.975) * np.sqrt(inflation)))
    slopes = np.sort([(values[j] - values[i]) / (j - i) for i in at for j in at if i < j])
    for mine, other in ((found.low, wider.low_slope), (found.high, wider.high_slope)):
        # SciPy rounds to the next pair of points in another direction.
        assert abs(np.searchsorted(slopes, mine) - np.searchsorted(slopes, other)) <= 3 or mine == other


@pytest.mark.parametrize("name", SERIES)
def test_p_is_kendalls_for_independent_points(name: str) -> None:
    values = SERIES[name]
    at = np.arange(len(values))
    number = len(values)
    found = mann_kendall.tested(at.tolist(), values.tolist())
    score = sum(np.sign(values[j] - values[i]) for i in at for j in at if i < j)
    theirs = stats.kendalltau(at, values, method="asymptotic")
    z = stats.norm.isf(theirs.pvalue / 2)
    # Kendall's z = S / deviation; ours subtracts 1 from |S|, and divides by the larger deviation.
    deviation = abs(score) / z * np.sqrt(variance(number, found.autocorrelation) / variance(number, 0))
    assert found.p == pytest.approx(2 * stats.norm.sf((abs(score) - 1) / deviation), rel=1e-6)
    assert found.p > theirs.pvalue


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6, 0.8])
@pytest.mark.parametrize("number", [24, 36])
def test_the_variance_is_that_of_simulated_series(number: int, correlation: float) -> None:
    rng = np.random.default_rng(5)
    steps = rng.normal(size=(20_000, number))
    steps[:, 1:] *= np.sqrt(1 - correlation**2)
    for position in range(1, number):
        steps[:, position] += correlation * steps[:, position - 1]
    scores = np.zeros(len(steps))
    for lag in range(1, number):
        scores += np.sign(steps[:, lag:] - steps[:, :-lag]).sum(axis=1)
    assert variance(number, correlation) == pytest.approx(scores.var(), rel=0.06)
    if correlation == 0:
        assert variance(number, 0.0) == pytest.approx(number * (number - 1) * (2 * number + 5) / 18)


@pytest.mark.parametrize("correlation", [0.0, 0.4, 0.8])
def test_the_autocorrelation_is_rarely_underestimated(correlation: float) -> None:
    rng = np.random.default_rng(6)
    below = 0
    for _ in range(300):
        steps = rng.normal(size=36)
        steps[1:] *= np.sqrt(1 - correlation**2)
        for position in range(1, 36):
            steps[position] += correlation * steps[position - 1]
        result = mann_kendall.tested(range(36), steps.tolist())
        below += result.autocorrelation < correlation
        assert 0 <= result.autocorrelation <= 0.99
    assert below / 300 < 0.15


def test_hopeless_series_do_not_break_it() -> None:
    assert mann_kendall.tested(range(24), [3.0] * 24).p == 1
    assert mann_kendall.tested(range(24), [0.0] * 23 + [9.0]).p > 0.05
    assert mann_kendall.tested(range(24), [1e300, -1e300] * 12).p > 0.05
    straight = mann_kendall.tested(range(24), [float(one) for one in range(24)])
    assert (straight.slope, straight.low, straight.high) == (1, 1, 1)
    assert 0 <= largest_autocorrelation(np.zeros(24)) <= 0.99


def test_the_times_of_the_points_count() -> None:
    gaps = [0, 1, 2, 5, 6, 9, 10, 11, 14, 15, 18, 20]
    found = mann_kendall.tested(gaps, [2.0 * at + 1 for at in gaps])
    assert (found.slope, found.begin, found.end) == (2, 1, 41)


def test_adjusted_p_values_are_those_of_benjamini_and_hochberg() -> None:
    rng = np.random.default_rng(7)
    for number in (1, 2, 17, 60):
        values = np.concatenate([rng.uniform(size=number), rng.uniform(0, 1e-3, size=number // 3), [0.5, 0.5]])
        assert adjusted(values.tolist()) == pytest.approx(stats.false_discovery_control(values))
    assert adjusted([]) == []
