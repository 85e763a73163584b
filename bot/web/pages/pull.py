"""The page of a pull request: a timeline of its analyses, its prediction, and what became of it."""

from aiohttp import web

from bot.db import insight_lists
from bot.db.engine import Database
from bot.db.insight_lists import InsightFilter
from bot.db.pull_history import PullHistory, pull_history
from bot.db.repository_views import RepositoryView
from bot.db.stored_insights import StoredInsight
from bot.domain.insights import Standing
from bot.web.health import DATABASE
from bot.web.pages.access import may_change, seen_repository
from bot.web.pages.frame import page
from bot.web.pages.pull_words import became, predicted

_MOST_ANALYSES = 50
_MOST_REMARKS = 50
_MOST_NAMED = 5


def setup(app: web.Application) -> None:
    """Add the route."""
    app.router.add_get("/repositories/{id}/pull-requests/{number:[1-9][0-9]{0,15}}", pull)


@page("pull.html")
async def pull(request: web.Request) -> dict[str, object]:
    """One pull request. 404 if it was never analyzed."""
    view, identity = await seen_repository(request)
    db, number = request.app[DATABASE], int(request.match_info["number"])
    found = await pull_history(db, view.id, number, limit=_MOST_ANALYSES)
    if found is None:
        raise web.HTTPNotFound
    return {
        "repository": view,
        "may_change": may_change(identity, view),
        "pull": found,
        "predicted": predicted(found.prediction),
        "became": became(found),
        "remarks": await _remarks(db, view, found),
        "most_named": _MOST_NAMED,
    }


async def _remarks(db: Database, view: RepositoryView, pull: PullHistory) -> list[StoredInsight]:
    """The remarks of the newest completed analysis, the most severe first. Dismissed ones are left out."""
    newest = next((visit for visit in pull.visits if visit.remarks is not None), None)
    if newest is None or not newest.remarks:
        return []
    filters = InsightFilter(analysis_id=newest.analysis.id, standing=Standing.REMARK, dismissed=False)
    listed = await insight_lists.list_insights(db, view.id, filters, limit=_MOST_REMARKS, offset=0)
    return sorted(listed.items, key=lambda one: (-one.insight.severity.rank, -one.insight.confidence.score))
