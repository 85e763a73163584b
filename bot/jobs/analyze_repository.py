"""The job of a whole-repository analysis. Its insights replace those of the previous one.

Nothing is posted on GitHub. The status and the insights are available over REST and on the pages.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

import aiohttp
from gidgethub import BadRequest

from bot.db import analyses, repositories, whole_analyses
from bot.db.analyses import Claimed
from bot.db.dismissals import find_dismissals
from bot.db.snapshots import get_snapshots, past_of
from bot.domain.analyses import AnalysisStatus, Scope
from bot.domain.change import LeftOut, Report
from bot.domain.dismissals import Dismissals, dismissed_fingerprints, is_dismissed
from bot.domain.insights import Insight, InsightType
from bot.domain.past import Past
from bot.domain.patterns import Patterns
from bot.domain.published import ENGINE
from bot.domain.removed import RemovedPath
from bot.domain.snapshots import Coupling, Hotspots, Ownership
from bot.domain.steps import Step
from bot.domain.trends import Trends
from bot.errors import GiveUp
from bot.git.mirror import maintain
from bot.git.read_file import resolve
from bot.github.client import client, open_session
from bot.github.tokens import READ_CONTENTS, installation_token
from bot.history.index import opened
from bot.history.removed_paths import removed_paths
from bot.history.schema import IndexUnusable, index_path
from bot.insights.whole import whole_insights
from bot.jobs.learn_history import learn_history
from bot.logs import about
from bot.pipeline.attempt import Ending, run_attempt
from bot.pipeline.context import Context
from bot.pipeline.fetch import fetch_mirror
from bot.pipeline.lease import LeaseLost
from bot.pipeline.make_report import ReadConfig, read_config
from bot.pipeline.steps import StoredSteps
from bot.pipeline.tally import count_attempt
from bot.pipeline.whole_repository import analyze_files, replaced_types, restricted
from bot.telemetry.tracing import span

log = logging.getLogger(__name__)
_SECONDS = 3_500.0
_MOST_LEFT_OUT = 500


async def analyze_repository(context: Context, analysis_id: UUID) -> None:
    """Analyze a repository. The analysis ends also after a failure, or a later attempt continues."""
    scope = await whole_analyses.scope_of(context.db, analysis_id)
    claimed = await analyses.claim(context.db, analysis_id) if scope else None
    if claimed is None or scope is None:
        return

    with about(delivery=claimed.delivery_id, analysis=claimed.id), span("analysis", attempt=claimed.attempt):
        await _attempt(context, claimed, scope)


async def _attempt(context: Context, claimed: Claimed, scope: Scope) -> None:
    async def conclude(ending: Ending) -> None:
        await analyses.finish(context.db, claimed, ending.status, None, ending.reason)

    async with open_session() as session:
        await run_attempt(
            context.db,
            claimed,
            lambda: _analyze(context, claimed, restricted(scope), session),
            conclude,
            seconds=_SECONDS,
            too_slow=GiveUp(f"The analysis took longer than {_SECONDS / 60:.0f} minutes."),
        )
    await count_attempt(context, claimed)


async def _analyze(context: Context, claimed: Claimed, scope: Scope, session: aiohttp.ClientSession) -> None:
    """fetch → history → analyze → save. Raises exceptions that `run_attempt` handles."""
    steps = StoredSteps(context.db, claimed)
    await steps.start(Step.FETCH)
    mirror, head = await _fetch(context, claimed, session)
    claimed = replace(claimed, head_sha=head)
    if not await analyses.update_held(context.db, claimed, head_sha=head):
        raise LeaseLost
    await steps.start(Step.HISTORY)
    past = await _past(context, claimed, steps)
    await steps.start(Step.ANALYZE)
    config = await read_config(mirror, head)
    hot = [file.path for file in past.hotspots.files] if past.hotspots else []
    removed = await asyncio.to_thread(_removed, mirror)
    found = await analyze_files(mirror, head, claimed.full_name, config.values, scope, hot, removed, steps.advance)
    dismissals = await find_dismissals(context.db, claimed.repository_id)
    of_past = _of_past(past, found.insights, dismissals) if scope.history else []
    await steps.start(Step.SAVE)
    report = _report(claimed, config, [*found.insights, *of_past], found.files, found.left_out)
    report = replace(report, dismissed=dismissed_fingerprints(dismissals, report.insights))
    if not await whole_analyses.save_whole_report(context.db, claimed, report, replaced_types(scope)):
        raise LeaseLost
    seconds = steps.seconds()
    log.info("%s %s: %d insights in %.1f s", claimed.full_name, head[:10], len(report.insights), sum(seconds.values()))
    await analyses.finish(context.db, claimed, AnalysisStatus.COMPLETED, None, seconds=seconds)
    await maintain(mirror)


async def _fetch(context: Context, claimed: Claimed, session: aiohttp.ClientSession) -> tuple[Path, str]:
    """Return the mirror, and the head of the default branch in it. Raises GiveUp and RetryLater."""
    branch = claimed.default_branch or await _default_branch(context, claimed, session)
    mirror = await fetch_mirror(context, session, claimed, branches=[branch])
    head = await resolve(mirror, f"refs/remotes/origin/{branch}")
    if head is None:
        raise GiveUp("The repository has no commit on its default branch yet.")
    return mirror, head


async def _default_branch(context: Context, claimed: Claimed, session: aiohttp.ClientSession) -> str:
    """Get the default branch from GitHub. The list of repositories of an installation does not contain it."""
    owner, name = claimed.full_name.split("/", 1)
    token = await installation_token(
        session, context.tokens, context.app, claimed.installation_id, claimed.github_id, READ_CONTENTS
    )
    try:
        api = client(session, context.app.api_url, token, context.tokens.pace(claimed.installation_id))
        facts = await api.getitem("/repos/{owner}/{name}", {"owner": owner, "name": name})
    except BadRequest as refused:
        raise GiveUp(f"GitHub rejected the request for the repository: {refused}") from refused
    branch = str(facts["default_branch"])
    await repositories.save_default_branch(context.db, claimed.repository_id, branch)
    return branch


async def _past(context: Context, claimed: Claimed, steps: StoredSteps) -> Past:
    """Return the snapshots. They are updated to the default branch if that is possible now."""
    loop = asyncio.get_running_loop()

    def show(done: int, total: int | None) -> None:
        if total:
            asyncio.run_coroutine_threadsafe(steps.advance(done / total), loop)

    await learn_history(context.db, context.mirrors, claimed.repository_id, show, context.embedder)
    kinds = (Hotspots, Ownership, Coupling, Patterns, Trends)
    return past_of(await get_snapshots(context.db, claimed.repository_id, *kinds))


def _removed(mirror: Path) -> tuple[RemovedPath, ...]:
    """The paths that had a file once; none where the history could not be indexed."""
    try:
        with opened(index_path(mirror)) as index:
            return removed_paths(index)
    except IndexUnusable as problem:
        log.warning("the removed files of %s are not known: %s", mirror.name, problem)
        return ()


def _of_past(past: Past, insights: Sequence[Insight], dismissals: Dismissals) -> list[Insight]:
    quality = [one for one in insights if one.type is InsightType.CODE_QUALITY]
    return whole_insights(past, quality, partial(is_dismissed, dismissals))


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
