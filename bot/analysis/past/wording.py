"""Words on earlier commits, and what a change says of them itself. Pure."""

import re
from datetime import UTC, datetime
from typing import Any

from bot.domain.earlier import EarlierCommit
from bot.domain.history import PastCommit
from bot.domain.insights import Location
from bot.text import code, plain

_NUMBER = re.compile(r"(?:#|\b[Gg][Hh]-|/(?:issues|pull)/)(\d{1,9})\b")
_SHA = re.compile(r"\b[0-9a-f]{7,40}\b")
_MAX_PLACES = 3


def day(when: int) -> str:
    """Return the date of a moment in UTC."""
    return datetime.fromtimestamp(when, UTC).date().isoformat()


def receipt(commit: EarlierCommit | PastCommit) -> str:
    """Return the commit as a reader can find it: short sha, date, subject, and its pull request."""
    pull = commit.pull if isinstance(commit, EarlierCommit) else None
    number = f" (pull request {pull})" if pull and f"#{pull}" not in commit.subject else ""
    return f"{commit.sha[:10]} of {day(commit.when)}, {code(commit.subject, 120)}{number}"


def commit_json(commit: EarlierCommit | PastCommit) -> dict[str, Any]:
    """Return a commit as evidence."""
    return {"sha": commit.sha, "when": commit.when, "date": day(commit.when), "subject": plain(commit.subject)}


def numbers_of(commit: EarlierCommit | PastCommit) -> set[int]:
    """Return the issues and the pull request that a commit names in its subject, and the issues that it closes."""
    named = {int(number) for number in _NUMBER.findall(commit.subject)}
    if isinstance(commit, EarlierCommit):
        named |= {*commit.issues, *([commit.pull] if commit.pull else [])}
    return named


def names(message: str, commit: EarlierCommit | PastCommit) -> bool:
    """Return whether a message names a commit: by its sha, its subject, or the number of its issue or pull request."""
    if numbers_of(commit) & {int(number) for number in _NUMBER.findall(message)}:
        return True
    subject = " ".join(commit.subject.lower().split())
    if len(subject) > 12 and subject in " ".join(message.lower().split()):
        return True
    return any(commit.sha.startswith(found) for found in _SHA.findall(message))


def places(path: str, numbers: list[int]) -> tuple[Location, ...]:
    """Return the first ranges of consecutive lines."""
    found: list[Location] = []
    for number in sorted(set(numbers)):
        if found and number <= found[-1].end_line + 1:
            found[-1] = Location(path, found[-1].start_line, number)
        else:
            found.append(Location(path, number, number))
    return tuple(found[:_MAX_PLACES])
