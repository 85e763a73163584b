"""Who is active although git does not show it: who reviewed or merged on GitHub lately, as far as it is synced.

Accounts are joined with the persons of the history index by GitHub's noreply addresses, else by who opened the pull
requests that a person wrote. Where neither tells, nothing changes.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from bot.db.engine import Database
from bot.db.engine import now as present
from bot.db.presence import authors_of_pulls, seen_since
from bot.domain.history import FileHistory, HistoryFacts
from bot.domain.items import Account
from bot.domain.periods import INACTIVE
from bot.history.index import opened
from bot.history.schema import IndexUnusable
from bot.history.silent import Silent, silent_people, with_last_seen

log = logging.getLogger(__name__)

# Somebody else opens a pull request with a person's commits now and then, such as a backport.
_LEAST_SHARE = 0.5


async def with_presence(facts: HistoryFacts, db: Database, repository_id: UUID, index: Path) -> HistoryFacts:
    """Return the history of a change with the contributors who were seen on GitHub as active."""
    try:
        seen = await last_seen(db, repository_id, index, facts.files, facts.now)
    except IndexUnusable as problem:
        log.warning("who is active on GitHub is not known: %s: %s", index.name, problem)
        return facts
    return replace(facts, files=with_last_seen(facts.files, seen)) if seen else facts


async def last_seen(
    db: Database, repository_id: UUID, index: Path, files: Sequence[FileHistory], now: int
) -> Mapping[int, int]:
    """Return when contributors who seem inactive were last seen on GitHub, in Unix seconds by person.

    Only of those who were within the time before `now`. Raises IndexUnusable.
    """

    def read() -> list[Silent]:
        with opened(index) as open_index:
            return silent_people(open_index, files, now)

    silent = await asyncio.to_thread(read)
    if not silent:
        return {}
    # The date of a commit is its author's word: it can be in any year.
    moment = min(now, int(present().timestamp()))
    seen = await seen_since(db, repository_id, datetime.fromtimestamp(moment - INACTIVE, UTC))
    if not seen:
        return {}
    opened_by = await authors_of_pulls(db, repository_id, {number for one in silent for number in one.pulls})
    times = {one.person: _last(one, seen, opened_by) for one in silent}
    return {person: time for person, time in times.items() if time}


def _last(one: Silent, seen: Mapping[Account, datetime], opened_by: Mapping[int, Account]) -> int:
    """Return when a person was last seen; 0 for never."""
    accounts = one.accounts | _usual_opener(one, opened_by)
    times = [at for account, at in seen.items() if _is(account, accounts, one.logins)]
    return max((int(at.timestamp()) for at in times), default=0)


def _usual_opener(one: Silent, opened_by: Mapping[int, Account]) -> set[int]:
    """Return the account that opened more than half of the pull requests of a person, if there is one."""
    counts = Counter(opened_by[number].github_id for number in one.pulls if number in opened_by)
    return {account for account, count in counts.items() if count > counts.total() * _LEAST_SHARE}


def _is(account: Account, accounts: set[int] | frozenset[int], logins: frozenset[str]) -> bool:
    return account.github_id in accounts or account.login.lower() in logins
