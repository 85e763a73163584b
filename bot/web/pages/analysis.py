"""The page of an analysis: its progress, and its insights with their evidence."""

from collections import Counter

from aiohttp import web

from bot.db import insight_lists, whole_analyses
from bot.db.insight_lists import InsightFilter
from bot.db.stored_items import titles_of
from bot.domain.insights import Standing
from bot.web.health import DATABASE
from bot.web.pages.access import actor, changed_repository, may_change, seen_analysis, seen_repository
from bot.web.pages.frame import action, page, redirect

_MAX_INSIGHTS = 500


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/repositories/{id}/analyses/{analysis}", analysis)
    app.router.add_post("/repositories/{id}/analyses/{analysis}/cancel", cancel)


@page("analysis.html", scripts=True)
async def analysis(request: web.Request) -> dict[str, object]:
    """One analysis."""
    view, identity = await seen_repository(request)
    row = await seen_analysis(request, view)
    listed = await insight_lists.list_insights(
        request.app[DATABASE], view.id, InsightFilter(analysis_id=row.id), limit=_MAX_INSIGHTS, offset=0
    )
    ranked = sorted(listed.items, key=lambda stored: (-stored.insight.severity.rank, -stored.insight.confidence.score))
    shown = [stored for stored in ranked if stored.dismissal is None]
    titles = await titles_of(request.app[DATABASE], view.id, [row.pull_number])
    return {
        "repository": view,
        "may_change": may_change(identity, view),
        "analysis": row,
        "item": titles.get(row.pull_number or 0),
        "running": not row.status.is_final,
        "total": listed.total,
        "groups": {
            name: [stored for stored in shown if stored.insight.standing is name]
            for name in (Standing.REMARK, Standing.FAILURE, Standing.PRAISE, Standing.NOTE)
        },
        "counts": Counter(stored.insight.standing for stored in shown),
        "dismissed": [stored for stored in ranked if stored.dismissal is not None],
    }


@action
async def cancel(request: web.Request) -> web.StreamResponse:
    """Cancel a whole-repository analysis."""
    view, identity = await changed_repository(request)
    row = await seen_analysis(request, view)
    if not row.kind.is_whole_repository:
        raise web.HTTPConflict(text="The analysis of a change cannot be cancelled: its check run must conclude.")
    ended = await whole_analyses.cancel(request.app[DATABASE], row.id, actor(request, identity))
    raise redirect(f"/repositories/{view.id}/analyses/{row.id}", "cancelled" if ended else "")
