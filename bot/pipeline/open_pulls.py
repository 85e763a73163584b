"""Other open pull requests beside the one at hand: read before it is analyzed, remembered for the next afterwards."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.db import analyses, open_pulls
from bot.db.analyses import Claimed
from bot.db.engine import Database
from bot.domain.change import Change, Report
from bot.domain.open_pulls import OpenPull
from bot.git.run import EMPTY_TREE, GitError
from bot.git.shared import share_commits
from bot.github.pulls import PullState

log = logging.getLogger(__name__)


@dataclass(slots=True)
class OpenPulls:
    """What one analysis knows of the others. pull: as GitHub had its own when it began; None for a push.

    known: the numbers that were read so far.
    """

    db: Database
    claimed: Claimed
    mirror: Path
    pull: PullState | None
    known: set[int] = field(default_factory=set)

    async def beside(self, change: Change) -> Change:
        """The change with the others into the same branch that touch its files or their companions, and do not share
        commits with it: whoever builds upon another pull request knows of it.
        """
        if change.merge_base == EMPTY_TREE:
            return change
        paths = {file.old_path or file.path for file in change.files}
        for past in change.history.files if change.history else ():
            paths.update(companion.path for companion in past.companions)
        found = await self._read(paths)
        self.known |= {other.number for other in found}
        others = [other for other in found if await self._apart(change, other)]
        return replace(change, open_pulls=tuple(others))

    async def one_came_between(self, report: Report) -> bool:
        """Remember what this one touches, and look whether another was remembered since `beside` read.

        Each writes before it looks again. So of two that are analyzed at the same moment, one at least sees the other.
        """
        claimed, pull = self.claimed, self.pull
        if pull is None or claimed.pull_number is None or not pull.open or report.merge_base == EMPTY_TREE:
            return False
        if not await analyses.is_newest(self.db, claimed):
            return False  # what the newer head touches must stand
        own = OpenPull(claimed.pull_number, claimed.head_sha, report.touched)
        await open_pulls.save_touched(self.db, claimed.repository_id, pull.base_ref, own)
        return any(other.number not in self.known for other in await self._read(report.touched.files))

    async def _read(self, paths: Iterable[str]) -> tuple[OpenPull, ...]:
        claimed, pull = self.claimed, self.pull
        if pull is None or claimed.pull_number is None:
            return ()
        return await open_pulls.open_pulls_at(
            self.db,
            claimed.repository_id,
            pull.base_ref,
            beside=claimed.pull_number,
            head_sha=claimed.head_sha,
            paths=set(paths),
        )

    async def _apart(self, change: Change, other: OpenPull) -> bool:
        try:
            return not await share_commits(self.mirror, change.head_sha, other.head_sha, change.merge_base)
        except GitError as problem:
            log.info("nothing is said of pull request %d: %s", other.number, problem)
            return False


async def forget_closed(db: Database, claimed: Claimed, pull: PullState | None) -> None:
    """Nobody meets a pull request that was closed while it was analyzed. pull: as GitHub had it a moment ago."""
    if pull is not None and not pull.open and claimed.pull_number is not None:
        await open_pulls.delete_touched(db, claimed.repository_id, claimed.pull_number)
