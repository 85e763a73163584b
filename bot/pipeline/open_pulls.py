"""Compares a pull request with other open ones, and stores its changed files and functions for their analyses."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.db import open_pulls
from bot.db.analyses import Claimed
from bot.db.engine import Database
from bot.domain.change import Change, Report
from bot.domain.open_pulls import OpenPull
from bot.git.run import EMPTY_TREES, GitError
from bot.git.shared import share_commits
from bot.github.pulls import PullState

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PullScope:
    """The analyzed pull request.

    number: of the pull request.
    base_ref: its base branch. Only other pull requests into the same branch are compared with it.
    open: whether it was open when the analysis began, and its head was the analyzed one.
    body: as its author wrote it.
    """

    db: Database
    claimed: Claimed
    number: int
    base_ref: str
    open: bool
    body: str = ""


def pull_scope(db: Database, claimed: Claimed, pull: PullState | None) -> PullScope | None:
    """Return the scope of an analysis; None for a push. pull: the current state of the pull request."""
    if pull is None or claimed.pull_number is None:
        return None
    is_open = pull.open and pull.head_sha == claimed.head_sha
    return PullScope(db, claimed, claimed.pull_number, pull.base_ref, is_open, pull.body)


async def other_pulls(scope: PullScope, change: Change) -> tuple[OpenPull, ...]:
    """Return the other pull requests that change the same files or their companions."""
    if change.merge_base in EMPTY_TREES:
        return ()
    paths = {file.old_path or file.path for file in change.files}
    for file in change.history.files if change.history else ():
        paths.update(companion.path for companion in file.companions)
    return await _others_at(scope, paths)


async def independent_of(mirror: Path, change: Change, others: Sequence[OpenPull]) -> tuple[OpenPull, ...]:
    """Return the other pull requests that share no commits with the change. Stacked pull requests are not compared."""
    return tuple([other for other in others if await _is_independent(mirror, change, other)])


async def store_touched_and_recheck(scope: PullScope, report: Report) -> bool:
    """Store the changed files and functions of the pull request. Returns whether the report must be made again.

    It must if another pull request was stored since the report was made. Each analysis stores before it checks again,
    so that of two concurrent analyses at least one finds the other pull request.
    """
    claimed = scope.claimed
    if not scope.open or report.merge_base in EMPTY_TREES:
        return False
    own = OpenPull(scope.number, claimed.head_sha, report.touched)
    await open_pulls.save_touched(scope.db, claimed.repository_id, scope.base_ref, own)
    others = await _others_at(scope, report.touched.files)
    return any(other.number not in report.compared_pulls for other in others)


async def delete_touched_of_closed(db: Database, claimed: Claimed, pull: PullState | None) -> None:
    """Delete the stored files and functions of a pull request that was closed during its analysis.

    pull: the current state of the pull request.
    """
    if pull is not None and not pull.open and claimed.pull_number is not None:
        await open_pulls.delete_touched(db, claimed.repository_id, claimed.pull_number)


async def _others_at(scope: PullScope, paths: Iterable[str]) -> tuple[OpenPull, ...]:
    return await open_pulls.open_pulls_at(
        scope.db,
        scope.claimed.repository_id,
        scope.base_ref,
        exclude=scope.number,
        head_sha=scope.claimed.head_sha,
        paths=set(paths),
    )


async def _is_independent(mirror: Path, change: Change, other: OpenPull) -> bool:
    try:
        return not await share_commits(mirror, change.head_sha, other.head_sha, change.merge_base)
    except GitError as problem:
        log.info("pull request %d is not compared: %s", other.number, problem)
        return False
