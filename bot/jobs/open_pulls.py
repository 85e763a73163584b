"""Other open pull requests beside the one at hand: read before it is analyzed, remembered for the next afterwards."""

import logging
from dataclasses import replace
from pathlib import Path

from bot.db import open_pulls
from bot.domain import Change, Report
from bot.git.run import EMPTY_TREE, GitError
from bot.git.shared import share_commits
from bot.github.pulls import PullState
from bot.jobs.work import Work
from bot.touched import OpenPull

log = logging.getLogger(__name__)


async def with_open_pulls(work: Work, mirror: Path, pull: PullState | None, change: Change) -> Change:
    """The change with the others into the same branch that touch its files or their companions, and do not share
    commits with it: whoever builds upon another pull request knows of it.
    """
    number = work.claimed.pull_number
    if pull is None or number is None or change.merge_base == EMPTY_TREE:
        return change
    paths = {file.old_path or file.path for file in change.files}
    for past in change.history.files if change.history else ():
        paths.update(companion.path for companion in past.companions)
    found = await open_pulls.open_pulls_at(
        work.context.db,
        work.claimed.repository_id,
        pull.base_ref,
        beside=number,
        head_sha=change.head_sha,
        paths=paths,
    )
    others = [other for other in found if await _apart(mirror, change, other)]
    return replace(change, open_pulls=tuple(others))


async def _apart(mirror: Path, change: Change, other: OpenPull) -> bool:
    try:
        return not await share_commits(mirror, change.head_sha, other.head_sha, change.merge_base)
    except GitError as problem:
        log.info("nothing is said of pull request %d: %s", other.number, problem)
        return False


async def remember(work: Work, pull: PullState | None, report: Report) -> None:
    """Keep what this head touches while its pull request is open. pull: as GitHub had it a moment ago."""
    claimed, db = work.claimed, work.context.db
    if pull is None or claimed.pull_number is None:
        return
    if pull.open:
        own = OpenPull(claimed.pull_number, claimed.head_sha, report.touched)
        await open_pulls.remember_touched(db, claimed.repository_id, pull.base_ref, own)
    else:
        await open_pulls.forget_touched(db, claimed.repository_id, claimed.pull_number)
