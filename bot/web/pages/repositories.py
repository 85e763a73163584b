"""The pages of repositories: the list, and for each the overview, insights, pull requests and analyses."""

from datetime import UTC, datetime, time, timedelta

from aiohttp import web

from bot.db import insight_lists, page_queries, repository_views, stored_analyses, trends
from bot.db.insight_lists import InsightFilter
from bot.db.repository_views import RepositoryFilter
from bot.db.snapshots import get_snapshots
from bot.db.stored_items import titles_of
from bot.db.sync_states import get_states, why_off
from bot.domain.insights import InsightType, Severity, Standing
from bot.domain.model_card import ModelCard
from bot.domain.snapshots import Hotspots, Ownership
from bot.domain.sync import summary
from bot.web.github_app import HAS_APP
from bot.web.health import DATABASE
from bot.web.pages.access import PUBLIC, may_change, seen_repository
from bot.web.pages.frame import page, visitor
from bot.web.pages.inputs import PAGE_SIZE, InsightsQuery, PagedQuery, RepositoriesQuery, pager, read_query
from bot.web.pages.svg import svg
from bot.web.pages.trends_chart import by_week, weekly_chart

_TREND_DAYS = 90
_MONTH = timedelta(days=30)
_NEWEST = 5
# Notes are shown on the page of their analysis only.
_REMARKS = InsightFilter(standing=Standing.REMARK, dismissed=False)


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/", index)
    app.router.add_get("/repositories/{id}", repository)
    app.router.add_get("/repositories/{id}/insights", insights)
    app.router.add_get("/repositories/{id}/pull-requests", pulls)
    app.router.add_get("/repositories/{id}/analyses", analyses)


@page("index.html")
async def index(request: web.Request) -> dict[str, object]:
    """The repositories that the visitor may see."""
    identity = await visitor(request)
    query = read_query(request, RepositoriesQuery)
    if identity is not None:
        filters = RepositoryFilter(q=query.q, analysis_status=query.state, github_ids=identity.repositories)
    else:
        visible = None if request.app[PUBLIC] else frozenset[int]()
        filters = RepositoryFilter(q=query.q, analysis_status=query.state, github_ids=visible, also_public=True)
    listed = await repository_views.list_repositories(
        request.app[DATABASE], limit=PAGE_SIZE, offset=query.offset, filters=filters
    )
    return {"repositories": listed.items, "query": query, "pager": pager(request, query.page, listed.total)}


@page("repository.html", scripts=True)
async def repository(request: web.Request) -> dict[str, object]:
    """The overview of one repository."""
    view, identity = await seen_repository(request)
    db, today = request.app[DATABASE], datetime.now(UTC).date()
    since = today - timedelta(days=_TREND_DAYS - 1)
    days = await trends.days(db, view.id, trends.beginning(since))
    month = [day for when, day in days.items() if when > today - _MONTH]
    weeks = by_week(days, since, today)
    chart = weekly_chart(weeks)
    remarks = await insight_lists.list_insights(db, view.id, _REMARKS, limit=_NEWEST, offset=0)
    listed = await page_queries.list_pulls(db, view.id, limit=_NEWEST, offset=0)
    newest = await stored_analyses.list_analyses(db, view.id, limit=_NEWEST, offset=0)
    numbers = [
        *(stored.pull_request for stored in remarks.items),
        *(pull.number for pull in listed.items),
        *(row.pull_number for row in newest.items),
    ]
    return {
        "repository": view,
        "may_change": may_change(identity, view),
        "snapshots": await get_snapshots(db, view.id, Hotspots, Ownership, ModelCard),
        "full": await page_queries.newest_whole_analysis(db, view.id),
        "month": {"analyses": sum(day.analyses for day in month), "failed": sum(day.failed for day in month)},
        "weeks": weeks,
        "chart": svg(chart) if chart else None,
        "remarks": remarks,
        "pulls": listed,
        "analyses": newest,
        "titles": await titles_of(db, view.id, numbers),
        "sync": summary(await get_states(db, view.id), has_app=request.app[HAS_APP], off=await why_off(db, view.id)),
    }


@page("insights.html")
async def insights(request: web.Request) -> dict[str, object]:
    """The current insights of a repository, newest first, filtered by type, severity, pull request and time."""
    view, identity = await seen_repository(request)
    query = read_query(request, InsightsQuery)
    filters = InsightFilter(
        type=query.type,
        severity=query.severity,
        pull_request=query.pull_request,
        since=datetime.combine(query.since, time(), UTC) if query.since else None,
        dismissed=None if query.dismissed == "any" else query.dismissed == "true",
    )
    listed = await insight_lists.list_insights(
        request.app[DATABASE], view.id, filters, limit=PAGE_SIZE, offset=query.offset
    )
    return {
        "repository": view,
        "may_change": may_change(identity, view),
        "insights": listed.items,
        "titles": await titles_of(request.app[DATABASE], view.id, [stored.pull_request for stored in listed.items]),
        "query": query,
        "types": list(InsightType),
        "severities": list(reversed(Severity)),
        "pager": pager(request, query.page, listed.total),
    }


@page("pull_requests.html")
async def pulls(request: web.Request) -> dict[str, object]:
    """The pull requests of a repository, with the predicted risk and the outcome."""
    view, identity = await seen_repository(request)
    query = read_query(request, PagedQuery)
    listed = await page_queries.list_pulls(request.app[DATABASE], view.id, limit=PAGE_SIZE, offset=query.offset)
    return {
        "repository": view,
        "may_change": may_change(identity, view),
        "pulls": listed.items,
        "titles": await titles_of(request.app[DATABASE], view.id, [pull.number for pull in listed.items]),
        "pager": pager(request, query.page, listed.total),
    }


@page("analyses.html")
async def analyses(request: web.Request) -> dict[str, object]:
    """The analyses of a repository, newest first."""
    view, identity = await seen_repository(request)
    query = read_query(request, PagedQuery)
    listed = await stored_analyses.list_analyses(request.app[DATABASE], view.id, limit=PAGE_SIZE, offset=query.offset)
    return {
        "repository": view,
        "may_change": may_change(identity, view),
        "analyses": listed.items,
        "titles": await titles_of(request.app[DATABASE], view.id, [row.pull_number for row in listed.items]),
        "pager": pager(request, query.page, listed.total),
    }
