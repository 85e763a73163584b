"""Decides which series have a trend: which periods are tested, and what is worth saying.

Every series is tested over its last three years (two at least), and over all of its months if there are five years or
more. In two years a season comes back, so that it counts as autocorrelation and not as a trend.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from bot.domain.trends import Direction, TrendTest
from bot.trends.mann_kendall import Tested, adjusted, tested
from bot.trends.metric import Measured, Value
from bot.trends.periods import LEAST_MONTHS, Periods

_RECENT_MONTHS = 36
_LEAST_LONG_MONTHS = 60
# Of the tested periods, and of the last twelve, so many must have a value.
_LEAST_KNOWN = 0.75
_LEAST_RECENT = 6
# A trend is claimed below this p value, which is corrected for the number of series.
SIGNIFICANT = 0.05
# A smaller change over the tested periods, as a share of the median value, is not worth saying.
LEAST_RELATIVE_CHANGE = 0.25


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a series has a trend.

    claimed: its direction; None without one.
    reason: why none is claimed, as a sentence.
    test: None if the series was not tested.
    """

    claimed: Direction | None
    reason: str
    test: TrendTest | None = None


def decide(series: Sequence[tuple[Measured, float]], periods: Periods) -> list[Decision]:
    """Test all series of one family. Returns a decision for each, in the same order.

    Of two spans with a trend, the recent one counts.

    series: each with the smallest change, in its unit, that is worth saying. The more series, the stricter the test.
    """
    spans = [_spans(measured, periods) for measured, _ in series]
    results = [
        [tested([value.position for value in values], [value.value for value in values]) for values in found]
        for found, _ in spans
    ]
    corrected = iter(adjusted([result.p for own in results for result in own]))
    decisions = []
    for (found, reason), own, (_, least) in zip(spans, results, series, strict=True):
        judged = [
            _judge(values, result, next(corrected), least, periods) for values, result in zip(found, own, strict=True)
        ]
        claimed = (decision for decision in judged if decision.claimed)
        decisions.append(next(claimed, judged[0] if judged else Decision(None, reason)))
    return decisions


def _spans(measured: Measured, periods: Periods) -> tuple[list[list[Value]], str]:
    """The values of each span to test, the recent one first; without any, why."""
    known = max(0, measured.last - measured.first + 1)
    if periods.kind == "week" or known < LEAST_MONTHS:
        there = f"{known} {periods.kind}{'' if known == 1 else 's'}"
        return [], f"A trend needs {LEAST_MONTHS} complete months of data, to tell it from a season; there are {there}."
    recent = min(known, _RECENT_MONTHS)
    months = [recent, known] if known >= _LEAST_LONG_MONTHS else [recent]
    spans = [[value for value in measured.values if value.position > measured.last - span] for span in months]
    dense = [values for values, span in zip(spans, months, strict=True) if _is_dense(values, span, measured.last)]
    if not dense:
        return [], f"Too few months have enough data for a value: {len(spans[0])} of the last {recent}."
    varied = [values for values in dense if len({value.value for value in values}) > 1]
    return varied, f"The value is the same in all of the last {recent} months."


def _is_dense(values: list[Value], span: int, last: int) -> bool:
    recent = sum(value.position > last - 12 for value in values)
    return len(values) >= _LEAST_KNOWN * span and recent >= _LEAST_RECENT


def _judge(values: list[Value], result: Tested, p: float, least: float, periods: Periods) -> Decision:
    test = TrendTest(
        since=periods.first_day(values[0].position),
        until=periods.first_day(values[-1].position + 1) - timedelta(days=1),
        periods=len(values),
        n=sum(value.n for value in values),
        slope=result.slope,
        slope_low=result.low,
        slope_high=result.high,
        begin=result.begin,
        end=result.end,
        autocorrelation=result.autocorrelation,
        p=result.p,
        p_adjusted=p,
    )
    if p >= SIGNIFICANT or result.low <= 0 <= result.high:
        return Decision(None, f"It varies no more than by chance (p = {p:.2f}).", test)
    change = abs(result.end - result.begin)
    level = abs(median(value.value for value in values))
    if change < least or change < LEAST_RELATIVE_CHANGE * level:
        return Decision(None, "It changes, but by too little to matter.", test)
    return Decision("up" if result.slope > 0 else "down", "", test)
