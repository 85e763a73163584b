"""`/repositories/{id}/insights` and `/insights/{id}`."""

from bot.db import dismissals, insight_lists, stored_analyses, stored_insights
from bot.db.insight_lists import InsightFilter
from bot.db.stored_insights import StoredInsight
from bot.db.stored_items import titles_of
from bot.domain.analyses import AnalysisStatus
from bot.domain.insights import InsightType, Standing
from bot.web.api.calls import RequestContext, call
from bot.web.api.models.insight_detail import InsightDetail, insight_detail
from bot.web.api.models.insights import (
    DismissalView,
    DismissInsight,
    InsightPage,
    InsightQuery,
    SimilarQuery,
    dismissal_answer,
    insight_answer,
    next_cursor,
)
from bot.web.api.problems import not_found, problem

_MOST_RELATED = 20


@call("GET", "/repositories/{id}/insights", problems=(404,), cached=True)
async def list_insights(context: RequestContext, query: InsightQuery) -> InsightPage:
    """List the insights of a repository, newest first.

    Insights that a later whole-repository analysis replaced are left out, except when `analysis_id` is given. Dismissed
    insights are left out, except when `dismissed` says otherwise.
    """
    repository_id = await context.visible(context.id())
    filters = InsightFilter(
        type=query.type,
        severity=query.severity,
        pull_request=query.pull_request,
        since=query.since,
        analysis_id=query.analysis_id,
        dismissed=query.wants_dismissed,
    )
    offset, after = query.place or (query.offset, None)
    page = await insight_lists.list_insights(
        context.db, repository_id, filters, limit=query.limit, offset=offset, after=after
    )
    items = [insight_answer(stored, page.titles) for stored in page.items]
    following = next_cursor(page.items, offset, page.total)
    return InsightPage(items=items, total=page.total, limit=query.limit, offset=offset, next=following)


@call("GET", "/repositories/{id}/similar", problems=(404,))
async def list_similar(context: RequestContext, query: SimilarQuery) -> InsightPage:
    """List what is like a pull request, most alike first: past changes with what became of them.

    They are the insights of the type `similarity` of its newest completed analysis; none without one.
    """
    repository_id = await context.visible(context.id())
    rows = await stored_analyses.analyses_of_pull(context.db, repository_id, query.pull_request, limit=_MOST_RELATED)
    completed = next((row for row in rows if row.status is AnalysisStatus.COMPLETED), None)
    if completed is None:
        return InsightPage(items=[], total=0, limit=_MOST_RELATED, offset=0)
    filters = InsightFilter(type=InsightType.SIMILARITY, analysis_id=completed.id, dismissed=False)
    page = await insight_lists.list_insights(context.db, repository_id, filters, limit=_MOST_RELATED, offset=0)
    titles = await titles_of(context.db, repository_id, [query.pull_request])
    found = sorted(page.items, key=lambda stored: -stored.insight.confidence.score)
    items = [insight_answer(stored, titles) for stored in found]
    return InsightPage(items=items, total=page.total, limit=_MOST_RELATED, offset=0)


@call("GET", "/insights/{id}", problems=(404,))
async def read_insight(context: RequestContext) -> InsightDetail:
    """Read one insight with its history and its dismissal.

    The history has the insights of the repository with the same fingerprint, each with its analysis.
    """
    stored = await _stored(context)
    history = await stored_insights.insight_history(context.db, stored, limit=_MOST_RELATED)
    shown = [stored, *(one for one, _ in (*history.earlier, *history.later))]
    titles = await titles_of(context.db, stored.repository_id, [one.pull_request for one in shown])
    return insight_detail(stored, history, titles)


@call("POST", "/insights/{id}/dismiss", problems=(403, 404, 409))
async def dismiss_insight(context: RequestContext, body: DismissInsight) -> DismissalView:
    """Dismiss an insight: it stays away until its evidence has changed.

    The dismissal holds for all insights of the repository with the same fingerprint: lists leave them out, later
    reports do not show them, and the gate does not count them. Evidence has changed if a number differs by more than a
    quarter, or if other files, commits or findings are named. With the reason `later`, the insight stays away for 30
    days at most. The same dismissal again changes nothing; another reason or note replaces the earlier one.
    409: the insight says that an analyzer failed, which cannot be dismissed.
    """
    stored = await _stored(context, change=True)
    if stored.insight.standing is Standing.FAILURE:
        raise problem(409, "not-dismissable", "An analyzer that failed cannot be dismissed.")
    made = await dismissals.save_dismissal(context.db, stored.id, body.reason, body.note.strip(), context.actor)
    if made is None:
        raise not_found()
    return dismissal_answer(made)


@call("DELETE", "/insights/{id}/dismiss", problems=(403, 404))
async def restore_insight(context: RequestContext) -> None:
    """Undo the dismissal of an insight. Without a dismissal, nothing changes."""
    stored = await _stored(context, change=True)
    await dismissals.delete_dismissal(context.db, stored.id, context.actor)


async def _stored(context: RequestContext, *, change: bool = False) -> StoredInsight:
    """The insight of the path. Raises 404 and, if it is to be changed, 403."""
    stored = await stored_insights.get_insight(context.db, context.id())
    if stored is None:
        raise not_found()
    await context.repository(identifier=stored.repository_id, change=change)
    return stored
