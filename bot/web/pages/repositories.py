"""The repositories, and one of them: at a glance, its insights, its pull requests, its analyses."""

from datetime import UTC, datetime, time, timedelta

from aiohttp import web

from bot.db import page_queries, repository_views, stored_analyses, stored_insights, trends
from bot.db.repository_views import RepositoryFilter
from bot.db.snapshots import get_snapshots
from bot.db.stored_insights import InsightFilter
from bot.domain.insights import InsightType, Severity, Standing
from bot.domain.model_card import ModelCard
from bot.domain.snapshots import Hotspots, Ownership
from bot.web.health import DATABASE
from bot.web.pages.access import PUBLIC, may_change, seen_repository
from bot.web.pages.frame import page, visitor
from bot.web.pages.inputs import PAGE_SIZE, InsightsAsked, Paged, RepositoriesAsked, asked, pager
from bot.web.pages.svg import svg
from bot.web.pages.trends_chart import by_week, weekly_chart

_TREND_DAYS = 90
_MONTH = timedelta(days=30)
_NEWEST = 5
_REMARKS = InsightFilter(standing=Standing.REMARK)  # notes are for who looks at one change


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/", index)
    app.router.add_get("/repositories/{id}", repository)
    app.router.add_get("/repositories/{id}/insights", insights)
    app.router.add_get("/repositories/{id}/pull-requests", pulls)
    app.router.add_get("/repositories/{id}/analyses", analyses)


@page("index.html")
async def index(request: web.Request) -> dict[str, object]:
    """All repositories that the visitor may see."""
    who = await visitor(request)
    wanted = asked(request, RepositoriesAsked)
    if who is not None:
        shown = RepositoryFilter(q=wanted.q, analysis_status=wanted.state, github_ids=who.repositories)
    else:
        none = None if request.app[PUBLIC] else frozenset[int]()
        shown = RepositoryFilter(q=wanted.q, analysis_status=wanted.state, github_ids=none, also_public=True)
    found = await repository_views.list_repositories(
        request.app[DATABASE], limit=PAGE_SIZE, offset=wanted.offset, wanted=shown
    )
    return {"repositories": found.items, "asked": wanted, "pager": pager(request, wanted.page, found.total)}


@page("repository.html", scripts=True)
async def repository(request: web.Request) -> dict[str, object]:
    """One repository at a glance, and the newest of everything."""
    view, who = await seen_repository(request)
    db, today = request.app[DATABASE], datetime.now(UTC).date()
    since = today - timedelta(days=_TREND_DAYS - 1)
    days = await trends.days(db, view.id, trends.beginning(since))
    month = [day for when, day in days.items() if when > today - _MONTH]
    weeks = by_week(days, since, today)
    chart = weekly_chart(weeks)
    return {
        "repository": view,
        "may_change": may_change(who, view),
        "snapshots": await get_snapshots(db, view.id, Hotspots, Ownership, ModelCard),
        "full": await page_queries.newest_whole_analysis(db, view.id),
        "month": {"analyses": sum(day.analyses for day in month), "failed": sum(day.failed for day in month)},
        "weeks": weeks,
        "chart": svg(chart) if chart else None,
        "remarks": await stored_insights.list_insights(db, view.id, _REMARKS, limit=_NEWEST, offset=0),
        "pulls": await page_queries.list_pulls(db, view.id, limit=_NEWEST, offset=0),
        "analyses": await stored_analyses.list_analyses(db, view.id, limit=_NEWEST, offset=0),
    }


@page("insights.html")
async def insights(request: web.Request) -> dict[str, object]:
    """What holds of a repository now, newest first, by type, severity, pull request and time."""
    view, who = await seen_repository(request)
    wanted = asked(request, InsightsAsked)
    filters = InsightFilter(
        type=wanted.type,
        severity=wanted.severity,
        pull_request=wanted.pull_request,
        since=datetime.combine(wanted.since, time(), UTC) if wanted.since else None,
    )
    found = await stored_insights.list_insights(
        request.app[DATABASE], view.id, filters, limit=PAGE_SIZE, offset=wanted.offset
    )
    return {
        "repository": view,
        "may_change": may_change(who, view),
        "insights": found.items,
        "asked": wanted,
        "types": list(InsightType),
        "severities": list(reversed(Severity)),
        "pager": pager(request, wanted.page, found.total),
    }


@page("pull_requests.html")
async def pulls(request: web.Request) -> dict[str, object]:
    """Pull requests with the risk that was said of them, and what became of it."""
    view, who = await seen_repository(request)
    wanted = asked(request, Paged)
    found = await page_queries.list_pulls(request.app[DATABASE], view.id, limit=PAGE_SIZE, offset=wanted.offset)
    return {
        "repository": view,
        "may_change": may_change(who, view),
        "pulls": found.items,
        "pager": pager(request, wanted.page, found.total),
    }


@page("analyses.html")
async def analyses(request: web.Request) -> dict[str, object]:
    """Every analysis."""
    view, who = await seen_repository(request)
    wanted = asked(request, Paged)
    found = await stored_analyses.list_analyses(request.app[DATABASE], view.id, limit=PAGE_SIZE, offset=wanted.offset)
    return {
        "repository": view,
        "may_change": may_change(who, view),
        "analyses": found.items,
        "pager": pager(request, wanted.page, found.total),
    }
