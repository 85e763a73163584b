"""Reads who made the commits that a head has and its base does not, and their messages."""

from dataclasses import dataclass
from pathlib import Path

from bot.git.log import known_time
from bot.git.run import EMPTY_TREES, checked_sha, git
from bot.process import MIB

_MOST_COMMITS = 250
_FIELDS = 7
_MAX_IDENT = 500


@dataclass(frozen=True, slots=True)
class CommitFacts:
    """A commit.

    author, committer: name and mail address.
    when: the committer time in Unix seconds; None if the commit has no known date.
    """

    author: tuple[str, str]
    committer: tuple[str, str]
    when: int | None
    is_merge: bool
    message: str


async def commits_between(repository: Path, base: str, head: str) -> tuple[CommitFacts, ...]:
    """Return the newest 250 commits of a head that its base does not have, the head first. Raises GitError.

    If the base is the empty tree or has the head, only the head is returned.
    """
    form = "--format=format:%P%x00%an%x00%ae%x00%cn%x00%ce%x00%ct%x00%B"
    options = ("-z", form, "--encoding=UTF-8", "--no-show-signature", "--no-mailmap", "--no-patch")
    shas = [checked_sha(head), *([] if base in EMPTY_TREES else [f"^{checked_sha(base)}"])]
    count = 1 if base in EMPTY_TREES else _MOST_COMMITS
    output = await git(
        repository, "log", *options, f"--max-count={count}", "--end-of-options", *shas, "--", max_output=16 * MIB
    )
    if not output:
        output = await git(repository, "log", *options, "--max-count=1", "--end-of-options", checked_sha(head), "--")
    return parse_commits(output)


def parse_commits(output: bytes) -> tuple[CommitFacts, ...]:
    """Parse records of seven fields, each field but the last of all with a NUL behind it."""
    fields = output.split(b"\0")
    return tuple(_facts(fields[start : start + _FIELDS]) for start in range(0, len(fields) - _FIELDS + 1, _FIELDS))


def _facts(fields: list[bytes]) -> CommitFacts:
    parents, message = (fields[index].decode("utf-8", "replace") for index in (0, 6))
    name, email, committer, committer_email = (one[:_MAX_IDENT].decode("utf-8", "replace") for one in fields[1:5])
    when = known_time(fields[5])
    return CommitFacts((name, email), (committer, committer_email), when, " " in parents, message)
