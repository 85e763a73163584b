"""The job: one pull request or push becomes a check run and, when worth it, a comment."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import aiohttp
from gidgethub import BadRequest
from gidgethub.abc import GitHubAPI

from bot.db import analyses
from bot.db.analyses import MAX_ATTEMPTS, Claimed
from bot.db.engine import Database
from bot.domain import Report
from bot.errors import GiveUp, RetryLater
from bot.git.change import has_objects
from bot.git.mirror import fetch, maintain, mirror_path
from bot.git.read_file import parent_of, resolve
from bot.git.run import EMPTY_TREE
from bot.github import pulls
from bot.github.checks import Head, conclude_check_run, find_check_run, open_check_run
from bot.github.client import client, open_session
from bot.github.comments import upsert_comment
from bot.github.pulls import PullState
from bot.github.tokens import READ_CONTENTS, REPORT, App, TokenCache, installation_token, token_name
from bot.jobs.holding import Lost, Steps, holding
from bot.jobs.make_report import make_report
from bot.published import CheckOutput
from bot.report.check import check_output, ended
from bot.report.markdown import comment
from bot.report.selection import worth_a_comment
from bot.sandbox import Sandbox

log = logging.getLogger(__name__)
_SECONDS = 840.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """What the job works with; made once per job by the worker."""

    db: Database
    tokens: TokenCache
    app: App
    github_url: str
    public_url: str
    mirrors: Path
    max_repository_mb: int = 4096


@dataclass(frozen=True, slots=True)
class _Work:
    """One claimed analysis at work."""

    context: Context
    claimed: Claimed
    session: aiohttp.ClientSession
    api: GitHubAPI
    head: Head
    steps: Steps


class _Superseded(Exception):
    """The head moved; the message says to where."""


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
        work = await _begin(context, claimed, session)
        if claimed.attempt > MAX_ATTEMPTS:
            raise GiveUp(f"The analysis was tried {MAX_ATTEMPTS} times and did not finish.")  # noqa: TRY301
        await _analyze(work)
    except RetryLater as later:
        if claimed.attempt <= MAX_ATTEMPTS:
            log.info("analysis %s waits %.0f s: %s", claimed.id, later.after, later)
            await analyses.postpone(context.db, claimed, after=later.after, reason=str(later))
        else:
            await analyses.finish(context.db, claimed, "failed", None, str(later))
    except _Superseded as moved:
        await _conclude(context, claimed, work, "superseded", ended("cancelled", "Superseded", str(moved)))
    except GiveUp as message:
        output = ended("neutral", "This change could not be analyzed", str(message))
        await _conclude(context, claimed, work, "failed", output)
    except Lost:
        raise
    except Exception as bug:
        log.exception("analysis %s of %s failed", claimed.id, claimed.full_name)
        reason = f"GitInsight failed with {type(bug).__name__}; the operator's log has the details (`{claimed.id}`)."
        await _conclude(context, claimed, work, "failed", ended("neutral", "The analysis failed", reason))


async def _begin(context: Context, claimed: Claimed, session: aiohttp.ClientSession) -> _Work:
    token = await installation_token(
        session, context.tokens, context.app, claimed.installation_id, claimed.github_id, REPORT
    )
    return _Work(
        context=context,
        claimed=claimed,
        session=session,
        api=client(session, context.app.api_url, token),
        head=Head(
            claimed.full_name,
            claimed.head_sha,
            str(claimed.id),
            f"{context.public_url}/repositories/{claimed.repository_id}/analyses/{claimed.id}",
        ),
        steps=Steps(context.db, claimed),
    )


async def _analyze(work: _Work) -> None:
    """The pipeline: read → analyze → save → publish."""
    context, claimed = work.context, work.claimed
    async with Sandbox() as sandbox:
        pull = await _current(work)
        if pull is None and await _belongs_to_a_pull_request(work):
            await analyses.finish(context.db, claimed, "superseded", None, "analyzed as its pull request")
            return
        run_id = await _check_run(work)
        await work.steps.to("fetch")
        mirror = mirror_path(context.mirrors, claimed.github_id)
        base = await _fetch(work, mirror, pull)
        report = await make_report(
            mirror,
            base=base,
            head=claimed.head_sha,
            repository=claimed.full_name,
            config_from=await resolve(mirror, f"refs/remotes/origin/{claimed.default_branch}"),
            sandbox=sandbox,
            on_step=work.steps.to,
            title=pull.title if pull else "",
        )
    await work.steps.to("save")
    if not await analyses.save_report(context.db, claimed, report):
        raise Lost
    await work.steps.to("publish")
    await _publish(work, run_id, report)
    await maintain(mirror)


async def _current(work: _Work) -> PullState | None:
    """The pull request as GitHub has it now, None for a push. Raises _Superseded when the head moved."""
    claimed = work.claimed
    if not await analyses.is_newest(work.context.db, claimed):
        raise _Superseded("A newer commit is analyzed instead.")
    if claimed.pull_number is None:
        return None
    pull = await _asked(work, pulls.get_pull(work.api, claimed.full_name, claimed.pull_number))
    if pull.head_sha != claimed.head_sha:
        raise _Superseded(f"The pull request moved on to {pull.head_sha[:10]}, which is analyzed instead.")
    return pull


async def _belongs_to_a_pull_request(work: _Work) -> bool:
    claimed = work.claimed
    if claimed.ref == claimed.default_branch:
        return False
    found = await _asked(work, pulls.open_pull_of(work.api, claimed.full_name, claimed.head_sha))
    return found is not None


async def _check_run(work: _Work) -> int:
    """The analysis's check run: stored, left behind by a dead attempt, or new."""
    claimed = work.claimed
    if claimed.check_run_id is not None:
        return claimed.check_run_id
    run_id = None
    if claimed.attempt > 1:
        run_id = await _asked(work, find_check_run(work.api, work.head, work.context.app.app_id))
    if run_id is None:
        run_id = await _asked(
            work, open_check_run(work.api, work.head, title="Analyzing", summary="The analysis is under way.")
        )
    if not await analyses.update_held(work.context.db, claimed, check_run_id=run_id):
        raise Lost
    return run_id


