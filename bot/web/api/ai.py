"""`/ai`: measure files on request, and summarize stored history. Nothing is sent to other machines."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from aiohttp import web
from redis.exceptions import RedisError

from bot.db.dismissals import find_dismissals
from bot.db.snapshots import Snapshots, get_snapshots, past_of
from bot.db.stored_insights import quality_insights, stored_counterparts
from bot.db.sync_states import get_states, why_off
from bot.domain.dismissals import is_dismissed
from bot.domain.insights import Insight
from bot.domain.items import ItemKind
from bot.domain.patterns import Patterns
from bot.domain.snapshots import Coupling, Hotspots, Ownership
from bot.domain.sync import missing_sources
from bot.domain.trends import Trends
from bot.insights.requested import requested, sources_of
from bot.insights.whole import whole_insights
from bot.queue import replies
from bot.queue.enqueue import enqueue_analyze_code
from bot.web.api.calls import RequestContext, call
from bot.web.api.models.ai import (
    AnalyzeCode,
    CodeResults,
    GeneratedInsights,
    GenerateInsights,
    MissingData,
    Source,
)
from bot.web.api.models.insights import computed_insight
from bot.web.api.problems import problem
from bot.web.enqueueing import enqueued
from bot.web.github_app import HAS_APP
from bot.web.health import REDIS

WAIT_SECONDS = 60.0
REPLY_TIMEOUT = web.AppKey("reply_timeout", float)
MAX_WAITING = 8
_STATUS = {"not-analyzed-yet": 409, "not-found": 404, "failed": 500}
_NO_COMMITS = "The commits of this repository are not indexed yet. The next analysis indexes them."
_NOT_LEARNED: Mapping[Source, str] = {
    "issues": "The issues are synced, but not evaluated yet. The next update of the history does that.",
    "pull_requests": "The pull requests are synced, but not evaluated yet. The next update of the history does that.",
}
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
    """Compute trends, patterns and recommendations from what is stored of a repository.

    A data source that is not stored completely is named in `missing`, with the reason; the insights are those of the
    others. Dismissed insights are left out, and no recommendation rests on them.

    An insight that the newest analysis of the whole repository stored has the id and the times of the stored one, which
    `/insights/{id}` reads and `/insights/{id}/dismiss` dismisses. Any other (no analysis has found it yet, or its
    evidence has changed since) has a computed id, always the same, for which both calls answer 404.

    409: nothing of the requested sources is stored yet.
    """
    view = await context.repository(identifier=body.repository_id)
    snapshots = await get_snapshots(context.db, view.id, Hotspots, Ownership, Coupling, Patterns, Trends)
    missing = await _missing(context, view.id, body.data_sources, snapshots)
    sources = set(body.data_sources) - {one.source for one in missing}
    if not sources:
        named = [one.source for one in missing]
        raise problem(409, "not-stored", " ".join(one.reason for one in missing), "data_sources", missing=named)
    quality = await quality_insights(context.db, view.id)
    dismissals = await find_dismissals(context.db, view.id)

    def is_left_out(insight: Insight) -> bool:
        return is_dismissed(dismissals, insight) or not sources_of(insight) <= sources

    computed = whole_insights(past_of(snapshots), quality, is_left_out)
    shown = [insight for insight in requested(computed, body.insight_types) if not is_left_out(insight)]
    stored = await stored_counterparts(context.db, view.id, shown)
    moment, newest = datetime.now(UTC), snapshots.hotspots or snapshots.patterns
    return GeneratedInsights(
        repository_id=view.id,
        generated_at=moment,
        as_of=newest.head_sha if newest else None,
        insights=[computed_insight(insight, view.id, moment, stored.get(insight.fingerprint)) for insight in shown],
        missing=missing,
    )


async def _missing(
    context: RequestContext, repository_id: UUID, sources: list[Source], snapshots: Snapshots
) -> list[MissingData]:
    """The requested sources that are not stored, in the order of the model."""
    missing = [MissingData(source="commits", reason=_NO_COMMITS, until=None)] if snapshots.hotspots is None else []
    states = await get_states(context.db, repository_id)
    off = await why_off(context.db, repository_id)
    for one in missing_sources(states, has_app=context.request.app[HAS_APP], off=off):
        source: Source = "issues" if one.kind is ItemKind.ISSUE else "pull_requests"
        missing.append(MissingData(source=source, reason=one.reason, until=one.until))
    learned = snapshots.patterns.content if snapshots.patterns else None
    known: dict[Source, bool] = {
        "issues": learned is not None and learned.issues is not None,
        "pull_requests": learned is not None and learned.pulls is not None,
    }
    named = {one.source for one in missing}
    missing += [
        MissingData(source=source, reason=_NOT_LEARNED[source], until=None)
        for source, is_learned in known.items()
        if not is_learned and source not in named
    ]
    return [one for one in missing if one.source in sources]
