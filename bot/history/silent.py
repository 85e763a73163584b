"""Finds the contributors who left no recent trace in git, and what tells their accounts on GitHub."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.history import Contributor, FileHistory
from bot.domain.periods import INACTIVE
from bot.history.index import HistoryIndex
from bot.history.programs import login_of

# Of so many people, and so many of the changes of each.
_MOST_PEOPLE = 50
_MOST_PULLS = 20
_ACCOUNT = re.compile(r"^(\d{1,18})\+")
_PULLS = """
SELECT c.pull FROM idents i JOIN commits c ON c.author = i.id
WHERE i.person = ? AND c.pull IS NOT NULL ORDER BY c.ordinal DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A person without a recent trace in git.

    person: the number in the index.
    accounts: GitHub's ids in noreply addresses (`ID+login@users.noreply.github.com`).
    logins: those of noreply addresses without an id, in lower case.
    pulls: numbers of the pull requests of the newest changes, as their messages name them.
    """

    person: int
    accounts: frozenset[int]
    logins: frozenset[str]
    pulls: tuple[int, ...]


def silent_people(index: HistoryIndex, files: Sequence[FileHistory], now: int) -> list[Silent]:
    """Return the contributors who were not active in the time before `now`, those with the most lines first."""
    lines: dict[int, int] = {}
    for owner in (owner for file in files for owner in file.contributors):
        if not owner.is_bot and owner.lines and now - owner.last_active >= INACTIVE:
            lines[owner.person] = lines.get(owner.person, 0) + owner.lines
    chosen = sorted(lines, key=lambda person: (-lines[person], person))[:_MOST_PEOPLE]
    return [_silent(index, person) for person in chosen]


def _silent(index: HistoryIndex, person: int) -> Silent:
    rows = index.connection.execute("SELECT email FROM idents WHERE person = ?", (person,)).fetchall()
    addresses = [email for (email,) in rows if login_of(email)]
    known = {email: _ACCOUNT.match(email) for email in addresses}
    return Silent(
        person=person,
        accounts=frozenset(int(match[1]) for match in known.values() if match),
        # A login can be somebody else's after a rename, an id cannot: where there is an id, only that counts.
        logins=frozenset(login for email, match in known.items() if match is None and (login := login_of(email))),
        pulls=tuple(pull for (pull,) in index.connection.execute(_PULLS, (person, _MOST_PULLS))),
    )


def with_last_seen(files: Sequence[FileHistory], seen: Mapping[int, int]) -> tuple[FileHistory, ...]:
    """Return the files with contributors who are active as late as they were seen. seen: Unix seconds by person."""

    def active(owner: Contributor) -> Contributor:
        return replace(owner, last_active=max(owner.last_active, seen.get(owner.person, 0)))

    return tuple(replace(file, contributors=tuple(map(active, file.contributors))) for file in files)
