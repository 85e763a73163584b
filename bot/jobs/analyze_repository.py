"""The job: a whole repository at its default branch becomes insights that replace those of the last full analysis.

Nothing is posted on GitHub: whoever asked for it reads its status and its insights.
"""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
from gidgethub import BadRequest

from bot.db import analyses, repositories, whole_analyses
from bot.db.analyses import MAX_ATTEMPTS, Claimed
from bot.db.snapshots import get_snapshots
from bot.db.whole_analyses import Wanted
from bot.domain.change import LeftOut, Report
from bot.domain.insights import Insight
from bot.domain.published import ENGINE
from bot.errors import GiveUp, RetryLater
from bot.git.mirror import fetch, maintain, mirror_path
from bot.git.read_file import resolve
from bot.github.client import client, open_session
from bot.github.tokens import READ_CONTENTS, installation_token, token_name
from bot.insights.history import of_history
from bot.jobs.learn_history import learn_history
from bot.pipeline.attempt import Context
from bot.pipeline.lease import Lost, Steps, holding
from bot.pipeline.make_report import ReadConfig, read_config
from bot.pipeline.whole_repository import covered, look_at, narrowed

log = logging.getLogger(__name__)
_SECONDS = 3_500.0
_KINDS = ("hotspots", "ownership", "coupling")
_MOST_LEFT_OUT = 500


async def analyze_repository(context: Context, analysis_id: UUID) -> None:
    """Analyze a repository, whatever happens to it: the analysis ends, or a later attempt takes it up."""
    wanted = await whole_analyses.wanted_of(context.db, analysis_id)
    claimed = await analyses.claim(context.db, analysis_id) if wanted else None
    if claimed is None or wanted is None:
        return
    async with open_session() as session:
        try:
            async with holding(context.db, claimed), asyncio.timeout(_SECONDS):
                await _attempt(context, claimed, narrowed(wanted), session)
        except Lost as stopped:
            log.info("the full analysis %s was cancelled or taken over: %r", analysis_id, stopped)
        except TimeoutError:
            sentence = f"The analysis took longer than {_SECONDS / 60:.0f} minutes."
            await analyses.finish(context.db, claimed, "failed", None, sentence)


async def _attempt(context: Context, claimed: Claimed, wanted: Wanted, session: aiohttp.ClientSession) -> None:
    """Do the work; turn every way in which it can fail into an outcome."""
    try:
        if claimed.attempt > MAX_ATTEMPTS:
            raise GiveUp(f"The analysis was tried {MAX_ATTEMPTS} times and did not finish.")  # noqa: TRY301
        await _analyze(context, claimed, wanted, session)
    except RetryLater as later:
        if claimed.attempt <= MAX_ATTEMPTS:
            await analyses.postpone(context.db, claimed, after=later.after, reason=str(later))
        else:
            await analyses.finish(context.db, claimed, "failed", None, str(later))
    except GiveUp as message:
        await analyses.finish(context.db, claimed, "failed", None, str(message))
    except (Lost, TimeoutError):
        raise
    except Exception as bug:
        log.exception("the full analysis %s of %s failed", claimed.id, claimed.full_name)
        sentence = f"GitInsight failed with {type(bug).__name__}; the operator's log has the details."
        await analyses.finish(context.db, claimed, "failed", None, sentence)


async def _analyze(context: Context, claimed: Claimed, wanted: Wanted, session: aiohttp.ClientSession) -> None:
    """The pipeline: fetch → history → read and analyze → save."""
    steps = Steps(context.db, claimed)
    await steps.to("fetch")
    mirror = mirror_path(context.mirrors, claimed.github_id)
    head = await _fetched(context, claimed, session, mirror)
    claimed = replace(claimed, head_sha=head)
    if not await analyses.update_held(context.db, claimed, head_sha=head):
        raise Lost
    await steps.to("history")
    contents = await _history(context, claimed, steps)
    await steps.to("analyze")
    config = await read_config(mirror, head)
    hot = [str(file["path"]) for file in contents.get("hotspots", {}).get("files", [])]
    found = await look_at(mirror, head, claimed.full_name, config.values, wanted, hot, steps.within)
    told = of_history(contents) if wanted.history else []
    await steps.to("save")
    report = _report(claimed, config, [*found.insights, *told], found.files, found.left_out)
    if not await whole_analyses.save_full(context.db, claimed, report, covered(wanted)):
        raise Lost
    seconds = steps.done()
    log.info("%s %s: %d insights in %.1f s", claimed.full_name, head[:10], len(report.insights), sum(seconds.values()))
    await analyses.finish(context.db, claimed, "completed", None, seconds=seconds)
    await maintain(mirror)


async def _fetched(context: Context, claimed: Claimed, session: aiohttp.ClientSession, mirror: Path) -> str:
    """The head of the default branch, in the mirror. Raises GiveUp and RetryLater."""
    place = (claimed.installation_id, claimed.github_id)
    token = await installation_token(session, context.tokens, context.app, *place, READ_CONTENTS)
    branch = claimed.default_branch or await _default_branch(context, claimed, session, token)
    try:
        url = f"{context.github_url}/{claimed.full_name}.git"
        await fetch(mirror, url, token, branches=[branch], max_mb=context.max_repository_mb)
    except GiveUp as refused:
        await context.tokens.forget(token_name(*place, READ_CONTENTS))
        if claimed.attempt > 1:
            raise
        raise RetryLater(str(refused), after=1) from refused  # the kept token may have been revoked
    head = await resolve(mirror, f"refs/remotes/origin/{branch}")
    if head is None:
        raise GiveUp("The repository has no commit on its default branch yet.")
    return head


async def _default_branch(context: Context, claimed: Claimed, session: aiohttp.ClientSession, token: str) -> str:
    """What GitHub says; an installation's list of repositories does not tell it."""
    owner, name = claimed.full_name.split("/", 1)
    try:
        api = client(session, context.app.api_url, token)
        facts = await api.getitem("/repos/{owner}/{name}", {"owner": owner, "name": name})
    except BadRequest as refused:
        raise GiveUp(f"GitHub refused to tell of the repository: {refused}") from refused
    branch = str(facts["default_branch"])
    await repositories.remember_default_branch(context.db, claimed.repository_id, branch)
    return branch


async def _history(context: Context, claimed: Claimed, steps: Steps) -> dict[str, dict[str, Any]]:
    """The snapshots, brought up to the default branch; what there is of them where that is not possible now."""
    loop = asyncio.get_running_loop()

    def on_progress(done: int, total: int | None) -> None:
        if total:
            asyncio.run_coroutine_threadsafe(steps.within(done / total), loop)

    await learn_history(context.db, context.mirrors, claimed.repository_id, on_progress)
    found = await get_snapshots(context.db, claimed.repository_id, _KINDS)
    return {kind: row.content for kind, row in found.items()}


def _report(
    claimed: Claimed, config: ReadConfig, insights: list[Insight], files: int, left_out: list[LeftOut]
) -> Report:
    kept = left_out[:_MOST_LEFT_OUT]
    if len(left_out) > len(kept):
        kept.append(LeftOut("(more)", f"{len(left_out) - len(kept):,} more"))
    return Report(
        repository=claimed.full_name,
        head_sha=claimed.head_sha,
        merge_base=claimed.head_sha,
        engine=ENGINE,
        insights=tuple(insights),
        files_analyzed=files,
        left_out=tuple(kept),
        config_problem=config.problem,
        config=config.values,
        title=f"{claimed.full_name} at {claimed.default_branch}",
    )
