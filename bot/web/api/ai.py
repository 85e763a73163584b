"""`/ai`: measure files on request, and summarize stored history. Nothing is sent to other machines."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from aiohttp import web
from redis.exceptions import RedisError

from bot.db.dismissals import find_dismissals
from bot.db.snapshots import content_of, get_snapshots
from bot.domain.dismissals import is_dismissed
from bot.domain.insights import Insight
from bot.domain.snapshots import Coupling, Hotspots, Ownership
from bot.domain.trends import Trends
from bot.insights.history import coupling_insights, hotspot_insights, ownership_insights
from bot.insights.recommendations import recommendations
from bot.insights.trends import trend_insights
from bot.queue import replies
from bot.queue.enqueue import enqueue_analyze_code
from bot.web.api.calls import RequestContext, call
from bot.web.api.models.ai import AnalyzeCode, CodeResults, GeneratedInsights, GenerateInsights
from bot.web.api.models.insights import computed_insight
from bot.web.api.problems import problem
from bot.web.enqueueing import enqueued
from bot.web.health import REDIS

WAIT_SECONDS = 60.0
REPLY_TIMEOUT = web.AppKey("reply_timeout", float)
MAX_WAITING = 8
_STATUS = {"not-analyzed-yet": 409, "not-found": 404, "failed": 500}
WAITING = web.AppKey("waiting_requests", asyncio.Semaphore)


@call("POST", "/ai/analyze-code", problems=(404, 409, 503))
async def analyze_code(context: RequestContext, body: AnalyzeCode) -> CodeResults:
    """Measure files of the default branch and wait for the result, for a minute at most.

    The files are those of the mirror, which the newest analysis fetched. At most 200 files and 16 MB are measured. A
    file that does not exist or cannot be measured has an `error`; the others are measured.
    409: the repository has not been analyzed yet. 503: no worker answered in time.
    """
    view = await context.repository(identifier=body.repository_id)
    waiting = context.request.app[WAITING]
    if waiting.locked():
        raise _busy("Too many requests of this kind are waiting.")
    async with waiting:
        reply = await _reply(context, view.id, body)
    if "error" in reply:
        raise problem(_STATUS.get(reply["error"], 500), reply["error"], reply["detail"])
    return CodeResults.model_validate({"repository_id": view.id, **reply})


async def _reply(context: RequestContext, repository_id: UUID, body: AnalyzeCode) -> dict[str, Any]:
    timeout = context.request.app[REPLY_TIMEOUT]
    question, until = uuid4(), time.time() + timeout
    paths, kinds = list(body.file_paths), list(dict.fromkeys(body.analysis_types))
    if not await enqueued(context.request, enqueue_analyze_code, question, repository_id, paths, kinds, until):
        raise _busy("The queue does not answer.")
    try:
        content = await replies.wait_for_reply(context.request.app[REDIS], question, timeout)
    except (RedisError, OSError):
        raise _busy("The queue does not answer.") from None
    if content is None:
        raise _busy(f"No worker answered within {timeout:g} s.")
    reply: dict[str, Any] = orjson.loads(content)
    return reply


def _busy(sentence: str) -> web.HTTPException:
    return problem(503, "busy", sentence, headers={"Retry-After": "30"})


@call("POST", "/ai/generate-insights", problems=(404, 409))
async def generate_insights(context: RequestContext, body: GenerateInsights) -> GeneratedInsights:
    """Compute trends, patterns and recommendations from the stored history of a repository.

    Dismissed insights are left out.

    409: a data source is not stored; `missing` names it. Issues and pull requests are not stored yet. Commits are
    stored after the first analysis.
    """
    view = await context.repository(identifier=body.repository_id)
    missing = sorted({source for source in body.data_sources if source != "commits"})
    if missing:
        raise problem(409, "not-stored", f"Not stored yet: {', '.join(missing)}.", "data_sources", missing=missing)
    snapshots = await get_snapshots(context.db, view.id, Hotspots, Ownership, Coupling, Trends)
    if snapshots.hotspots is None:
        sentence = "The commits of this repository are not indexed yet. The next analysis indexes them."
        raise problem(409, "not-stored", sentence, "data_sources", missing=["commits"])
    moment = datetime.now(UTC)
    hotspots, ownership, coupling = snapshots.hotspots, content_of(snapshots.ownership), content_of(snapshots.coupling)
    computed = _compute(body, hotspots.content, ownership, coupling, content_of(snapshots.trends))
    dismissals = await find_dismissals(context.db, view.id)
    kept = [insight for insight in computed if not is_dismissed(dismissals, insight)]
    insights = [computed_insight(insight, view.id, moment) for insight in kept]
    return GeneratedInsights(repository_id=view.id, generated_at=moment, as_of=hotspots.head_sha, insights=insights)


def _compute(
    body: GenerateInsights,
    hotspots: Hotspots,
    ownership: Ownership | None,
    coupling: Coupling | None,
    trends: Trends | None,
) -> Iterator[Insight]:
    if "trends" in body.insight_types:
        yield from trend_insights(trends) if trends else ()
    if "patterns" in body.insight_types:
        yield from hotspot_insights(hotspots)
        yield from ownership_insights(ownership) if ownership else ()
        yield from coupling_insights(coupling) if coupling else ()
    if "recommendations" in body.insight_types:
        yield from recommendations(hotspots, ownership, coupling)
