"""Which changes the labels of GitHub name as fixes, as far as issues and pull requests are synced.

A pull request is a fix if it is labelled as one, or if its description closes an issue that is. The index reads the
rest: a message that closes such an issue, and which change merges which pull request.
"""

import re
from collections import Counter
from uuid import UUID

from bot.db.engine import Database
from bot.db.labelled import faults_among, labelled_faults, merged_bodies
from bot.domain.items import MAX_BODY
from bot.history.messages import closed_issues
from bot.pipeline.open_pulls import PullScope

# Templates tell in comments how to close an issue. An issue that so many close is the example of a template, too.
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_MOST_CLOSING = 10


async def known_faults(db: Database, repository_id: UUID, newest: int | None = None) -> frozenset[int] | None:
    """Return the numbers of the issues and pull requests that are faults or fix one; None before the first sync.

    newest: only those with the highest numbers, and what these pull requests close; None for all.
    """
    faults = await labelled_faults(db, repository_id, newest)
    if faults is None:
        return None
    bodies = merged_bodies(db, repository_id, newest)
    closing = {number: closed async for number, body in bodies if (closed := _closed(body))}
    times = Counter(issue for closed in closing.values() for issue in closed)
    faults |= await faults_among(db, repository_id, times.keys() - faults) if newest is not None else frozenset()
    told = {issue for issue in faults if times[issue] <= _MOST_CLOSING}
    return faults.union(number for number, closed in closing.items() if not told.isdisjoint(closed))


async def is_labelled_fix(scope: PullScope, title: str) -> bool:
    """Return whether a pull request, or an issue that it closes, is labelled as a fault."""
    numbers = {scope.number, *closed_issues(title), *_closed(scope.body)}
    return bool(await faults_among(scope.db, scope.claimed.repository_id, numbers))


def _closed(body: str) -> tuple[int, ...]:
    return closed_issues(_COMMENT.sub("", body[:MAX_BODY]))
