"""`/repositories/{id}/insights` and `/insights/{id}`."""

from bot.db import stored_insights
from bot.db.stored_insights import InsightFilter
from bot.web.api.calls import RequestContext, call
from bot.web.api.models.insights import Insight, InsightPage, InsightQuery, insight_answer
from bot.web.api.problems import not_found


@call("GET", "/repositories/{id}/insights", problems=(404,), lately=True)
async def list_insights(context: RequestContext, query: InsightQuery) -> InsightPage:
    """What was said of a repository, newest first.

    What a later full analysis replaced is left out, unless one analysis is asked for.
    """
    repository_id = await context.visible(context.id())
    wanted = InsightFilter(
        type=query.type,
        severity=query.severity,
        pull_request=query.pull_request,
        since=query.since,
        analysis_id=query.analysis_id,
    )
    page = await stored_insights.list_insights(
        context.db, repository_id, wanted, limit=query.limit, offset=query.offset
    )
    items = [insight_answer(one) for one in page.items]
    return InsightPage(items=items, total=page.total, limit=query.limit, offset=query.offset)


@call("GET", "/insights/{id}", problems=(404,))
async def read_insight(context: RequestContext) -> Insight:
    """One insight."""
    found = await stored_insights.get_insight(context.db, context.id())
    if found is None:
        raise not_found()
    await context.visible(found.repository_id)
    return insight_answer(found)
