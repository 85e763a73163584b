"""The history of a repository: `/hotspots`, `/ownership`, `/coupling`, `/model-card`, `/back-test` and `/trends`."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from bot.db import trends
from bot.db.snapshots import Stored, get_snapshot
from bot.domain.back_test import BackTest
from bot.domain.model_card import ModelCard
from bot.domain.snapshots import Coupling, Hotspots, Ownership, SnapshotContent
from bot.domain.trends import Trends
from bot.web.api.calls import RequestContext, call
from bot.web.api.models.history import (
    BackTestView,
    CouplingView,
    HotspotsView,
    MetricsView,
    ModelCardView,
    OwnershipView,
    SnapshotView,
    TrendDay,
    TrendsQuery,
    TrendsView,
)
from bot.web.api.problems import problem

View = TypeVar("View", bound=SnapshotView)


async def _snapshot(context: RequestContext, content: type[SnapshotContent], view: type[View]) -> View:
    """The response for a snapshot. Raises 404 when the repository is unknown, or its history is not indexed yet."""
    repository_id = await context.visible(context.id())
    snapshot = await get_snapshot(context.db, repository_id, content)
    if snapshot is None:
        sentence = "The history of this repository is not indexed yet. The next analysis indexes it."
        raise problem(404, "no-history-yet", sentence)
    facts = {field.name: getattr(snapshot.content, field.name) for field in fields(snapshot.content)}
    return view(as_of=snapshot.head_sha, created_at=snapshot.created_at, **facts)


@call("GET", "/repositories/{id}/hotspots", problems=(404,), cached=True)
async def read_hotspots(context: RequestContext) -> HotspotsView:
    """Read the hotspots: files that change often and are complex."""
    return await _snapshot(context, Hotspots, HotspotsView)


@call("GET", "/repositories/{id}/ownership", problems=(404,), cached=True)
async def read_ownership(context: RequestContext) -> OwnershipView:
    """Read the ownership: the authors of each file's lines, and the bus factor."""
    return await _snapshot(context, Ownership, OwnershipView)


@call("GET", "/repositories/{id}/coupling", problems=(404,), cached=True)
async def read_coupling(context: RequestContext) -> CouplingView:
    """Read the temporal coupling: files that usually change together."""
    return await _snapshot(context, Coupling, CouplingView)


@call("GET", "/repositories/{id}/back-test", problems=(404,), cached=True)
async def read_back_test(context: RequestContext) -> BackTestView:
    """Read the back-test: the remarks that the newest merged changes would have got, and the proposed thresholds."""
    return await _snapshot(context, BackTest, BackTestView)


@call("GET", "/repositories/{id}/model-card", problems=(404,), cached=True)
async def read_model_card(context: RequestContext) -> ModelCardView:
    """Read the model card: the quality of the predicted change risk, on changes later than the training data."""
    return await _snapshot(context, ModelCard, ModelCardView)


@call("GET", "/repositories/{id}/trends", problems=(404,), cached=True)
async def read_trends(context: RequestContext, query: TrendsQuery) -> TrendsView:
    """Read the trends: metrics such as CHAOSS and DORA define them, and how many analyses and insights each day had.

    Each metric has its definition, a point for each week or month, and the slope with its interval. A metric without
    data has a reason and no points. `claimed` is the direction of a trend that is more than noise.
    """
    repository_id = await context.visible(context.id())
    until = datetime.now(UTC).date()
    since = until - timedelta(days=query.days - 1)
    counts = await trends.days(context.db, repository_id, trends.beginning(since))
    days = [
        TrendDay(day=day, analyses=count.analyses, failed=count.failed, insights=count.insights, by_type=count.by_type)
        for day, count in counts.items()
    ]
    stored = await get_snapshot(context.db, repository_id, Trends)
    return TrendsView(
        since=since,
        until=until,
        analyses=sum(day.analyses for day in days),
        insights=sum(sum(day.insights.values()) for day in days),
        days=days,
        metrics=_metrics(stored, query.since) if stored else None,
    )


def _metrics(stored: Stored[Trends], since: date | None) -> MetricsView:
    """The metrics with their points from a day on."""
    facts = {field.name: getattr(stored.content, field.name) for field in fields(stored.content)}
    if since is not None:
        facts["metrics"] = tuple(
            replace(metric, points=tuple(point for point in metric.points if point.start >= since))
            for metric in stored.content.metrics
        )
    return MetricsView(as_of=stored.head_sha, created_at=stored.created_at, **facts)
