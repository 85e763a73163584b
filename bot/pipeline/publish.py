"""Publishes the result of an analysis on GitHub: a check run, which always concludes, and at most one comment."""

import contextlib
import logging
from dataclasses import replace

import aiohttp
from gidgethub import BadRequest

from bot.db import analyses
from bot.db.analyses import Claimed
from bot.db.check_runs import check_run_of, posted_conclusion
from bot.db.pull_verdicts import save_comment, take_the_word
from bot.db.wanted import asked_meanwhile
from bot.domain.analyses import AnalysisStatus
from bot.domain.published import CheckOutput, Conclusion
from bot.domain.steps import CONCLUDING
from bot.errors import GiveUp, RetryLater
from bot.github.checks import conclude_check_run, find_check_run, open_check_run, show_progress
from bot.github.comments import upsert_comment
from bot.github.pulls import PullState
from bot.pipeline.attempt import Ending, is_too_long, waiting_time
from bot.pipeline.context import Context
from bot.pipeline.lease import LeaseLost
from bot.pipeline.open_pulls import delete_touched_of_closed
from bot.pipeline.present import look_again, present_pull, speaks_for
from bot.pipeline.publisher import Publisher, open_publisher, or_give_up
from bot.queue.enqueue import QueueUnavailable
from bot.report.check import check_output, ended
from bot.report.markdown import comment
from bot.report.selection import Selection, worth_a_comment
from bot.text import code

log = logging.getLogger(__name__)
_REASON_SHOWN = 300


async def start_check_run(publisher: Publisher) -> int:
    """Return the id of the check run: the stored one, one that an earlier attempt left in progress, or a new one."""
    claimed = publisher.claimed
    if claimed.check_run_id is not None:
        return claimed.check_run_id
    run_id = await _left_open(publisher) if claimed.attempt > 1 else None
    if run_id is None:
        run_id = await _open(publisher, title="Analyzing", summary="The analysis is running.")
    if not await analyses.update_held(publisher.context.db, claimed, check_run_id=run_id):
        raise LeaseLost
    return run_id


async def _left_open(publisher: Publisher) -> int | None:
    return await or_give_up(publisher, find_check_run(publisher.api, publisher.head, publisher.context.app.app_id))


async def _open(publisher: Publisher, *, title: str, summary: str) -> int:
    return await or_give_up(publisher, open_check_run(publisher.api, publisher.head, title=title, summary=summary))


async def show_index_progress(publisher: Publisher, run_id: int, done: int, total: int) -> None:
    """Show the progress of the first indexing on the check run. An error is only logged."""
    summary = f"{done:,} of {total:,} changes of this repository are indexed. This is done only once."
    try:
        await show_progress(publisher.api, publisher.head, run_id, title="Indexing the history", summary=summary)
    except (BadRequest, RetryLater) as refused:
        log.info("the progress of %s could not be shown: %s", publisher.claimed.id, refused)


async def publish(publisher: Publisher, run_id: int, selection: Selection) -> Conclusion:
    """Conclude the check run, and create, edit or delete the comment. Returns the conclusion.

    What GitHub refuses for good, the comment or the annotations, is told in the summary and changes nothing else.
    Raises Superseded and posts nothing if the head or the base is another one now.
    """
    context, claimed = publisher.context, publisher.claimed
    pull = await present_pull(publisher)
    await delete_touched_of_closed(context.db, claimed, pull)
    if pull is None or not speaks_for(publisher, pull):
        return await _conclude_report(publisher, run_id, selection)
    if not await take_the_word(context.db, claimed):
        raise LeaseLost
    try:
        conclusion = await _conclude_report(publisher, run_id, selection)
        refusal = None if pull.draft else await _comment(publisher, pull, selection)
        if refusal is not None:
            output = check_output(selection, publisher.head.details_url, [refusal], publisher.files)
            told = replace(output, annotations=())  # those that were posted stay
            await or_give_up(publisher, conclude_check_run(publisher.api, publisher.head, run_id, told))
    finally:
        await look_again(publisher)
    return conclusion


