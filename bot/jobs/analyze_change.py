"""The job: one pull request or push becomes a check run and, when worth it, a comment."""

import asyncio
import logging
from functools import partial
from pathlib import Path
from uuid import UUID

import aiohttp

from bot.db import analyses
from bot.db.analyses import MAX_ATTEMPTS, Claimed
from bot.db.snapshots import get_snapshots
from bot.domain.change import Report
from bot.errors import GiveUp, RetryLater
from bot.git.mirror import maintain, mirror_path
from bot.git.read_file import resolve
from bot.github import pulls
from bot.github.client import open_session
from bot.github.pulls import PullState
from bot.pipeline.attempt import Context, Superseded, Work, asked, begin, current_pull
from bot.pipeline.fetch import fetch_change
from bot.pipeline.lease import Lost, holding
from bot.pipeline.make_report import make_report, read_config
from bot.pipeline.open_pulls import OpenPulls
from bot.pipeline.publish import conclude, publish, start_check_run, tell_progress
from bot.pipeline.read_history import index_path, update_index
from bot.queue.enqueue import QueueAway
from bot.report.check import ended
from bot.sandbox import Sandbox

log = logging.getLogger(__name__)
_SECONDS = 840.0
_TELL_EVERY_SECONDS = 5.0


async def analyze_change(context: Context, analysis_id: UUID) -> None:
    """Analyze one change, whatever happens to it: its check run concludes or a later attempt takes it up."""
    claimed = await analyses.claim(context.db, analysis_id)
    if claimed is None:
        return
    async with open_session() as session:
        try:
            async with holding(context.db, claimed), asyncio.timeout(_SECONDS):
                await _attempt(context, claimed, session)
        except (Lost, TimeoutError) as stopped:
            # Lost: somebody newer posts. Time-out while concluding: the sweep brings the next attempt.
            log.warning("analysis %s stopped: %r", analysis_id, stopped)


async def _attempt(context: Context, claimed: Claimed, session: aiohttp.ClientSession) -> None:
    """Do the work; turn every way in which it can fail into an outcome."""
    work = None
    try:
        work = await begin(context, claimed, session)
        if claimed.attempt > MAX_ATTEMPTS:
            raise GiveUp(f"The analysis was tried {MAX_ATTEMPTS} times and did not finish.")  # noqa: TRY301
        await _analyze(work)
    except RetryLater as later:
        if claimed.attempt <= MAX_ATTEMPTS:
            log.info("analysis %s waits %.0f s: %s", claimed.id, later.after, later)
            await analyses.postpone(context.db, claimed, after=later.after, reason=str(later))
        else:
            await analyses.finish(context.db, claimed, "failed", None, str(later))
    except Superseded as moved:
        await conclude(context, claimed, work, "superseded", ended("cancelled", "Superseded", str(moved)))
    except GiveUp as message:
        output = ended("neutral", "This change could not be analyzed", str(message))
        await conclude(context, claimed, work, "failed", output)
    except Lost:
        raise
    except Exception as bug:
        log.exception("analysis %s of %s failed", claimed.id, claimed.full_name)
        reason = f"GitInsight failed with {type(bug).__name__}; the operator's log has the details (`{claimed.id}`)."
        await conclude(context, claimed, work, "failed", ended("neutral", "The analysis failed", reason))


async def _analyze(work: Work) -> None:
    """The pipeline: read → analyze → save → publish."""
    context, claimed = work.context, work.claimed
    async with Sandbox() as sandbox:
        pull = await current_pull(work)
        if pull is None and await _belongs_to_a_pull_request(work):
            await analyses.finish(context.db, claimed, "superseded", None, "analyzed as its pull request")
            return
        run_id = await start_check_run(work)
        await work.steps.to("fetch")
        mirror = mirror_path(context.mirrors, claimed.github_id)
        base = await fetch_change(work, mirror, pull)
        default = await resolve(mirror, f"refs/remotes/origin/{claimed.default_branch}")
        await work.steps.to("history")
        index = await _index(work, mirror, default, run_id)
        report = await _report(work, sandbox, mirror, pull, base=base, default=default, index=index)
    await work.steps.to("save")
    if not await analyses.save_report(context.db, claimed, report):
        raise Lost
    await work.steps.to("publish")
    await publish(work, run_id, report)
    if index is not None and default is not None:
        await _learn(work, default)
    await maintain(mirror)


async def _report(
    work: Work,
    sandbox: Sandbox,
    mirror: Path,
    pull: PullState | None,
    *,
    base: str,
    default: str | None,
    index: Path | None,
) -> Report:
    """The report; made anew when another pull request came between, since each has to be seen by one of the two."""
    others = OpenPulls(work.context.db, work.claimed, mirror, pull)
    make = partial(
        make_report,
        mirror,
        base=base,
        head=work.claimed.head_sha,
        repository=work.claimed.full_name,
        config=await read_config(mirror, default),
        index=index,
        sandbox=sandbox,
        on_step=work.steps.to,
        title=pull.title if pull else "",
        beside=others.beside,
    )
    report = await make()
    return await make() if await others.one_came_between(report) else report


async def _index(work: Work, mirror: Path, head: str | None, run_id: int) -> Path | None:
    """The history index, brought up to the default branch's head; None where there is none to be had now."""
    if head is None:
        return None
    index, loop = index_path(mirror), asyncio.get_running_loop()
    told = loop.time()

    def on_progress(done: int, total: int | None) -> None:
        nonlocal told
        if not total:
            return
        asyncio.run_coroutine_threadsafe(work.steps.within(done / total), loop)
        if done < total and loop.time() - told >= _TELL_EVERY_SECONDS:
            told = loop.time()
            asyncio.run_coroutine_threadsafe(tell_progress(work, run_id, done, total), loop).result()

    return index if await update_index(mirror, index, head, on_progress) else None


async def _learn(work: Work, head: str) -> None:
    """Have what the history tells written anew, when the default branch has moved since it was."""
    repository_id = work.claimed.repository_id
    known = await get_snapshots(work.context.db, repository_id, ["hotspots"])
    if "hotspots" not in known or known["hotspots"].head_sha != head:
        try:
            work.context.learn(repository_id)
        except QueueAway as away:
            log.warning("the next analysis rings for the history: %s", away)


async def _belongs_to_a_pull_request(work: Work) -> bool:
    claimed = work.claimed
    if claimed.ref == claimed.default_branch:
        return False
    found = await asked(work, pulls.open_pull_of(work.api, claimed.full_name, claimed.head_sha))
    return found is not None
