"""`/repositories/{id}/insights` and `/insights/{id}`."""

from bot.db import queries
from bot.db.queries import InsightFilter
from bot.web.api.calls import RequestContext, call
from bot.web.api.models.insights import Insight, InsightPage, InsightQuery, stored_insight
from bot.web.api.problems import not_found


@call("GET", "/repositories/{id}/insights", problems=(404,), lately=True)
async def list_insights(context: RequestContext, query: InsightQuery) -> InsightPage:
    """What was said of a repository, newest first.

    What a later full analysis replaced is left out, unless one analysis is asked for.
    """
    repository_id = await context.visible(context.id())
    wanted = InsightFilter(
        type=query.type.value if query.type else None,
        severity=query.severity.value if query.severity else None,
        pull_request=query.pull_request,
        since=query.since,
        analysis_id=query.analysis_id,
    )
    page = await queries.list_insights(context.db, repository_id, wanted, limit=query.limit, offset=query.offset)
    items = [stored_insight(row) for row in page.items]
    return InsightPage(items=items, total=page.total, limit=query.limit, offset=query.offset)


@call("GET", "/insights/{id}", problems=(404,))
async def read_insight(context: RequestContext) -> Insight:
    """One insight."""
    row = await queries.get_insight(context.db, context.id())
    if row is None:
        raise not_found()
    await context.visible(row.repository_id)
    return stored_insight(row)
