"""What a repository's history tells, as pictures; and the numbers of the pictures, for whoever explores them."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from aiohttp import web

from bot.db import trends
from bot.db.snapshots import get_snapshots
from bot.web.health import DATABASE
from bot.web.pages import plotly
from bot.web.pages.access import may_change, seen_repository
from bot.web.pages.frame import page
from bot.web.pages.history_charts import KINDS, charts
from bot.web.pages.pictures import SNAPSHOT_OF, Picture, of_history, of_trends

_TREND_DAYS = 366


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/repositories/{id}/history", repository_history)
    app.router.add_get("/repositories/{id}/charts/{name}", picture)


@page("history.html", scripts=True)
async def repository_history(request: web.Request) -> dict[str, object]:
    """One repository: what its history tells, with pictures."""
    view, who = await seen_repository(request)
    found = await get_snapshots(request.app[DATABASE], view.id, KINDS)
    return {
        "repository": view,
        "may_change": may_change(who, view),
        "snapshots": found,
        "charts": charts(found),
    }


async def picture(request: web.Request) -> web.Response:
    """A chart's numbers, and where the script is that draws them."""
    view, _ = await seen_repository(request)
    found = await _picture(request, request.match_info["name"], view.id)
    if found is None:
        raise web.HTTPNotFound
    body = orjson.dumps({"script": plotly.ADDRESS, "picture": asdict(found)})
    return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "private, no-cache"})


async def _picture(request: web.Request, name: str, repository_id: UUID) -> Picture | None:
    db = request.app[DATABASE]
    if name == "trends":
        today = datetime.now(UTC).date()
        since = today - timedelta(days=_TREND_DAYS - 1)
        return of_trends(await trends.days(db, repository_id, trends.beginning(since)), today)
    if name not in SNAPSHOT_OF:
        return None
    return of_history(name, await get_snapshots(db, repository_id, [SNAPSHOT_OF[name]]))
