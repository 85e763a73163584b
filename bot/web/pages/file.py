"""The page of a file: how often it changes, who wrote it, what changes along, its functions, its fixes, its remarks.

The path is a stranger's text. Only files of which something is stored have a page.
"""

from collections.abc import Sequence
from uuid import UUID

from aiohttp import web

from bot.db import insight_lists
from bot.db.engine import Database
from bot.db.insight_lists import InsightFilter
from bot.db.snapshots import Snapshots, get_snapshots
from bot.db.stored_insights import StoredInsight
from bot.db.stored_items import titles_of
from bot.domain.file_details import FileDetails
from bot.domain.insights import Standing
from bot.domain.snapshots import HotspotFile, Hotspots, OwnedFile, Ownership
from bot.domain.trends import FileTrend, Trends
from bot.web.health import DATABASE
from bot.web.pages.access import may_change, seen_repository
from bot.web.pages.file_chart import file_chart
from bot.web.pages.frame import page
from bot.web.pages.inputs import FileQuery, read_query
from bot.web.pages.svg import drawings

_MOST_INSIGHTS = 200
_MOST_REMARKS = 20
_FUNCTION = "repository/function"


def setup(app: web.Application) -> None:
    """Add the route."""
    app.router.add_get("/repositories/{id}/files", file)


@page("file.html", scripts=True)
async def file(request: web.Request) -> dict[str, object]:
    """One file. 404 if nothing is stored of it."""
    view, identity = await seen_repository(request)
    db, path = request.app[DATABASE], read_query(request, FileQuery).path
    snapshots = await get_snapshots(db, view.id, Hotspots, Ownership, Trends, FileDetails)
    insights = await _insights(db, view.id, path)
    detail = snapshots.files.content.of(path) if snapshots.files else None
    hot = _hotspot(snapshots, path)
    owned = _owned(snapshots, path)
    if not (detail or hot or owned or insights):
        raise web.HTTPNotFound
    shown = [one for one in insights if one.dismissal is None]
    chart = file_chart(detail) if detail else None
    return {
        "repository": view,
        "may_change": may_change(identity, view),
        "path": path,
        "snapshot": snapshots.hotspots,
        "detail": detail,
        "known": known_paths(snapshots),
        "hot": hot,
        "owned": owned,
        "trend": _trend(snapshots, path),
        "inactive_after_days": snapshots.files.content.inactive_after_days if snapshots.files else 0,
        "chart": drawings(chart) if chart else None,
        "functions": functions_of(shown),
        "remarks": remarks_of(shown)[:_MOST_REMARKS],
        "titles": await titles_of(db, view.id, [one.pull_request for one in insights]),
    }


def known_paths(snapshots: Snapshots) -> frozenset[str]:
    """The paths of the files that have a page whatever the insights are."""
    found: set[str] = set()
    if snapshots.hotspots:
        found |= {one.path for one in snapshots.hotspots.content.files}
    if snapshots.ownership:
        found |= {one.path for one in snapshots.ownership.content.files}
    return frozenset(found)


def functions_of(insights: Sequence[StoredInsight]) -> list[StoredInsight]:
    """The insights on functions of the newest full analysis, the hardest first."""
    found = [one for one in insights if one.insight.rule == _FUNCTION]
    return sorted(found, key=lambda one: (-_number(one, "cognitive"), -_number(one, "ccn"), one.insight.title))


def remarks_of(insights: Sequence[StoredInsight]) -> list[StoredInsight]:
    """The remarks, the most severe first."""
    found = [one for one in insights if one.insight.standing is Standing.REMARK]
    return sorted(found, key=lambda one: -one.insight.severity.rank)


def _number(stored: StoredInsight, name: str) -> float:
    value = stored.insight.evidence.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


async def _insights(db: Database, repository_id: UUID, path: str) -> list[StoredInsight]:
    filters = InsightFilter(path=path)
    listed = await insight_lists.list_insights(db, repository_id, filters, limit=_MOST_INSIGHTS, offset=0)
    return listed.items


def _hotspot(snapshots: Snapshots, path: str) -> HotspotFile | None:
    files = snapshots.hotspots.content.files if snapshots.hotspots else ()
    return next((one for one in files if one.path == path), None)


def _owned(snapshots: Snapshots, path: str) -> OwnedFile | None:
    files = snapshots.ownership.content.files if snapshots.ownership else ()
    return next((one for one in files if one.path == path), None)


def _trend(snapshots: Snapshots, path: str) -> FileTrend | None:
    files = snapshots.trends.content.files if snapshots.trends else ()
    return next((one for one in files if one.path == path), None)
