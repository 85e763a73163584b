"""The charts of the history page by name; their data for the script that explores them, and as CSV."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import orjson
from aiohttp import web

from bot.db import trends
from bot.db.engine import Database
from bot.db.snapshots import Snapshots, content_of, get_snapshot, get_snapshots
from bot.db.trends import Day
from bot.domain.file_details import FileDetail, FileDetails
from bot.domain.model_card import ModelCard
from bot.domain.snapshots import Coupling, Hotspots, Ownership
from bot.domain.trends import MetricTrend, Trends
from bot.web.health import DATABASE
from bot.web.pages import plotly
from bot.web.pages.access import seen_repository
from bot.web.pages.chart import Bars, Chart
from bot.web.pages.chart_data import chart_data
from bot.web.pages.file_chart import file_chart
from bot.web.pages.history_charts import (
    calibration_chart,
    coupling_chart,
    hotspot_chart,
    ownership_chart,
    risk_chart,
)
from bot.web.pages.inputs import FileQuery, HistoryQuery, read_query
from bot.web.pages.metric_chart import metric_chart
from bot.web.pages.sheet import Sheet, csv_text
from bot.web.pages.sheets import SHEETS, days_sheet, file_sheet, metric_sheet
from bot.web.pages.trends_chart import daily_chart
from bot.web.pages.trends_part import since_of

_TREND_DAYS = 366
_METRIC = "metric-"
_PRIVATE = {"Cache-Control": "private, no-cache"}


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/repositories/{id}/charts/{name:[a-z-]+}.csv", as_csv)
    app.router.add_get("/repositories/{id}/charts/{name}", chart)


def charts_of(snapshots: Snapshots) -> dict[str, Chart | Bars | None]:
    """The charts of the history page by name; None for a chart without data."""
    card = content_of(snapshots.model_card)
    return {
        "hotspots": hotspot_chart(snapshots.hotspots.content) if snapshots.hotspots else None,
        "ownership": ownership_chart(snapshots.ownership.content) if snapshots.ownership else None,
        "coupling": coupling_chart(snapshots.coupling.content) if snapshots.coupling else None,
        "risk": risk_chart(card) if card else None,
        "calibration": calibration_chart(card) if card else None,
    }


async def chart(request: web.Request) -> web.Response:
    """The data of a chart, and the address of the script that draws it."""
    view, _ = await seen_repository(request)
    definition = await _find_chart(request, request.match_info["name"], view.id)
    if definition is None:
        raise web.HTTPNotFound
    body = orjson.dumps({"script": plotly.ADDRESS, "chart": asdict(chart_data(definition))})
    return web.Response(body=body, content_type="application/json", headers=_PRIVATE)


async def as_csv(request: web.Request) -> web.Response:
    """The table of a chart, to download."""
    view, _ = await seen_repository(request)
    name = request.match_info["name"]
    sheet = await _find_sheet(request, name, view.id)
    if sheet is None:
        raise web.HTTPNotFound
    headers = _PRIVATE | {"Content-Disposition": f'attachment; filename="gitinsight-{name}.csv"'}
    return web.Response(text=csv_text(sheet), content_type="text/csv", charset="utf-8", headers=headers)


async def _find_chart(request: web.Request, name: str, repository_id: UUID) -> Chart | None:
    db = request.app[DATABASE]
    if name == "trends":
        days, today = await _days(db, repository_id)
        return daily_chart(days, today)
    if name == "file":
        file = await _file(request, db, repository_id)
        return file_chart(file) if file else None
    if name.startswith(_METRIC):
        metric = await _metric(request, db, repository_id, name)
        return metric_chart(*metric) if metric else None
    definition = charts_of(await get_snapshots(db, repository_id, Hotspots, ModelCard)).get(name)
    return definition if isinstance(definition, Chart) else None


async def _find_sheet(request: web.Request, name: str, repository_id: UUID) -> Sheet | None:
    db = request.app[DATABASE]
    if name == "trends":
        return days_sheet((await _days(db, repository_id))[0])
    if name == "file":
        file = await _file(request, db, repository_id)
        return file_sheet(file) if file else None
    if name.startswith(_METRIC):
        metric = await _metric(request, db, repository_id, name)
        return metric_sheet(*metric) if metric else None
    make = SHEETS.get(name)
    return make(await get_snapshots(db, repository_id, Hotspots, Ownership, Coupling, ModelCard)) if make else None


async def _days(db: Database, repository_id: UUID) -> tuple[dict[date, Day], date]:
    """The days of the last year with an analysis or an insight, and today."""
    today = datetime.now(UTC).date()
    since = today - timedelta(days=_TREND_DAYS - 1)
    return await trends.days(db, repository_id, trends.beginning(since)), today


async def _file(request: web.Request, db: Database, repository_id: UUID) -> FileDetail | None:
    path = read_query(request, FileQuery).path
    stored = await get_snapshot(db, repository_id, FileDetails)
    return stored.content.of(path) if stored else None


async def _metric(
    request: web.Request, db: Database, repository_id: UUID, name: str
) -> tuple[MetricTrend, date] | None:
    """A metric, and the first day of the selected time."""
    years = read_query(request, HistoryQuery).years
    known = content_of(await get_snapshot(db, repository_id, Trends))
    metric = next((one for one in known.metrics if f"{_METRIC}{one.key}" == name), None) if known else None
    return (metric, since_of(known, years)) if known and metric else None
