"""The pages of a repository: the overview, pull requests and analyses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from aiohttp import web

from bot.db import at_a_glance, insight_lists, page_queries, stored_analyses, trends
from bot.db.at_a_glance import Glance
from bot.db.engine import Database
from bot.db.insight_lists import InsightFilter
from bot.db.snapshots import get_snapshots
from bot.db.stored_insights import StoredInsight
from bot.db.stored_items import titles_of
from bot.db.sync_states import get_states, why_off
from bot.domain.insights import Severity, Standing
from bot.domain.model_card import ModelCard
from bot.domain.snapshots import Hotspots, Ownership
from bot.domain.sync import summary
from bot.web.github_app import HAS_APP
from bot.web.health import DATABASE
from bot.web.pages.access import may_change, seen_repository
from bot.web.pages.frame import page
from bot.web.pages.inputs import PAGE_SIZE, OverviewQuery, PagedQuery, pager, read_query
from bot.web.pages.svg import drawings
from bot.web.pages.trends_chart import by_week, weekly_chart

DAYS = {"30": "30 days", "90": "90 days", "365": "year"}
_MONTH = timedelta(days=30)
_NEWEST = 5
_REMARKS = InsightFilter(standing=Standing.REMARK, dismissed=False)


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/repositories/{id}", repository)
    app.router.add_get("/repositories/{id}/pull-requests", pulls)
    app.router.add_get("/repositories/{id}/analyses", analyses)


@page("repository.html", scripts=True)
async def repository(request: web.Request) -> dict[str, object]:
    """The overview of one repository."""
    view, identity = await seen_repository(request)
    db, today = request.app[DATABASE], datetime.now(UTC).date()
    shown = read_query(request, OverviewQuery).days
    since = today - timedelta(days=int(shown) - 1)
    days = await trends.days(db, view.id, trends.beginning(since))
    month = [day for when, day in days.items() if when > today - _MONTH]
    weeks = by_week(days, since, today)
    chart = weekly_chart(weeks)
    seen = await at_a_glance.glance(db, view.id)
    remarks = await _worst(db, view.id, seen)
    listed = await page_queries.list_pulls(db, view.id, limit=_NEWEST, offset=0)
    newest = await stored_analyses.list_analyses(db, view.id, limit=_NEWEST, offset=0)
    numbers = [
        *(stored.pull_request for stored in remarks),
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
        "days": DAYS,
        "shown_days": shown,
        "chart": drawings(chart) if chart else None,
        "glance": seen,
        "remarks": remarks,
        "pulls": listed,
        "analyses": newest,
        "titles": await titles_of(db, view.id, numbers),
        "sync": summary(await get_states(db, view.id), has_app=request.app[HAS_APP], off=await why_off(db, view.id)),
    }


async def _worst(db: Database, repository_id: UUID, seen: Glance) -> list[StoredInsight]:
    """The open remarks, the most severe first; without an open one, the newest remarks."""
    if not seen.total:
        return (await insight_lists.list_insights(db, repository_id, _REMARKS, limit=_NEWEST, offset=0)).items
    found: list[StoredInsight] = []
    for severity in reversed(Severity):
        if len(found) < _NEWEST and seen.remarks.get(severity):
            only = replace(_REMARKS, severity=severity, is_open=True)
            found += (
                await insight_lists.list_insights(db, repository_id, only, limit=_NEWEST - len(found), offset=0)
            ).items
    return found


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
