"""The intervals and tests agree with SciPy's, which the app does not import because of its size."""

import numpy as np
import pytest
from scipy import stats

from bot.patterns.intervals import (
    at_least,
    critical,
    exact_share,
    larger_share,
    larger_values,
    median_interval,
    ratio_of_shares,
    wilson,
)


@pytest.mark.parametrize(("hits", "total"), [(0, 9), (3, 9), (9, 9), (40, 700)])
def test_a_share_has_wilsons_interval(hits: int, total: int) -> None:
    expected = stats.binomtest(hits, total).proportion_ci(0.95, method="wilson")
    assert wilson(hits, total, critical(1)) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_a_share_of_nothing_is_unknown() -> None:
    assert wilson(0, 0, 1.96) == (0.0, 1.0)


def test_many_groups_make_each_interval_wider() -> None:
    assert critical(1) == pytest.approx(1.959964, abs=1e-6)
    assert critical(20) == pytest.approx(stats.norm.ppf(1 - 0.05 / 40))


@pytest.mark.parametrize(("hits", "total"), [(0, 9), (3, 9), (9, 9), (40, 700)])
def test_a_share_has_its_exact_interval(hits: int, total: int) -> None:
    expected = stats.binomtest(hits, total).proportion_ci(0.95, method="exact")
    assert exact_share(hits, total, 1) == pytest.approx((expected.low, expected.high))
    assert exact_share(hits, total, 50)[1] >= expected.high


def test_larger_values_are_found_as_by_mann_and_whitney() -> None:
    generator = np.random.default_rng(1)
    values, others = generator.integers(2, 12, 40).astype(float), generator.integers(0, 10, 70).astype(float)
    expected = stats.mannwhitneyu(values, others, alternative="greater", method="asymptotic").pvalue
    assert larger_values(values, others) == pytest.approx(expected, rel=1e-9)
    assert larger_values(np.ones(5), np.ones(5)) == 1.0


def test_the_interval_of_a_median_holds() -> None:
    """Of 2,000 samples, about 95 % have the true median in their interval."""
    generator = np.random.default_rng(2)
    held = 0
    for _ in range(2000):
        middle, low, high = median_interval(generator.exponential(size=25).tolist(), critical(1))
        assert low <= middle <= high
        held += low <= np.log(2) <= high
    assert 0.93 <= held / 2000 <= 0.99


def test_a_ratio_of_shares_has_its_middle_and_ends() -> None:
    ratio, low, high = ratio_of_shares(30, 100, 10, 100, critical(1))
    assert ratio == pytest.approx(30.5 / 10.5) and low < ratio < high
    assert ratio_of_shares(5, 50, 0, 50, critical(1))[0] == pytest.approx(11.0)


def test_more_events_than_expected_have_a_small_p_value() -> None:
    assert at_least(np.array([7.0]), np.array([3.0]))[0] == pytest.approx(stats.poisson.sf(6, 3))
    assert larger_share(30, 100, 10.0, 9.0) < 1e-9 < larger_share(12, 100, 10.0, 9.0)
    assert larger_share(5, 10, 5.0, 0.0) == 1.0
