"""The history page of a repository, with charts; and the data of the charts, for the script that explores them."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from aiohttp import web

from bot.db import trends
from bot.db.snapshots import Snapshots, content_of, get_snapshot, get_snapshots
from bot.domain.model_card import ModelCard
from bot.domain.snapshots import Hotspots
from bot.domain.trends import Trends
from bot.web.health import DATABASE
from bot.web.pages import plotly
from bot.web.pages.access import may_change, seen_repository
from bot.web.pages.chart import Bars, Chart
from bot.web.pages.chart_data import chart_data
from bot.web.pages.frame import page
from bot.web.pages.history_charts import (
    calibration_chart,
    coupling_chart,
    hotspot_chart,
    ownership_chart,
    risk_chart,
)
from bot.web.pages.inputs import HistoryQuery, read_query
from bot.web.pages.patterns import patterns_part
from bot.web.pages.svg import svg
from bot.web.pages.trends_chart import daily_chart
from bot.web.pages.trends_part import YEARS, explored_metric, trends_part

_TREND_DAYS = 366
_METRIC = "metric-"


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/repositories/{id}/history", repository_history)
    app.router.add_get("/repositories/{id}/charts/{name}", chart)


@page("history.html", scripts=True)
async def repository_history(request: web.Request) -> dict[str, object]:
    """The history of one repository, with charts."""
    view, identity = await seen_repository(request)
    snapshots = await get_snapshots(request.app[DATABASE], view.id)
    years = read_query(request, HistoryQuery).years
    return {
        "repository": view,
        "may_change": may_change(identity, view),
        "snapshots": snapshots,
        "trends": trends_part(snapshots.trends, years),
        "years": YEARS,
        "part": await patterns_part(request.app[DATABASE], view.id, snapshots),
        "charts": {name: svg(drawn) for name, drawn in _charts(snapshots).items() if drawn},
    }


async def chart(request: web.Request) -> web.Response:
    """The data of a chart, and the address of the script that draws it."""
    view, _ = await seen_repository(request)
    definition = await _find_chart(request, request.match_info["name"], view.id)
    if definition is None:
        raise web.HTTPNotFound
    body = orjson.dumps({"script": plotly.ADDRESS, "chart": asdict(chart_data(definition))})
    return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "private, no-cache"})


async def _find_chart(request: web.Request, name: str, repository_id: UUID) -> Chart | None:
    db = request.app[DATABASE]
    if name == "trends":
        today = datetime.now(UTC).date()
        since = today - timedelta(days=_TREND_DAYS - 1)
        return daily_chart(await trends.days(db, repository_id, trends.beginning(since)), today)
    if name.startswith(_METRIC):
        stored = await get_snapshot(db, repository_id, Trends)
        return explored_metric(stored, name.removeprefix(_METRIC), read_query(request, HistoryQuery).years)
    definition = _charts(await get_snapshots(db, repository_id, Hotspots, ModelCard)).get(name)
    return definition if isinstance(definition, Chart) else None


def _charts(snapshots: Snapshots) -> dict[str, Chart | Bars | None]:
    """The charts of the page by name; None for a chart without data."""
    card = content_of(snapshots.model_card)
    return {
        "hotspots": hotspot_chart(snapshots.hotspots.content) if snapshots.hotspots else None,
        "ownership": ownership_chart(snapshots.ownership.content) if snapshots.ownership else None,
        "coupling": coupling_chart(snapshots.coupling.content) if snapshots.coupling else None,
        "risk": risk_chart(card) if card else None,
        "calibration": calibration_chart(card) if card else None,
    }
