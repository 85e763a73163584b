"""What the history index tells, and trends."""

from datetime import date, datetime
from typing import Any

from pydantic import ConfigDict, Field

from bot.web.api.models.base import Answer, Query, Whole


class _Snapshot(Answer):
    """as_of: the commit up to which it holds. What else the index tells stands beside."""

    model_config = ConfigDict(extra="allow")

    as_of: str
    created_at: datetime


class HotspotsView(_Snapshot):
    """Files that change often and are complex, the hottest first."""

    changes: int
    files: list[dict[str, Any]]


class OwnershipView(_Snapshot):
    """Whose lines the files are, and the bus factor."""

    files: list[dict[str, Any]]


class CouplingView(_Snapshot):
    """Files that usually change together."""

    changes: int
    pairs: list[dict[str, Any]]


class ModelCardView(_Snapshot):
    """How well the change risk predicted, on later changes than it learned from."""


class BackTestView(_Snapshot):
    """What would have been said of the newest merged changes. verdict: whether what came after bears a remark out."""

    changes: int
    spoken: int
    summary: str
    remarks: list[dict[str, Any]]
    proposals: list[dict[str, Any]]


class TrendsQuery(Query):
    """How far back."""

    days: Whole = Field(90, ge=1, le=366)


class TrendDay(Answer):
    """One day, UTC. insights: new ones by severity; by_type: the same by type."""

    day: date
    analyses: int
    failed: int
    insights: dict[str, int]
    by_type: dict[str, int]


class TrendsView(Answer):
    """Days on which something happened, oldest first."""

    since: date
    until: date
    analyses: int
    insights: int
    days: list[TrendDay]
