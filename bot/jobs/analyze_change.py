"""The job that analyzes one pull request or push. Its result is a check run and, if there are remarks, a comment.

`_analyze` contains the whole pipeline. Its steps read → scan → analyze are in `pipeline/make_report.py`.
"""

import asyncio
import contextlib
import logging
from pathlib import Path
from uuid import UUID

import aiohttp

from bot.db import analyses
from bot.db.analyses import Claimed
from bot.db.dismissals import find_dismissals
from bot.db.engine import Database
from bot.db.reports import save_report
from bot.db.snapshots import content_of, get_snapshot
from bot.db.wanted import newest_waiting
from bot.domain.analyses import AnalysisStatus
from bot.domain.back_test import BackTest
from bot.domain.published import Conclusion
from bot.domain.snapshots import Hotspots
from bot.domain.steps import Step
from bot.errors import RetryLater
from bot.git.mirror import maintain
from bot.git.read_file import resolve
from bot.github.client import open_session
from bot.history.build import Progress
from bot.history.schema import index_path
from bot.learning.similar_items import items_path
from bot.logs import about
from bot.pipeline.attempt import run_attempt
from bot.pipeline.context import Context
from bot.pipeline.fetch import fetch_change
from bot.pipeline.history import indexed_head, update_index
from bot.pipeline.labels import known_faults
from bot.pipeline.lease import LeaseLost
from bot.pipeline.make_report import ReportRequest, make_report, read_config
from bot.pipeline.open_pulls import pull_scope, store_touched_and_recheck
from bot.pipeline.present import check_branch, present_pull, stop_if_overtaken
from bot.pipeline.publish import (
    conclude,
    publish,
    show_index_progress,
    start_check_run,
)
from bot.pipeline.publisher import Publisher, open_publisher
from bot.pipeline.steps import StoredSteps
from bot.pipeline.summary import summarized
from bot.pipeline.tally import count_attempt
from bot.queue.enqueue import QueueUnavailable
from bot.report.selection import select
from bot.sandbox import Sandbox
from bot.telemetry.tracing import span

log = logging.getLogger(__name__)
_MAX_SECONDS = 840.0
_SHOW_SECONDS = 5.0
# New changes seldom close older issues.
_NEWEST_ITEMS = 5_000


async def analyze_change(context: Context, analysis_id: UUID) -> None:
    """Analyze one change. Its check run concludes also after a failure, or a later attempt continues."""
    claimed = await analyses.claim(context.db, analysis_id)
    if claimed is None:
        return
    with about(delivery=claimed.delivery_id, analysis=claimed.id), span("analysis", attempt=claimed.attempt):
        await _attempt(context, claimed)


async def _attempt(context: Context, claimed: Claimed) -> None:
    log.info("attempt %d at %s %s %s", claimed.attempt, claimed.full_name, claimed.subject, claimed.head_sha[:10])
    async with open_session() as session:
        await run_attempt(
            context.db,
            claimed,
            lambda: _analyze(context, claimed, session),
            lambda ending: conclude(context, claimed, session, ending),
            seconds=_MAX_SECONDS,
            # The next attempt continues the history index, so that it may be fast enough.
            too_slow=RetryLater(f"The analysis took longer than {_MAX_SECONDS / 60:.0f} minutes", after=1),
        )
    await count_attempt(context, claimed)
    # Another head of the same pull request waited for this one.
    if (waiting := await newest_waiting(context.db, claimed)) is not None:
        with contextlib.suppress(QueueUnavailable):  # the sweep enqueues it
            context.enqueue_change_analysis(waiting)


