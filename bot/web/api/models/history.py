"""The snapshots and the trends of a repository."""

from datetime import date, datetime

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from bot.domain.back_test import BackTest
from bot.domain.model_card import ModelCard
from bot.domain.snapshots import Coupling, Hotspots, Ownership
from bot.domain.trends import Trends
from bot.web.api.models.base import Answer, Query, Whole

_CONFIG = ConfigDict(extra="forbid", defer_build=True)


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class SnapshotView:
    """A snapshot with its origin. Subclasses add the fields of the stored facts, with the same descriptions."""

    as_of: str = Field(description="The commit up to which the history was read.")
    created_at: datetime = Field(description="When the facts were stored.")

    def model_dump_json(self) -> str:
        """The response as JSON."""
        return TypeAdapter(type(self)).dump_json(self, exclude_defaults=True).decode()


# The docstring of the facts describes their fields, so the responses use the same docstring.
@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class HotspotsView(Hotspots, SnapshotView):
    __doc__ = Hotspots.__doc__


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class OwnershipView(Ownership, SnapshotView):
    __doc__ = Ownership.__doc__


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class CouplingView(Coupling, SnapshotView):
    __doc__ = Coupling.__doc__


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class ModelCardView(ModelCard, SnapshotView):
    __doc__ = ModelCard.__doc__


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class BackTestView(BackTest, SnapshotView):
    __doc__ = BackTest.__doc__


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class MetricsView(Trends, SnapshotView):
    __doc__ = Trends.__doc__


class TrendsQuery(Query):
    """The period of the trends."""

    days: Whole = Field(90, ge=1, le=366, description="The number of days of the counts, up to today.")
    since: date | None = Field(
        None, description="The first day of the metrics' points. All are answered without it: ten years at most."
    )


class TrendDay(Answer):
    """The counts of one day.

    day: the day, in UTC.
    analyses: the number of analyses.
    failed: the number of analyses that failed.
    insights: the number of new insights by severity.
    by_type: the number of new insights by type.
    """

    day: date
    analyses: int
    failed: int
    insights: dict[str, int]
    by_type: dict[str, int]


class TrendsView(Answer):
    """The trends of a repository.

    since: the first day of the period.
    until: the last day of the period.
    analyses: the number of analyses in the period.
    insights: the number of new insights in the period.
    days: the days with an analysis or a new insight, oldest first.
    metrics: the metrics of the repository by week or month, and their trends; null until they are computed.
    """

    since: date
    until: date
    analyses: int
    insights: int
    days: list[TrendDay]
    metrics: MetricsView | None
