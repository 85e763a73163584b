"""Commands of git with which a reader can count the numbers of an insight again. Pure.

They stand under the key `receipts` of the evidence, which dismissals do not look at (`domain.dismissals`).
"""

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.fix_patterns import Repaired
from bot.domain.history import PastCommit
from bot.text import code

_SHA = re.compile(r"[0-9a-f]{40,64}")
# Names of strangers that a shell could take for something else are not put into a command, quoted or not.
_PLAIN = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9_.@/+ -]{0,250}")
_SHORT = 10
# The days in the texts are those of UTC, and so are those that the commands print.
_LOG = "TZ=UTC git log"
_FORMAT = "--date=short-local --format='%h %cd %s'"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a command shows, and the command."""

    shows: str
    command: str


def listed(shows: str, commits: Sequence[PastCommit]) -> list[Receipt]:
    """The receipt that lists these commits."""
    shas = [one.sha[:_SHORT] for one in commits if _SHA.fullmatch(one.sha)]
    if not shas:
        return []
    return [Receipt(shows, " ".join([f"{_LOG.replace('log', 'log --no-walk', 1)} {_FORMAT}", *shas]))]


def with_files(shows: str, commits: Sequence[PastCommit]) -> list[Receipt]:
    """The receipt that lists these commits with their files."""
    return [
        Receipt(one.shows, one.command.replace("git log", "git log --name-only", 1)) for one in listed(shows, commits)
    ]


def touching(shows: str, path: str, since: int) -> list[Receipt]:
    """The receipt that lists all changes of a path since a time (Unix seconds); of an empty path, of everything."""
    if path and not is_plain(path):
        return []
    where = f" -- {shlex.quote(path)}" if path else ""
    return [Receipt(shows, f"{_LOG} --first-parent --since={day(since)} {_FORMAT}{where}")]


def searched(shows: str, option: str, path: str) -> list[Receipt]:
    """The receipt that counts the lines of a file that have an option; a manual page escapes its hyphens."""
    if not (is_plain(path) and is_plain(option.lstrip("-"))):
        return []
    pattern = option.replace("-", r"\\?-") + "([^a-z0-9-]|$)"
    return [Receipt(shows, f"git grep -cE -e {shlex.quote(pattern)} HEAD -- {shlex.quote(path)}")]


def declared(shows: str, option: str, path: str) -> list[Receipt]:
    """The receipt that lists the lines of a file that name an option: `--no-wait`, `"no-wait"` or a field `no_wait`."""
    if not (is_plain(path) and is_plain(option.lstrip("-"))):
        return []
    name = option.lstrip("-")
    pattern = f'--{name}([^a-z0-9-]|$)|"{name}"| {name.replace("-", "_")}:'
    return [Receipt(shows, f"git grep -nE -e {shlex.quote(pattern)} HEAD -- {shlex.quote(path)}")]


def is_plain(text: str) -> bool:
    """Whether a name can stand in a command that a reader copies."""
    return _PLAIN.fullmatch(text) is not None


def in_evidence(receipts: Iterable[Receipt]) -> list[dict[str, str]]:
    """As JSON values."""
    return [{"shows": one.shows, "command": one.command} for one in receipts]


def day(seconds: int) -> str:
    """A day: `2026-07-18`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


def commit_words(commit: PastCommit) -> str:
    """A commit in a sentence: sha, day and title."""
    return f"{commit.sha[:_SHORT]} ({day(commit.when)}, {code(commit.subject, 90)})"


def commits_words(commits: Sequence[PastCommit], most: int) -> str:
    """Some commits in a sentence."""
    return "; ".join(commit_words(one) for one in commits[:most])


def repaired_words(repaired: Sequence[Repaired], most: int, verb: str = "repaired") -> str:
    """Some changes with their repairs in a sentence. verb: what the repair did to the change."""
    return "; ".join(
        f"{commit_words(one.change)}, {verb} {_after(one.days)} by {one.repair.sha[:_SHORT]} "
        f"({code(one.repair.subject, 90) if one.repair.subject else 'another change'})"
        for one in repaired[:most]
    )


def _after(days: float) -> str:
    if days < 1:
        return "within a day"
    return f"after {days:.0f} day{'' if round(days) == 1 else 's'}"
