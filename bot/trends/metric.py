"""What a metric is, and how the values of a period become one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

from bot.domain.items import Item, ItemKind
from bot.domain.periods import DAY
from bot.domain.project import Project, ProjectChange
from bot.domain.trends import Direction, MetricSource
from bot.trends.periods import Periods

CHAOSS = "https://chaoss.community/kb/metric-"
DORA = "https://dora.dev/guides/dora-metrics/"

HOUR = 3_600
WEEK_DAYS = 7
MONTH_DAYS = 30.4375
RESPONSE_FOLLOW = 30 * DAY
MERGE_FOLLOW = 90 * DAY
LONG_FOLLOW = 180 * DAY

# With fewer values, a share or a median says little about its period.
LEAST_IN_SHARE = 5
LEAST_IN_MEDIAN = 3


@dataclass(frozen=True, slots=True)
class Value:
    """The value of one period.

    position: of the period.
    n: how many changes, issues, … it is computed from.
    """

    position: int
    value: float
    n: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric by period.

    first, last: the positions of the periods that the data cover. Before, there are no data; after, it is too early.
    values: in the order of the periods. Periods without enough data are left out.
    """

    first: int
    last: int
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a metric has no values, as a sentence."""

    reason: str


Measure: TypeAlias = Callable[[Project, Periods], Measured | Unknown]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric; see `domain.trends.MetricTrend`.

    least_change: a trend that changes the value by less than this over the tested periods is not worth saying.
    """

    key: str
    name: str
    definition: str
    unit: str
    source: MetricSource
    measure: Measure
    least_change: float
    standard: str = ""
    url: str = ""
    better: Direction | None = None


NOT_SYNCED = {
    ItemKind.ISSUE: Unknown("The issues of this repository are not synced from GitHub yet."),
    ItemKind.PULL_REQUEST: Unknown("The pull requests of this repository are not synced from GitHub yet."),
}
RELEASES_NOT_SYNCED = Unknown("The releases of this repository are not synced from GitHub yet.")
KINDS_UNKNOWN = Unknown("The kinds of the issues are not known: the model that tells them could not be read.")
NO_DATA = Unknown("There are none yet.")


def summarized(
    groups: Sequence[Sequence[float]],
    first: int,
    last: int,
    summarize: Callable[[Sequence[float]], float],
    least: int = 1,
) -> Measured:
    """One value for each period from `first` to `last` that has at least `least` values."""
    values = [
        Value(position, summarize(groups[position]), len(groups[position]))
        for position in range(first, last + 1)
        if len(groups[position]) >= least
    ]
    return Measured(first, last, tuple(values))


def per_days(groups: Sequence[Sequence[float]], periods: Periods, first: int, days: float) -> Measured:
    """The sum of each period per so many days; 0 for a period without values."""
    values = [
        Value(position, sum(groups[position]) * days / periods.days(position), len(groups[position]))
        for position in range(first, len(periods))
    ]
    return Measured(first, len(periods) - 1, tuple(values))


def per_month(groups: Sequence[Sequence[float]], periods: Periods, first: int) -> Measured:
    """The sum of each month as it is; that of weeks for a month of 30.4 days."""
    if periods.kind != "month":
        return per_days(groups, periods, first, MONTH_DAYS)
    values = [Value(position, sum(groups[position]), len(groups[position])) for position in range(first, len(periods))]
    return Measured(first, len(periods) - 1, tuple(values))


def share(values: Sequence[float]) -> float:
    """The mean: of zeros and ones, the share of ones."""
    return sum(values) / len(values)


def by_people(project: Project) -> Iterator[ProjectChange]:
    """The changes that people made, without mass changes."""
    return (change for change in project.changes if not change.is_bot and not change.is_mass)


def items_of(project: Project, kind: ItemKind) -> list[Item]:
    """The issues or the pull requests that people opened. A deleted account counts as a person."""
    return [item for item in project.items if item.kind is kind and not (item.author and item.author.is_bot)]


def medians_followed(
    items: Sequence[Item],
    spans: Sequence[tuple[float, float | None]],
    project: Project,
    periods: Periods,
    follow: int,
    unit: float,
) -> Measured | Unknown:
    """The median time from the opening of an item to its end, by the period of the opening.

    Everything is followed for the same time: a longer span, or one without an end, counts as `follow`. Otherwise new
    items, of which only the quick ones have ended, would look faster than old ones.

    items: all of their kind. The data begin with the first one.
    spans: when those that count were opened, and when they ended, in Unix seconds.
    follow: seconds. Periods that ended less than this ago are left out.
    unit: seconds per unit of the result.
    """
    if not items:
        return NO_DATA
    lengths = [(begin, (follow if end is None else min(follow, max(0.0, end - begin))) / unit) for begin, end in spans]
    first = periods.first_after(min(item.created_at.timestamp() for item in items))
    last = periods.last_before(project.now.timestamp() - follow)
    return summarized(periods.grouped(lengths), first, last, median, LEAST_IN_MEDIAN)
