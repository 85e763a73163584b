"""Analyses: start, watch and cancel them; read the results of a pull request."""

from bot.db import insight_lists, predictions, stored_analyses, whole_analyses
from bot.db.insight_lists import InsightFilter
from bot.db.stored_analyses import StoredAnalysis
from bot.db.stored_insights import StoredInsight
from bot.db.stored_items import titles_of
from bot.domain.analyses import AnalysisStatus, Scope
from bot.domain.steps import step_name
from bot.queue.enqueue import enqueue_repository_analyses
from bot.web.api.calls import RequestContext, call
from bot.web.api.models.analyses import (
    AnalysisPage,
    Job,
    JobState,
    PullRequestView,
    Risk,
    StartAnalysis,
    analysis_answer,
)
from bot.web.api.models.base import PageQuery
from bot.web.api.models.insights import insight_answer
from bot.web.api.problems import not_found, problem
from bot.web.enqueueing import enqueued

_NEWEST = 20
_INSIGHTS = 100


@call("POST", "/repositories/{id}/analyze", status=202, problems=(403, 404))
async def start_analysis(context: RequestContext, body: StartAnalysis | None) -> Job:
    """Start an analysis of the whole repository at its default branch. Without a body it covers everything.

    `GET /analysis/{job_id}/status` answers its progress.
    """
    body = body or StartAnalysis()
    view = await context.repository(change=True)
    options = body.options
    scope = Scope(
        kind=body.analysis_type,
        code_quality=options.include_code_quality,
        security=options.include_security_scan,
        dependencies=options.include_dependency_analysis,
        history=options.ai_insights,
    )
    duration = await whole_analyses.estimate(context.db, view.id, scope.kind)
    row = await whole_analyses.start(context.db, view.id, scope, context.actor)
    if row is None:
        raise not_found()
    await enqueued(context.request, enqueue_repository_analyses, [row.id])
    return Job(job_id=row.id, status=row.status, estimated_duration=duration, created_at=row.created_at)


@call("GET", "/analysis/{job_id}/status", problems=(404,))
async def read_status(context: RequestContext) -> JobState:
    """Read the status and the progress of an analysis."""
    row = await _analysis(context)
    return JobState(
        job_id=row.id,
        status=row.status,
        step=row.step,
        step_name=step_name(row.step),
        progress=row.progress,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        error=row.error,
        insights_count=await whole_analyses.insights_count(context.db, row.id),
    )


@call("DELETE", "/analysis/{job_id}", problems=(403, 404, 409))
async def cancel_analysis(context: RequestContext) -> None:
    """Cancel a whole-repository analysis. Its status becomes `failed`; its error names the user who cancelled it.

    409: the analysis has ended, or it is the analysis of a change, whose check run must get a conclusion.
    """
    row = await _analysis(context, change=True)
    if not row.kind.is_whole_repository:
        raise problem(
            409, "not-cancellable", "The analysis of a change cannot be cancelled: its check run must conclude."
        )
    if not await whole_analyses.cancel(context.db, row.id, context.actor):
        raise problem(409, "finished", "The analysis has already ended.")


async def _analysis(context: RequestContext, *, change: bool = False) -> StoredAnalysis:
    row = await stored_analyses.get_analysis(context.db, context.id("job_id"))
    if row is None:
        raise not_found()
    await context.repository(identifier=row.repository_id, change=change)
    return row


@call("GET", "/repositories/{id}/analyses", problems=(404,), cached=True)
async def list_analyses(context: RequestContext, query: PageQuery) -> AnalysisPage:
    """List the analyses of a repository, newest first."""
    repository_id = await context.visible(context.id())
    page = await stored_analyses.list_analyses(context.db, repository_id, limit=query.limit, offset=query.offset)
    titles = await titles_of(context.db, repository_id, [row.pull_number for row in page.items])
    items = [analysis_answer(row, titles) for row in page.items]
    return AnalysisPage(items=items, total=page.total, limit=query.limit, offset=query.offset)


@call("GET", "/repositories/{id}/pull-requests/{number}", problems=(404,), cached=True)
async def read_pull_request(context: RequestContext) -> PullRequestView:
    """Read a pull request: its newest analyses, the insights and the risk of the newest completed one."""
    repository_id, number = await context.visible(context.id()), context.number()
    rows = await stored_analyses.analyses_of_pull(context.db, repository_id, number, limit=_NEWEST)
    if not rows:
        raise not_found()
    completed = next((row for row in rows if row.status is AnalysisStatus.COMPLETED), None)
    insights: list[StoredInsight] = []
    risk = None
    if completed is not None:
        filters = InsightFilter(analysis_id=completed.id, dismissed=False)
        insights = (
            await insight_lists.list_insights(context.db, repository_id, filters, limit=_INSIGHTS, offset=0)
        ).items
        risk = await predictions.get_prediction(context.db, completed.id)
    titles = await titles_of(context.db, repository_id, [number])
    return PullRequestView(
        repository_id=repository_id,
        number=number,
        title=titles[number].title if number in titles else None,
        author=titles[number].author if number in titles else None,
        head_sha=rows[0].head_sha,
        analyses=[analysis_answer(row, titles) for row in rows],
        insights=[insight_answer(stored, titles) for stored in insights],
        risk=Risk.model_validate(risk) if risk else None,
    )