async def _analyze(context: Context, claimed: Claimed, session: aiohttp.ClientSession) -> None:
    """start → fetch → history → read → scan → analyze → save → publish. `run_attempt` handles the exceptions."""
    db, steps = context.db, StoredSteps(context.db, claimed)
    publisher = await open_publisher(context, claimed, session)
    async with Sandbox() as sandbox:
        pull = await present_pull(publisher)
        await check_branch(publisher)
        run_id = await start_check_run(publisher)
        await steps.start(Step.FETCH)
        mirror, base = await fetch_change(context, session, claimed, pull)
        default = await resolve(mirror, f"refs/remotes/origin/{claimed.default_branch}")
        await steps.start(Step.HISTORY)
        index = await _updated_index(db, claimed, mirror, default, _show_progress(publisher, run_id, steps))
        await stop_if_overtaken(publisher)
        request = ReportRequest(
            git_dir=mirror,
            base=base,
            head=claimed.head_sha,
            repository=claimed.full_name,
            config=await read_config(mirror, default),
            index=index,
            title=pull.title if pull else "",
            pull=pull_scope(db, claimed, pull),
            dismissals=await find_dismissals(db, claimed.repository_id),
            embedder=context.embedder,
            back_test=content_of(await get_snapshot(db, claimed.repository_id, BackTest)),
        )
        report = await make_report(request, sandbox, steps)  # read → scan → analyze
        if request.pull and await store_touched_and_recheck(request.pull, report):
            report = await make_report(request, sandbox, steps)
    await steps.start(Step.SAVE)
    if not await save_report(db, claimed, report):
        raise LeaseLost
    await steps.start(Step.PUBLISH)
    conclusion = await publish(publisher, run_id, await summarized(context.summarizer, select(report)))
    await _finish(db, claimed, conclusion, steps)
    await _tidy(context, claimed, mirror, default if index else None)


async def _updated_index(
    db: Database, claimed: Claimed, mirror: Path, default: str | None, progress: Progress
) -> Path | None:
    """Update the history index to the head of the default branch. Returns its path, or None if it is impossible now."""
    index = index_path(mirror)
    if default is None:
        return None
    faults, known = None, await indexed_head(index)
    if known != default:
        faults = await known_faults(db, claimed.repository_id, newest=_NEWEST_ITEMS if known else None)
    return index if await update_index(mirror, index, default, progress, faults) else None


def _show_progress(publisher: Publisher, run_id: int, steps: StoredSteps) -> Progress:
    """Return a function that shows the progress of the indexing in the status and on the check run.

    The thread of the indexing calls it.
    """
    loop = asyncio.get_running_loop()
    last_shown = loop.time()

    def show(done: int, total: int | None) -> None:
        nonlocal last_shown
        if not total:
            return
        asyncio.run_coroutine_threadsafe(steps.advance(done / total), loop)
        if done < total and loop.time() - last_shown >= _SHOW_SECONDS:
            last_shown = loop.time()
            asyncio.run_coroutine_threadsafe(show_index_progress(publisher, run_id, done, total), loop).result()

    return show


async def _finish(db: Database, claimed: Claimed, conclusion: Conclusion, steps: StoredSteps) -> None:
    seconds = steps.seconds()
    name = (claimed.full_name, claimed.subject, claimed.head_sha[:10])
    log.info("%s %s %s: %s in %.1f s", *name, conclusion, sum(seconds.values()))
    await analyses.finish(db, claimed, AnalysisStatus.COMPLETED, conclusion, seconds=seconds)


async def _tidy(context: Context, claimed: Claimed, mirror: Path, indexed: str | None) -> None:
    """Do what the next analyses profit from. The result is posted: a failure is only logged.

    indexed: the head of the default branch, if its history is indexed.
    """
    try:
        if indexed is not None:
            await _enqueue_learning(context, claimed, indexed, index_path(mirror))
        await maintain(mirror)
    except Exception:
        log.exception("the housekeeping after the analysis %s failed", claimed.id)


async def _enqueue_learning(context: Context, claimed: Claimed, head: str, index: Path) -> None:
    """Enqueue an update of the snapshots if the default branch has moved since they were stored.

    Also if this machine has not learned of the repository yet: it lacks the files that are made then.
    """
    known = await get_snapshot(context.db, claimed.repository_id, Hotspots)
    if known is None or known.head_sha != head or not items_path(index).exists():
        try:
            context.enqueue_learn_history(claimed.repository_id)
        except QueueUnavailable as away:
            log.warning("%s; the next analysis enqueues the update of the snapshots", away)
