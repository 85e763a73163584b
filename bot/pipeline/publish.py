"""What becomes visible on GitHub: the check run that opens and always concludes, and the one comment."""

import logging

from gidgethub import BadRequest

from bot.db import analyses
from bot.db.analyses import MAX_ATTEMPTS, Claimed
from bot.domain.change import Report
from bot.domain.published import CheckOutput
from bot.errors import RetryLater
from bot.github.checks import conclude_check_run, find_check_run, open_check_run, show_progress
from bot.github.comments import upsert_comment
from bot.pipeline.attempt import Context, Work, asked, current_pull
from bot.pipeline.lease import Lost
from bot.pipeline.open_pulls import forget_closed
from bot.report.check import check_output
from bot.report.markdown import comment
from bot.report.selection import worth_a_comment

log = logging.getLogger(__name__)


async def start_check_run(work: Work) -> int:
    """The analysis's check run: stored, left behind by a dead attempt, or new."""
    claimed = work.claimed
    if claimed.check_run_id is not None:
        return claimed.check_run_id
    run_id = None
    if claimed.attempt > 1:
        run_id = await asked(work, find_check_run(work.api, work.head, work.context.app.app_id))
    if run_id is None:
        run_id = await asked(
            work, open_check_run(work.api, work.head, title="Analyzing", summary="The analysis is under way.")
        )
    if not await analyses.update_held(work.context.db, claimed, check_run_id=run_id):
        raise Lost
    return run_id


async def tell_progress(work: Work, run_id: int, done: int, total: int) -> None:
    """Say on the check run how far a first reading of the history is. A refusal costs the sentence only."""
    try:
        await show_progress(
            work.api,
            work.head,
            run_id,
            title="Reading the history",
            summary=f"{done:,} of {total:,} changes of this repository are read. This happens once.",
        )
    except (BadRequest, RetryLater) as refused:
        log.info("the progress of %s could not be shown: %s", work.claimed.id, refused)


async def publish(work: Work, run_id: int, report: Report) -> None:
    """Conclude the check run; create, edit or leave out the comment. Nothing for a head that moved meanwhile."""
    context, claimed = work.context, work.claimed
    pull = await current_pull(work)
    await forget_closed(context.db, claimed, pull)
    output = check_output(report, work.head.details_url)
    await asked(work, conclude_check_run(work.api, work.head, run_id, output))
    if pull is not None and claimed.pull_number is not None and not pull.draft:
        comment_id = await asked(
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


async def conclude(context: Context, claimed: Claimed, work: Work | None, status: str, output: CheckOutput) -> None:
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