async def _conclude_report(publisher: Publisher, run_id: int, selection: Selection) -> Conclusion:
    """Conclude the check run with the report, and store that it was posted."""
    claimed, head = publisher.claimed, publisher.head
    output = check_output(selection, head.details_url, files=publisher.files)
    if claimed.posted is not None:
        output = replace(output, annotations=())  # GitHub would add them to those of the earlier attempt
    try:
        await or_give_up(publisher, conclude_check_run(publisher.api, head, run_id, output))
    except GiveUp as refused:
        if not output.annotations:
            raise
        log.warning("the annotations of %s were refused: %s", claimed.id, refused)
        told = check_output(selection, head.details_url, [_told("annotations", refused)], publisher.files)
        output = replace(told, annotations=())
        await or_give_up(publisher, conclude_check_run(publisher.api, head, run_id, output))
    if not await analyses.update_held(publisher.context.db, claimed, conclusion=output.conclusion):
        raise LeaseLost
    return output.conclusion


async def _comment(publisher: Publisher, pull: PullState, selection: Selection) -> str | None:
    """Create, edit or delete the comment. Returns a sentence if GitHub refuses it for good, as on a locked one."""
    context, claimed = publisher.context, publisher.claimed
    details_url, files = publisher.head.details_url, publisher.files
    text = comment(selection, details_url, files) if worth_a_comment(selection) else None
    upsert = upsert_comment(
        publisher.api,
        claimed.full_name,
        pull.number,
        text,
        known_id=claimed.comment_id,
        app_id=context.app.app_id,
    )
    try:
        comment_id = await or_give_up(publisher, upsert)
    except GiveUp as refused:
        log.warning("the comment of %s was refused: %s", claimed.id, refused)
        return _told("comment on the pull request", refused)
    log.info("the comment of %s %s is %s", claimed.full_name, claimed.subject, comment_id or "not needed")
    if comment_id != claimed.comment_id:
        await save_comment(context.db, claimed, comment_id)
    return None


def _told(what: str, refused: GiveUp) -> str:
    return f"GitHub refused the {what}: {code(str(refused)[:_REASON_SHOWN])}"


async def conclude(context: Context, claimed: Claimed, session: aiohttp.ClientSession, ending: Ending) -> None:
    """End an analysis that has no report, and conclude its check run as soon as GitHub allows it.

    A report that was posted stays: the analysis is completed then.
    """
    if (posted := await posted_conclusion(context.db, claimed)) is not None:
        await analyses.finish(context.db, claimed, AnalysisStatus.COMPLETED, posted)
        return
    output = ended(ending.conclusion, ending.title, ending.reason)
    if not await analyses.end(context.db, claimed, output.conclusion, output.summary):
        raise LeaseLost
    try:
        await _conclude_ended(await open_publisher(context, claimed, session), ending, output)
    except (RetryLater, GiveUp) as refused:
        is_open = await check_run_of(context.db, claimed) is not None
        if (is_open or isinstance(refused, RetryLater)) and not is_too_long(claimed):
            after = refused.after if isinstance(refused, RetryLater) else 0.0
            after = waiting_time(claimed, after)
            log.info("the check run of %s waits: %s; next try in %.0f s", claimed.id, refused, after)
            await analyses.postpone(context.db, claimed, after=after, counts=False, step=CONCLUDING)
            return
        log.warning("the check run of %s could not be concluded: %s", claimed.id, refused)
    await analyses.finish(context.db, claimed, ending.status, output.conclusion, output.summary)
    if await asked_meanwhile(context.db, claimed):
        with contextlib.suppress(QueueUnavailable):  # the sweep enqueues it
            context.enqueue_change_analysis(claimed.id)


async def _conclude_ended(publisher: Publisher, ending: Ending, output: CheckOutput) -> None:
    """Conclude the check run: the stored one, one whose id was not stored, or one that tells of a failure."""
    context, claimed = publisher.context, publisher.claimed
    run_id = await check_run_of(context.db, claimed)
    is_failure = ending.status is AnalysisStatus.FAILED
    if run_id is None and (is_failure or claimed.attempt > 1):
        run_id = await _left_open(publisher)
    if run_id is None and is_failure:
        run_id = await _open(publisher, title=output.title, summary=output.summary)
    if run_id is None:
        return
    if not await analyses.update_held(context.db, claimed, check_run_id=run_id):
        raise LeaseLost
    await or_give_up(publisher, conclude_check_run(publisher.api, publisher.head, run_id, output))
