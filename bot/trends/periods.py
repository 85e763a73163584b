"""Weeks or months: the evenly spaced periods in which a project is measured. Times are UTC."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.domain.periods import DAY
from bot.domain.trends import PeriodKind

# A trend needs two whole years, since a season looks like a trend in less. A shorter history is shown by weeks.
LEAST_MONTHS = 24
MOST_MONTHS = 120


@dataclass(frozen=True, slots=True)
class Periods:
    """Complete periods without a gap.

    starts: the first second of each period, ascending, and the end of the last one. At least one.
    """

    kind: PeriodKind
    starts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def end(self) -> int:
        """The first second after the last period."""
        return self.starts[-1]

    def find(self, when: float) -> int | None:
        """The position of the period of a time, or None outside of all periods."""
        position = bisect_right(self.starts, when) - 1
        return position if 0 <= position < len(self) else None

    def first_after(self, when: float) -> int:
        """The position of the first period that begins at a time or later; `len` if there is none."""
        return min(len(self), bisect_right(self.starts, when - 1))

    def last_before(self, when: float) -> int:
        """The position of the last period that ends at a time or earlier; -1 if there is none."""
        return min(len(self), bisect_right(self.starts, when) - 1) - 1

    def days(self, position: int) -> float:
        """The length of a period in days."""
        return (self.starts[position + 1] - self.starts[position]) / DAY

    def first_day(self, position: int) -> date:
        """The first day of a period; with `len`, the day after the last one."""
        return datetime.fromtimestamp(self.starts[position], UTC).date()

    def grouped(self, events: Iterable[tuple[float, float]]) -> list[list[float]]:
        """The values of events (time, value) by period. Events outside of all periods are left out."""
        groups: list[list[float]] = [[] for _ in range(len(self))]
        for when, value in events:
            position = self.find(when)
            if position is not None:
                groups[position].append(value)
        return groups


def periods_between(begin: datetime, end: datetime) -> Periods:
    """The complete months in a span, the last 120 at most; the complete weeks if there are fewer than 24 months.

    Of a span without a complete week there is one start and no period.
    """
    months = _months(max(begin, end - timedelta(days=31 * (MOST_MONTHS + 1))), end)
    if len(months) > LEAST_MONTHS:
        return Periods("month", tuple(months[-MOST_MONTHS - 1 :]))
    return Periods("week", tuple(_weeks(begin, end)))


def _months(begin: datetime, end: datetime) -> list[int]:
    """The beginnings of the months from `begin` to `end`."""
    first = begin.year * 12 + begin.month - 1
    last = end.year * 12 + end.month - 1
    starts = [datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in range(first, last + 1)]
    return [int(start.timestamp()) for start in starts if start >= begin]


def _weeks(begin: datetime, end: datetime) -> list[int]:
    """The Mondays from `begin` to `end`."""
    newest = datetime(end.year, end.month, end.day, tzinfo=UTC) - timedelta(days=end.weekday())
    number = max(0, (newest - begin) // timedelta(weeks=1))
    return [int((newest - timedelta(weeks=back)).timestamp()) for back in range(number, -1, -1)]
