"""The history page of a repository, with charts."""

from urllib.parse import quote
from uuid import UUID

from aiohttp import web
from markupsafe import Markup

from bot.db.snapshots import Snapshots, get_snapshots
from bot.domain.back_test import BackTest
from bot.domain.model_card import ModelCard
from bot.domain.patterns import Patterns
from bot.domain.snapshots import Coupling, Hotspots, IndexingProgress, Ownership
from bot.domain.trends import Trends
from bot.web.health import DATABASE
from bot.web.pages.access import may_change, seen_repository
from bot.web.pages.charts import charts_of
from bot.web.pages.file import known_paths
from bot.web.pages.frame import page
from bot.web.pages.hotspot_map import hotspot_map
from bot.web.pages.inputs import HistoryQuery, read_query
from bot.web.pages.patterns import patterns_part
from bot.web.pages.svg import drawings
from bot.web.pages.trends_part import YEARS, trends_part

_SHOWN = (Hotspots, Ownership, Coupling, ModelCard, BackTest, IndexingProgress, Trends, Patterns)


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/repositories/{id}/history", repository_history)


@page("history.html", scripts=True)
async def repository_history(request: web.Request) -> dict[str, object]:
    """The history of one repository, with charts."""
    view, identity = await seen_repository(request)
    snapshots = await get_snapshots(request.app[DATABASE], view.id, *_SHOWN)
    years = read_query(request, HistoryQuery).years
    return {
        "repository": view,
        "may_change": may_change(identity, view),
        "snapshots": snapshots,
        "known": known_paths(snapshots),
        "trends": trends_part(snapshots.trends, years),
        "years": YEARS,
        "part": await patterns_part(request.app[DATABASE], view.id, snapshots),
        "map": _map(snapshots, view.id),
        "charts": {name: drawings(drawn) for name, drawn in charts_of(snapshots).items() if drawn},
    }


def _map(snapshots: Snapshots, repository_id: UUID) -> Markup | None:
    def address(path: str) -> str:
        return f"/repositories/{repository_id}/files?path={quote(path, safe='/', errors='replace')}"

    return hotspot_map(snapshots.hotspots.content, address) if snapshots.hotspots else None
