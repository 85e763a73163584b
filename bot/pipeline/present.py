"""What GitHub shows now decides what is analyzed, not the order of the deliveries.

A job that finds another head or base makes sure that this one has an analysis before it steps aside.
"""

import contextlib
import logging
from dataclasses import replace

from bot.db.pull_verdicts import drop_the_word, has_the_word
from bot.db.wanted import newest_waiting, want
from bot.domain.orders import ChangeRef
from bot.errors import GiveUp, RetryLater
from bot.github import pulls
from bot.github.pulls import PullState
from bot.pipeline.attempt import Superseded
from bot.pipeline.fetch import present_head
from bot.pipeline.publisher import Publisher, or_give_up
from bot.queue.enqueue import QueueUnavailable
from bot.text import code

log = logging.getLogger(__name__)


async def present_pull(publisher: Publisher) -> PullState | None:
    """Get the current state of the pull request; None for a push.

    Raises Superseded if its head or its base is another one now, which then has an analysis. An older head that a
    person asked for is analyzed nevertheless.
    """
    claimed = publisher.claimed
    if claimed.pull_number is None:
        return None
    pull = await or_give_up(publisher, pulls.get_pull(publisher.api, claimed.full_name, claimed.pull_number))
    if speaks_for(publisher, pull):
        return pull
    is_analyzed = pull.open and await _want(publisher, _change_of(pull), rerun=False)
    if pull.head_sha == claimed.head_sha:
        raise Superseded(_sentence(f"The pull request is now compared with {code(pull.base_ref)}", is_analyzed))
    if not claimed.by_request:
        raise Superseded(_sentence(f"The head of the pull request is now {pull.head_sha[:10]}", is_analyzed))
    return pull


def speaks_for(publisher: Publisher, pull: PullState) -> bool:
    """Whether the analysis is of the present head of the pull request, against its present base."""
    return (pull.head_sha, pull.base_ref) == (publisher.claimed.head_sha, publisher.claimed.ref)


async def check_branch(publisher: Publisher) -> None:
    """Raises Superseded if the pushed branch has another head now, or if the head is that of an open pull request.

    What is analyzed instead then has an analysis.
    """
    claimed = publisher.claimed
    if claimed.pull_number is not None:
        return
    if not claimed.by_request:
        head = await present_head(publisher.context, publisher.session, claimed)
        if head is None:
            raise Superseded("The branch was deleted.")
        if head != claimed.head_sha:
            now = ChangeRef(subject=claimed.subject, ref=claimed.ref, head_sha=head, base_sha=claimed.base_sha)
            is_analyzed = await _want(publisher, now, rerun=False)
            raise Superseded(_sentence(f"The head of the branch is now {head[:10]}", is_analyzed))
    if claimed.ref == claimed.default_branch:
        return
    request = pulls.open_pull_of(publisher.api, claimed.full_name, claimed.head_sha)
    pull = await or_give_up(publisher, request)
    if pull is not None and await _want(publisher, _change_of(pull), rerun=False):
        raise Superseded("analyzed as its pull request")


async def stop_if_overtaken(publisher: Publisher) -> None:
    """Raises Superseded as `present_pull` does, if another analysis of the pull request waits for this one."""
    if await newest_waiting(publisher.context.db, publisher.claimed) is not None:
        await present_pull(publisher)


async def look_again(publisher: Publisher) -> None:
    """Look at the pull request after something was written, and make sure that another present head has an analysis.

    A worker that was silent for too long may have written after another analysis did. Then the present head is
    published once more. A failure of GitHub is only logged.
    Raises RetryLater if that is this analysis.
    """
    claimed, db = publisher.claimed, publisher.context.db
    if claimed.pull_number is None:
        return
    spoke_last = await has_the_word(db, claimed)
    try:
        pull = await or_give_up(publisher, pulls.get_pull(publisher.api, claimed.full_name, claimed.pull_number))
    except (RetryLater, GiveUp) as problem:
        log.warning("%s %s could not be looked at again: %s", claimed.full_name, claimed.subject, problem)
        return
    if speaks_for(publisher, pull):
        if not spoke_last:
            raise RetryLater("Another analysis of the pull request wrote at the same time.", after=1)
    elif pull.open:
        if not spoke_last:
            await drop_the_word(db, claimed)
        await _want(publisher, _change_of(pull), rerun=not spoke_last)


def _change_of(pull: PullState) -> ChangeRef:
    return ChangeRef(
        subject=f"pull/{pull.number}",
        ref=pull.base_ref,
        head_sha=pull.head_sha,
        base_sha=pull.base_sha,
        pull_number=pull.number,
    )


async def _want(publisher: Publisher, change: ChangeRef, *, rerun: bool) -> bool:
    """Make sure that a change has an analysis, and enqueue it. Returns False if its repository is not analyzed."""
    claimed = publisher.claimed
    change = replace(change, delivery_id=claimed.delivery_id)
    is_wanted, waiting = await want(publisher.context.db, claimed.repository_id, change, rerun=rerun)
    if waiting is not None:
        with contextlib.suppress(QueueUnavailable):  # the sweep enqueues it
            publisher.context.enqueue_change_analysis(waiting)
    return is_wanted


def _sentence(what: str, is_analyzed: bool) -> str:
    return f"{what}, which is analyzed instead." if is_analyzed else f"{what}."
