"""`/ai`: code on demand, and what is stored, summed up. Nothing leaves the operator's machines."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from aiohttp import web
from redis.exceptions import RedisError

from bot.db.snapshots import content_of, get_snapshots
from bot.domain.insights import Insight
from bot.domain.snapshots import Coupling, Hotspots, Ownership
from bot.insights.history import coupling_insights, hotspot_insights, ownership_insights, trend_insights
from bot.insights.recommendations import recommendations
from bot.queue import replies
from bot.queue.enqueue import enqueue_analyze_code
from bot.web.api.calls import RequestContext, call
from bot.web.api.models.ai import AnalyzeCode, CodeResults, GeneratedInsights, GenerateInsights
from bot.web.api.models.insights import computed_insight
from bot.web.api.problems import problem
from bot.web.enqueueing import enqueued
from bot.web.health import REDIS

WAIT_SECONDS = 60.0
PATIENCE = web.AppKey("patience", float)
AT_ONCE = 8
_STATUS = {"not-analyzed-yet": 409, "too-large": 413, "not-found": 404, "failed": 500}
WAITING = web.AppKey("waiting_for_code", asyncio.Semaphore)


@call("POST", "/ai/analyze-code", problems=(404, 409, 503))
async def analyze_code(context: RequestContext, body: AnalyzeCode) -> CodeResults:
    """Measure files of the default branch, as the newest analysis fetched it, while you wait (a minute at most).

    At most 200 files and 16 MB. 409 before the first analysis; 503 when no worker is free in time.
    """
    view = await context.repository(identifier=body.repository_id)
    waiting = context.request.app[WAITING]
    if waiting.locked():
        raise _busy("Too many of these questions are asked at once.")
    async with waiting:
        answer = await _answer(context, view.id, body)
    if "error" in answer:
        raise problem(_STATUS.get(answer["error"], 500), answer["error"], answer["detail"])
    return CodeResults.model_validate({"repository_id": view.id, **answer})


async def _answer(context: RequestContext, repository_id: UUID, body: AnalyzeCode) -> dict[str, Any]:
    patience = context.request.app[PATIENCE]
    question, until = uuid4(), time.time() + patience
    paths, wanted = list(body.file_paths), list(dict.fromkeys(body.analysis_types))
    if not await enqueued(context.request, enqueue_analyze_code, question, repository_id, paths, wanted, until):
        raise _busy("The queue does not answer.")
    try:
        content = await replies.wait_for_reply(context.request.app[REDIS], question, patience)
    except (RedisError, OSError):
        raise _busy("The queue does not answer.") from None
    if content is None:
        raise _busy(f"No worker answered within {patience:g} s.")
    answer: dict[str, Any] = orjson.loads(content)
    return answer


def _busy(sentence: str) -> web.HTTPException:
    return problem(503, "busy", sentence, headers={"Retry-After": "30"})


@call("POST", "/ai/generate-insights", problems=(404, 409))
async def generate_insights(context: RequestContext, body: GenerateInsights) -> GeneratedInsights:
    """Trends, patterns and recommendations from what is stored of the repository's commits.

    409 names what is not stored: issues and pull requests are not kept yet, commits before the first analysis.
    """
    view = await context.repository(identifier=body.repository_id)
    missing = sorted({source for source in body.data_sources if source != "commits"})
    if missing:
        raise problem(409, "not-stored", f"Not stored yet: {', '.join(missing)}.", "data_sources", missing=missing)
    found = await get_snapshots(context.db, view.id, Hotspots, Ownership, Coupling)
    if found.hotspots is None:
        sentence = "The commits of this repository are not indexed yet: its next analysis does that."
        raise problem(409, "not-stored", sentence, "data_sources", missing=["commits"])
    moment = datetime.now(UTC)
    computed = _computed(body, found.hotspots.content, content_of(found.ownership), content_of(found.coupling))
    insights = [computed_insight(one, view.id, moment) for one in computed]
    return GeneratedInsights(
        repository_id=view.id, generated_at=moment, as_of=found.hotspots.head_sha, insights=insights
    )


def _computed(
    body: GenerateInsights, hotspots: Hotspots, ownership: Ownership | None, coupling: Coupling | None
) -> Iterator[Insight]:
    if "trends" in body.insight_types:
        yield from trend_insights(hotspots)
    if "patterns" in body.insight_types:
        yield from hotspot_insights(hotspots)
        yield from ownership_insights(ownership) if ownership else ()
        yield from coupling_insights(coupling) if coupling else ()
    if "recommendations" in body.insight_types:
        yield from recommendations(hotspots, ownership, coupling)
