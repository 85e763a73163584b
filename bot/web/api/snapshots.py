"""`/repositories/{id}/hotspots`, `/ownership`, `/coupling`, `/model-card`, `/back-test`, `/trends`: its history."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.db import trends
from bot.db.snapshots import get_snapshot
from bot.domain.back_test import BackTest
from bot.domain.model_card import ModelCard
from bot.domain.snapshots import Coupling, Hotspots, Ownership, SnapshotContent
from bot.web.api.calls import RequestContext, call
from bot.web.api.models.history import (
    BackTestView,
    CouplingView,
    HotspotsView,
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
    """The snapshot; 404 when the repository is unknown, or its history is not indexed yet."""
    repository_id = await context.visible(context.id())
    found = await get_snapshot(context.db, repository_id, content)
    if found is None:
        raise problem(
            404, "no-history-yet", "The history of this repository is not indexed yet: its next analysis does that."
        )
    facts = {one.name: getattr(found.content, one.name) for one in fields(found.content)}
    return view(as_of=found.head_sha, created_at=found.created_at, **facts)


@call("GET", "/repositories/{id}/hotspots", problems=(404,), lately=True)
async def read_hotspots(context: RequestContext) -> HotspotsView:
    """Files that change often and are complex."""
    return await _snapshot(context, Hotspots, HotspotsView)


@call("GET", "/repositories/{id}/ownership", problems=(404,), lately=True)
async def read_ownership(context: RequestContext) -> OwnershipView:
    """Whose lines the files are, and the bus factor."""
    return await _snapshot(context, Ownership, OwnershipView)


@call("GET", "/repositories/{id}/coupling", problems=(404,), lately=True)
async def read_coupling(context: RequestContext) -> CouplingView:
    """Files that usually change together."""
    return await _snapshot(context, Coupling, CouplingView)


@call("GET", "/repositories/{id}/back-test", problems=(404,), lately=True)
async def read_back_test(context: RequestContext) -> BackTestView:
    """What would have been said of the newest merged changes, and the thresholds that this proposes."""
    return await _snapshot(context, BackTest, BackTestView)


@call("GET", "/repositories/{id}/model-card", problems=(404,), lately=True)
async def read_model_card(context: RequestContext) -> ModelCardView:
    """How well the change risk predicted, on later changes than it learned from."""
    return await _snapshot(context, ModelCard, ModelCardView)


@call("GET", "/repositories/{id}/trends", problems=(404,), lately=True)
async def read_trends(context: RequestContext, query: TrendsQuery) -> TrendsView:
    """What happened on each day: analyses, and new insights by severity and type."""
    repository_id = await context.visible(context.id())
    until = datetime.now(UTC).date()
    since = until - timedelta(days=query.days - 1)
    found = await trends.days(context.db, repository_id, trends.beginning(since))
    days = [
        TrendDay(day=day, analyses=one.analyses, failed=one.failed, insights=one.insights, by_type=one.by_type)
        for day, one in found.items()
    ]
    return TrendsView(
        since=since,
        until=until,
        analyses=sum(one.analyses for one in days),
        insights=sum(sum(one.insights.values()) for one in days),
        days=days,
    )
