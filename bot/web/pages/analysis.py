"""One analysis: how far it is, and everything that was said, with its evidence."""

from collections import Counter

from aiohttp import web

from bot.db import stored_insights, whole_analyses
from bot.db.stored_insights import InsightFilter
from bot.domain.insights import Standing
from bot.web.health import DATABASE
from bot.web.pages.access import actor, changed_repository, may_change, seen_analysis, seen_repository
from bot.web.pages.frame import action, done, page

_MOST = 500


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/repositories/{id}/analyses/{analysis}", analysis)
    app.router.add_post("/repositories/{id}/analyses/{analysis}/cancel", cancel)


@page("analysis.html", scripts=True)
async def analysis(request: web.Request) -> dict[str, object]:
    """One analysis."""
    view, who = await seen_repository(request)
    row = await seen_analysis(request, view)
    found = await stored_insights.list_insights(
        request.app[DATABASE], view.id, InsightFilter(analysis_id=row.id), limit=_MOST, offset=0
    )
    ranked = sorted(found.items, key=lambda one: (-one.insight.severity.rank, -one.insight.confidence.score))
    return {
        "repository": view,
        "may_change": may_change(who, view),
        "analysis": row,
        "running": not row.status.is_final,
        "total": found.total,
        "groups": {
            name: [one for one in ranked if one.insight.standing is name]
            for name in (Standing.REMARK, Standing.FAILURE, Standing.PRAISE, Standing.NOTE)
        },
        "counts": Counter(one.insight.standing for one in ranked),
    }


@action
async def cancel(request: web.Request) -> web.StreamResponse:
    """End a full analysis."""
    view, who = await changed_repository(request)
    row = await seen_analysis(request, view)
    if not row.kind.is_whole_repository:
        raise web.HTTPConflict(text="The analysis of a change ends with its check run; it is not cancelled.")
    ended = await whole_analyses.cancel(request.app[DATABASE], row.id, actor(request, who))
    raise done(f"/repositories/{view.id}/analyses/{row.id}", "cancelled" if ended else "")