async def _fetch(work: _Work, mirror: Path, pull: PullState | None) -> str:
    """Bring everything the analyses need into the mirror; returns the commit to compare the head with."""
    context, claimed = work.context, work.claimed
    token = await installation_token(
        work.session, context.tokens, context.app, claimed.installation_id, claimed.github_id, READ_CONTENTS
    )
    base = pull.base_sha if pull else claimed.base_sha
    branches = dict.fromkeys([claimed.default_branch, claimed.ref])
    try:
        await fetch(
            mirror,
            f"{context.github_url}/{claimed.full_name}.git",
            token,
            branches=[name for name in branches if name],
            pull_number=claimed.pull_number,
            shas=[claimed.head_sha, *([base] if base else [])],
            max_mb=context.max_repository_mb,
        )
    except GiveUp:
        await context.tokens.forget(token_name(claimed.installation_id, claimed.github_id, READ_CONTENTS))
        raise
    if not await has_objects(mirror, [claimed.head_sha]):
        raise _Superseded("The commit is no longer in the repository: the branch was changed or deleted meanwhile.")
    return await _base(mirror, claimed, base)


async def _base(mirror: Path, claimed: Claimed, base: str | None) -> str:
    """The base that was asked for; the default branch where it is gone; the first parent; nothing at all."""
    if base and await has_objects(mirror, [base]):
        return base
    default = await resolve(mirror, f"refs/remotes/origin/{claimed.default_branch}")
    if default and default != claimed.head_sha and claimed.ref != claimed.default_branch:
        return default
    return await parent_of(mirror, claimed.head_sha) or EMPTY_TREE


async def _publish(work: _Work, run_id: int, report: Report) -> None:
    """Conclude the check run; create, edit or leave out the comment. Nothing for a head that moved meanwhile."""
    context, claimed = work.context, work.claimed
    pull = await _current(work)
    output = check_output(report, work.head.details_url)
    await _asked(work, conclude_check_run(work.api, work.head, run_id, output))
    if pull is not None and claimed.pull_number is not None and not pull.draft:
        comment_id = await _asked(
            work,
            upsert_comment(
                work.api,
                claimed.full_name,
                claimed.pull_number,
                comment(report, work.head.details_url) if worth_a_comment(report) else None,
                known_id=claimed.comment_id,
                app_id=context.app.app_id,
            ),
        )
        if comment_id != claimed.comment_id:
            await analyses.remember_comment(context.db, claimed, comment_id)
    seconds = work.steps.done()
    subject = (claimed.full_name, claimed.subject, claimed.head_sha[:10])
    log.info("%s %s %s: %s in %.1f s", *subject, output.conclusion, sum(seconds.values()))
    await analyses.finish(context.db, claimed, "completed", output.conclusion, seconds=seconds)


async def _conclude(context: Context, claimed: Claimed, work: _Work | None, status: str, output: CheckOutput) -> None:
    """End an analysis that has no report; its check run concludes too, if GitHub lets us."""
    if work is not None:
        try:
            held = await analyses.check_run_of(context.db, claimed)
            if held is None and status == "failed":
                held = await open_check_run(work.api, work.head, title=output.title, summary=output.summary)
            if held is not None:
                await conclude_check_run(work.api, work.head, held, output)
        except RetryLater as later:
            if claimed.attempt <= MAX_ATTEMPTS:
                await analyses.postpone(context.db, claimed, after=later.after, reason=str(later))
                return
        except BadRequest as refused:
            log.warning("GitHub refused to conclude %s: %s", claimed.id, refused)
    await analyses.finish(context.db, claimed, status, output.conclusion, output.summary)


async def _asked(work: _Work, request: Awaitable[T]) -> T:
    """A request whose refusal is final: gone, forbidden, or not to GitHub's liking."""
    try:
        return await request
    except BadRequest as refused:
        if int(refused.status_code) == HTTPStatus.UNAUTHORIZED:
            name = token_name(work.claimed.installation_id, work.claimed.github_id, REPORT)
            await work.context.tokens.forget(name)
            raise RetryLater("GitHub no longer accepts the token", after=1) from refused
        raise GiveUp(f"GitHub refused a request: {refused}") from refused
