"""The page of a repository's history, with charts; and the data of the charts, for the script that explores them."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from aiohttp import web

from bot.db import trends
from bot.db.snapshots import Snapshots, content_of, get_snapshots
from bot.domain.model_card import ModelCard
from bot.domain.snapshots import Hotspots
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
from bot.web.pages.svg import svg
from bot.web.pages.trends_chart import daily_chart

_TREND_DAYS = 366


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/repositories/{id}/history", repository_history)
    app.router.add_get("/repositories/{id}/charts/{name}", chart)


@page("history.html", scripts=True)
async def repository_history(request: web.Request) -> dict[str, object]:
    """One repository: its history, with charts."""
    view, who = await seen_repository(request)
    found = await get_snapshots(request.app[DATABASE], view.id)
    return {
        "repository": view,
        "may_change": may_change(who, view),
        "snapshots": found,
        "charts": {name: svg(made) for name, made in _charts(found).items() if made},
    }


async def chart(request: web.Request) -> web.Response:
    """A chart's data, and where the script is that draws it."""
    view, _ = await seen_repository(request)
    found = await _chart(request, request.match_info["name"], view.id)
    if found is None:
        raise web.HTTPNotFound
    body = orjson.dumps({"script": plotly.ADDRESS, "chart": asdict(chart_data(found))})
    return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "private, no-cache"})


async def _chart(request: web.Request, name: str, repository_id: UUID) -> Chart | None:
    db = request.app[DATABASE]
    if name == "trends":
        today = datetime.now(UTC).date()
        since = today - timedelta(days=_TREND_DAYS - 1)
        return daily_chart(await trends.days(db, repository_id, trends.beginning(since)), today)
    made = _charts(await get_snapshots(db, repository_id, Hotspots, ModelCard)).get(name)
    return made if isinstance(made, Chart) else None


def _charts(found: Snapshots) -> dict[str, Chart | Bars | None]:
    """The charts of the page by name; None for those without anything to show."""
    card = content_of(found.model_card)
    return {
        "hotspots": hotspot_chart(found.hotspots.content) if found.hotspots else None,
        "ownership": ownership_chart(found.ownership.content) if found.ownership else None,
        "coupling": coupling_chart(found.coupling.content) if found.coupling else None,
        "risk": risk_chart(card) if card else None,
        "calibration": calibration_chart(card) if card else None,
    }
