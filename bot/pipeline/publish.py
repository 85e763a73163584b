"""Publishes the result of an analysis on GitHub: a check run, which always concludes, and at most one comment."""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

import aiohttp
from gidgethub import BadRequest
from gidgethub.abc import GitHubAPI

from bot.db import analyses
from bot.db.analyses import MAX_ATTEMPTS, Claimed
from bot.domain.analyses import AnalysisStatus
from bot.domain.published import Conclusion
from bot.errors import GiveUp, RetryLater
from bot.github import pulls
from bot.github.checks import Head, conclude_check_run, find_check_run, open_check_run, show_progress
from bot.github.client import client
from bot.github.comments import upsert_comment
from bot.github.pulls import PullState
from bot.github.tokens import REPORT, installation_token, token_name
from bot.pipeline.attempt import Ending, Superseded
from bot.pipeline.context import Context
from bot.pipeline.lease import LeaseLost
from bot.pipeline.open_pulls import delete_touched_of_closed
from bot.report.check import check_output, ended
from bot.report.markdown import comment
from bot.report.selection import Selection, worth_a_comment

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Publisher:
    """A claimed analysis, and the client that may write its check run and its comment.

    head: the commit of the check run.
    """

    context: Context
    claimed: Claimed
    api: GitHubAPI
    head: Head


async def open_publisher(context: Context, claimed: Claimed, session: aiohttp.ClientSession) -> Publisher:
    """Create a publisher with a token that may write checks and comments. Raises the errors of `installation_token`."""
    token = await installation_token(
        session, context.tokens, context.app, claimed.installation_id, claimed.github_id, REPORT
    )
    details_url = f"{context.public_url}/repositories/{claimed.repository_id}/analyses/{claimed.id}"
    head = Head(claimed.full_name, claimed.head_sha, str(claimed.id), details_url)
    return Publisher(context, claimed, client(session, context.app.api_url, token), head)


async def or_give_up(publisher: Publisher, request: Awaitable[T]) -> T:
    """Await a request. Raises RetryLater for 401 and GiveUp for any other 4xx."""
    try:
        return await request
    except BadRequest as refused:
        if int(refused.status_code) == HTTPStatus.UNAUTHORIZED:
            name = token_name(publisher.claimed.installation_id, publisher.claimed.github_id, REPORT)
            await publisher.context.tokens.discard(name)
            raise RetryLater("GitHub no longer accepts the access token", after=1) from refused
        raise GiveUp(f"GitHub rejected a request: {refused}") from refused


async def current_pull(publisher: Publisher) -> PullState | None:
    """Get the current state of the pull request; None for a push. Raises Superseded if the head has moved."""
    claimed = publisher.claimed
    if not await analyses.is_newest(publisher.context.db, claimed):
        raise Superseded("A newer commit is analyzed instead.")
    if claimed.pull_number is None:
        return None
    pull = await or_give_up(publisher, pulls.get_pull(publisher.api, claimed.full_name, claimed.pull_number))
    if pull.head_sha != claimed.head_sha:
        raise Superseded(f"The head of the pull request is now {pull.head_sha[:10]}, which is analyzed instead.")
    return pull


async def belongs_to_a_pull_request(publisher: Publisher) -> bool:
    """Return whether a pushed commit is the head of an open pull request. Then only the pull request is analyzed."""
    claimed = publisher.claimed
    if claimed.ref == claimed.default_branch:
        return False
    request = pulls.open_pull_of(publisher.api, claimed.full_name, claimed.head_sha)
    return await or_give_up(publisher, request) is not None


async def start_check_run(publisher: Publisher) -> int:
    """Return the id of the check run: the stored one, one that an earlier attempt left in progress, or a new one."""
    claimed, api, head = publisher.claimed, publisher.api, publisher.head
    if claimed.check_run_id is not None:
        return claimed.check_run_id
    run_id = None
    if claimed.attempt > 1:
        run_id = await or_give_up(publisher, find_check_run(api, head, publisher.context.app.app_id))
    if run_id is None:
        opening = open_check_run(api, head, title="Analyzing", summary="The analysis is running.")
        run_id = await or_give_up(publisher, opening)
    if not await analyses.update_held(publisher.context.db, claimed, check_run_id=run_id):
        raise LeaseLost
    return run_id


async def show_index_progress(publisher: Publisher, run_id: int, done: int, total: int) -> None:
    """Show the progress of the first indexing on the check run. An error is only logged."""
    summary = f"{done:,} of {total:,} changes of this repository are indexed. This is done only once."
    try:
        await show_progress(publisher.api, publisher.head, run_id, title="Indexing the history", summary=summary)
    except (BadRequest, RetryLater) as refused:
        log.info("the progress of %s could not be shown: %s", publisher.claimed.id, refused)


async def publish(publisher: Publisher, run_id: int, selection: Selection) -> Conclusion:
    """Conclude the check run, and create, edit or delete the comment. Returns the conclusion.

    Raises Superseded and posts nothing if the head has moved.
    """
    context, claimed, api, head = publisher.context, publisher.claimed, publisher.api, publisher.head
    pull = await current_pull(publisher)
    await delete_touched_of_closed(context.db, claimed, pull)
    output = check_output(selection, head.details_url)
    await or_give_up(publisher, conclude_check_run(api, head, run_id, output))
    if pull is not None and claimed.pull_number is not None and not pull.draft:
        text = comment(selection, head.details_url) if worth_a_comment(selection) else None
        upsert = upsert_comment(
            api,
            claimed.full_name,
            claimed.pull_number,
            text,
            known_id=claimed.comment_id,
            app_id=context.app.app_id,
        )
        comment_id = await or_give_up(publisher, upsert)
        if comment_id != claimed.comment_id:
            await analyses.save_comment(context.db, claimed, comment_id)
    return output.conclusion


async def conclude(context: Context, claimed: Claimed, session: aiohttp.ClientSession, ending: Ending) -> None:
    """End an analysis that has no report, and conclude its check run if GitHub allows it."""
    output = ended(ending.conclusion, ending.title, ending.reason)
    try:
        publisher = await open_publisher(context, claimed, session)
        run_id = await analyses.check_run_of(context.db, claimed)
        if run_id is None and ending.status is AnalysisStatus.FAILED:
            run_id = await open_check_run(publisher.api, publisher.head, title=output.title, summary=output.summary)
        if run_id is not None:
            await conclude_check_run(publisher.api, publisher.head, run_id, output)
    except RetryLater as later:
        if claimed.attempt <= MAX_ATTEMPTS:
            await analyses.postpone(context.db, claimed, after=later.after, reason=str(later))
            return
    except (BadRequest, GiveUp) as refused:
        log.warning("the check run of %s could not be concluded: %s", claimed.id, refused)
    await analyses.finish(context.db, claimed, ending.status, output.conclusion, output.summary)
