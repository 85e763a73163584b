"""`/repositories/{id}/insights` and `/insights/{id}`."""

from bot.db import stored_insights
from bot.db.stored_insights import InsightFilter
from bot.db.stored_items import titles_of
from bot.web.api.calls import RequestContext, call
from bot.web.api.models.insights import Insight, InsightPage, InsightQuery, insight_answer
from bot.web.api.problems import not_found


@call("GET", "/repositories/{id}/insights", problems=(404,), cached=True)
async def list_insights(context: RequestContext, query: InsightQuery) -> InsightPage:
    """List the insights of a repository, newest first.

    Insights that a later whole-repository analysis replaced are left out, except when `analysis_id` is given.
    """
    repository_id = await context.visible(context.id())
    filters = InsightFilter(
        type=query.type,
        severity=query.severity,
        pull_request=query.pull_request,
        since=query.since,
        analysis_id=query.analysis_id,
    )
    page = await stored_insights.list_insights(
        context.db, repository_id, filters, limit=query.limit, offset=query.offset
    )
    titles = await titles_of(context.db, repository_id, [stored.pull_request for stored in page.items])
    items = [insight_answer(stored, titles) for stored in page.items]
    return InsightPage(items=items, total=page.total, limit=query.limit, offset=query.offset)


@call("GET", "/insights/{id}", problems=(404,))
async def read_insight(context: RequestContext) -> Insight:
    """Read one insight."""
    stored = await stored_insights.get_insight(context.db, context.id())
    if stored is None:
        raise not_found()
    await context.visible(stored.repository_id)
    return insight_answer(stored, await titles_of(context.db, stored.repository_id, [stored.pull_request]))
