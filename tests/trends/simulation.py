"""Simulated repositories without a trend, as series and as whole projects, and series with one. Seeds are fixed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.trends.metric import Measured, Value
from bot.trends.periods import Periods, periods_between

Array = NDArray[np.float64]
Noise = Callable[[np.random.Generator, Periods], Array]
# As many as there are metrics with values in a repository of which everything is synced.
FAMILY = 17


@lru_cache
def months(number: int) -> Periods:
    """So many complete months, up to the end of 2025."""
    before = 2026 * 12 - number
    return periods_between(datetime(before // 12, before % 12 + 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


def measured(values: Array) -> Measured:
    """A series with a value in each period."""
    found = tuple(Value(position, float(value), 10) for position, value in enumerate(values))
    return Measured(0, len(values) - 1, found)


def autoregressive(correlation: float) -> Noise:
    """An AR(1) process, as the logarithm of a metric: it varies by half of its level."""

    def noise(rng: np.random.Generator, periods: Periods) -> Array:
        steps = rng.normal(size=len(periods))
        steps[1:] *= np.sqrt(1 - correlation**2)
        for position in range(1, len(steps)):
            steps[position] += correlation * steps[position - 1]
        return np.asarray(40 * np.exp(0.5 * steps))

    return noise


def any_autoregressive(rng: np.random.Generator, periods: Periods) -> Array:
    """An AR(1) process with a correlation of 0 to .8."""
    return autoregressive(rng.uniform(0, 0.8))(rng, periods)


def counts(rng: np.random.Generator, periods: Periods) -> Array:
    """Independent counts."""
    return rng.poisson(rng.uniform(2, 40), size=len(periods)).astype(float)


def mostly_zeros(rng: np.random.Generator, periods: Periods) -> Array:
    """Rare events."""
    return rng.poisson(0.4, size=len(periods)).astype(float)


def normal(rng: np.random.Generator, periods: Periods) -> Array:
    """Independent and normal."""
    return rng.normal(50, 15, size=len(periods))


def heavy_tailed(rng: np.random.Generator, periods: Periods) -> Array:
    """Independent, without a variance."""
    return np.abs(20 + 5 * rng.standard_t(2, size=len(periods)))


def shares(rng: np.random.Generator, periods: Periods) -> Array:
    """Shares of a dozen changes."""
    return rng.binomial(12, 0.2, size=len(periods)) / 12


def medians(rng: np.random.Generator, periods: Periods) -> Array:
    """Medians of three long-tailed times."""
    return np.median(rng.lognormal(2, 1.5, size=(len(periods), 3)), axis=1)


def by_day(rng: np.random.Generator, periods: Periods) -> Array:
    """Changes on the days of a real calendar: few at weekends, nearly none in the last week of a year."""
    rates, month = _calendar(periods)
    found = np.bincount(month, weights=rng.poisson(rates))
    return np.asarray(7 * found / np.bincount(month))


@lru_cache
def _calendar(periods: Periods) -> tuple[Array, NDArray[np.int64]]:
    """The expected changes of each day, and the position of its month."""
    first = datetime.fromtimestamp(periods.starts[0], UTC)
    days = [first + timedelta(days=number) for number in range((periods.end - periods.starts[0]) // 86_400)]
    rates = [(0.1 if day.weekday() > 4 else 2) * (0.05 if day.month == 12 and day.day > 23 else 1) for day in days]
    return np.array(rates), np.array([periods.find(day.timestamp()) for day in days])


def yearly(rng: np.random.Generator, periods: Periods) -> Array:
    """Counts with a strong season."""
    phase = rng.uniform(0, 2 * np.pi)
    return rng.poisson(30 * (1 + 0.6 * np.sin(2 * np.pi * np.arange(len(periods)) / 12 + phase))).astype(float)


NOISES: tuple[Noise, ...] = (
    any_autoregressive,
    counts,
    mostly_zeros,
    normal,
    heavy_tailed,
    shares,
    medians,
    by_day,
    yearly,
)


def doubling(rng: np.random.Generator, periods: Periods) -> Array:
    """Counts that double in the last two years, from 30 a month to 60; steady before."""
    rates = np.full(len(periods), 30.0)
    rates[-24:] = np.linspace(30, 60, 24)
    return rng.poisson(rates).astype(float)


def growing(rng: np.random.Generator, periods: Periods) -> Array:
    """Counts that double every two years, from 30 a month."""
    return rng.poisson(30 * 2 ** (np.arange(len(periods)) / 24)).astype(float)
