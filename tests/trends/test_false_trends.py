"""How often noise is said to be a trend, and how often a trend is found: over whole families of series."""

from collections.abc import Sequence

import numpy as np
import pytest

from bot.trends.decide import Decision, decide
from bot.trends.periods import Periods
from tests.trends.simulation import (
    FAMILY,
    NOISES,
    Noise,
    any_autoregressive,
    autoregressive,
    growing,
    measured,
    months,
)

REPOSITORIES = 400
LENGTHS = (24, 31, 36, 60)


def family(rng: np.random.Generator, periods: Periods, noises: Sequence[Noise]) -> list[Decision]:
    """The decisions on all metrics of one repository. The smallest change worth saying is 0: only the test protects."""
    return decide([(measured(noise(rng, periods)), 0.0) for noise in noises], periods)


@pytest.mark.parametrize(
    "noises",
    [NOISES, (any_autoregressive,), (autoregressive(0.8),)],
    ids=["all kinds of noise", "correlations of 0 to .8", "a correlation of .8 in each metric"],
)
def test_less_than_five_of_a_hundred_repositories_without_trends_get_one(noises: Sequence[Noise]) -> None:
    rng = np.random.default_rng(11)
    false = 0
    for number in range(REPOSITORIES):
        chosen = [noises[(number + place) % len(noises)] for place in range(FAMILY)]
        decisions = family(rng, months(LENGTHS[number % len(LENGTHS)]), chosen)
        assert all(decision.test or decision.reason.startswith("The value is the same") for decision in decisions)
        false += any(decision.claimed for decision in decisions)
    assert false / REPOSITORIES < 0.05


def test_a_long_history_of_noise_has_no_trend_either() -> None:
    rng = np.random.default_rng(12)
    periods = months(120)
    found = [family(rng, periods, [NOISES[place % len(NOISES)] for place in range(FAMILY)]) for _ in range(60)]
    assert sum(any(decision.claimed for decision in decisions) for decisions in found) < 0.05 * 60


def test_a_metric_that_doubles_every_two_years_is_found_among_noise() -> None:
    rng = np.random.default_rng(13)
    periods, found, false = months(36), 0, 0
    for number in range(100):
        others = [NOISES[(number + place) % len(NOISES)] for place in range(FAMILY - 1)]
        first, *rest = family(rng, periods, [growing, *others])
        found += first.claimed == "up"
        false += any(decision.claimed for decision in rest)
        if first.claimed and first.test:
            # From 30 to 85 a month; 36 points have 35 steps.
            assert first.test.slope_low < first.test.slope < first.test.slope_high
            assert first.test.begin == pytest.approx(30, abs=12) and first.test.end == pytest.approx(83, abs=14)
    assert found > 80
    assert false < 5


def test_a_fall_is_found_as_well() -> None:
    rng = np.random.default_rng(14)
    periods = months(36)
    found = 0
    for _ in range(50):
        values = growing(rng, periods)[::-1]
        [decision] = decide([(measured(values), 0.0)], periods)
        found += decision.claimed == "down"
    assert found > 40


def test_a_small_change_is_no_trend_however_certain() -> None:
    rng = np.random.default_rng(15)
    periods = months(36)
    values = 1000 + 2 * np.arange(36) + rng.normal(0, 3, size=36)
    [decision] = decide([(measured(values), 0.0)], periods)
    assert decision.test and decision.test.p_adjusted < 0.001
    assert (decision.claimed, decision.reason) == (None, "It changes, but by too little to matter.")
    [decision] = decide([(measured(values / 1000 - 0.95), 0.5)], periods)  # it more than doubles, but by .07
    assert decision.claimed is None
    [decision] = decide([(measured(values / 1000 - 0.95), 0.05)], periods)
    assert decision.claimed == "up"


def test_the_same_trend_is_said_alone_and_not_among_thousands() -> None:
    rng = np.random.default_rng(16)
    periods = months(36)
    faint = (measured(20 + 0.45 * np.arange(36) + rng.normal(0, 4, size=36)), 0.0)
    noise = [(measured(rng.normal(50, 15, size=36)), 0.0) for _ in range(2000)]
    alone, among = decide([faint], periods)[0], decide([faint, *noise], periods)[0]
    assert alone.test and among.test
    assert alone.claimed == "up"
    assert (among.claimed, among.test.p) == (None, alone.test.p)
    assert among.test.p_adjusted > alone.test.p_adjusted
