"""Selects the merged commits to replay as pull requests, and finds their numbers, branches and titles.

Pure functions on the first-parent history of the default branch.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from bot.local.git_commits import Commit

# The share of merge commits among the newest first-parent commits shows whether the project squashes.
_WINDOW = 40
_SHARE_OF_MERGES = 0.25
_MERGE = re.compile(r"Merge pull request #(\d{1,9}) from (\S+)")
_MERGED_BRANCH = re.compile(r"Merge (?:remote-tracking )?branch '(?:origin/)?([^']{1,200})'")
_SQUASHED = re.compile(r"\s*\(#(\d{1,9})\)\s*$")


@dataclass(frozen=True)
class Replayed:
    """A merged commit as a pull request. number: the one in its message, if any."""

    commit: Commit
    base_sha: str
    head_sha: str
    head_ref: str
    title: str
    number: int | None


def replayed(line: Sequence[Commit], newest: int) -> list[Replayed]:
    """Return the newest pull requests, oldest first. line: the first-parent history, newest first."""
    window = line[:_WINDOW]
    merges = sum(len(commit.parents) > 1 for commit in window)
    uses_merge_commits = merges > 0 and merges >= _SHARE_OF_MERGES * len(window)
    chosen = [commit for commit in line if len(commit.parents) > 1 or (commit.parents and not uses_merge_commits)]
    return [_as_pull_request(commit) for commit in reversed(chosen[:newest])]


def _as_pull_request(commit: Commit) -> Replayed:
    number, head_ref, title = _number_branch_title(commit)
    head = commit.parents[1] if len(commit.parents) > 1 else commit.sha
    return Replayed(commit, commit.parents[0], head, head_ref, title or "(no title)", number)


def _number_branch_title(commit: Commit) -> tuple[int | None, str, str]:
    subject, _, rest = commit.message.partition("\n")
    fallback = f"change-{commit.sha[:7]}"
    if match := _MERGE.match(subject):
        branch = match[2].partition("/")[2] or fallback
        title = next((text.strip() for text in rest.splitlines() if text.strip()), branch)
        return int(match[1]), branch, _SQUASHED.sub("", title)
    if match := _MERGED_BRANCH.match(subject):
        return None, match[1], subject.strip()
    if match := _SQUASHED.search(subject):
        return int(match[1]), fallback, subject[: match.start()].strip()
    return None, fallback, subject.strip()


def numbered(pulls: Sequence[Replayed], issues: Set[int] = frozenset(), highest: int = 0) -> list[tuple[int, Replayed]]:
    """Give each pull request a number: its own if that is unique, otherwise the next one above all others.

    issues: numbers that issues have.
    highest: the highest number that is in use.
    """
    numbers = [pull.number for pull in pulls if pull.number]
    unique = {number for number in numbers if numbers.count(number) == 1} - issues
    next_number = 1 + max(highest, *unique, 0)
    result = []
    for pull in pulls:
        if pull.number in unique:
            result.append((pull.number or 0, pull))
        else:
            result.append((next_number, pull))
            next_number += 1
    return result


def title_of_branch(branch: str, commits: Sequence[Commit]) -> str:
    """Return the title that GitHub proposes: the subject of a single commit, or the name of the branch as words."""
    if len(commits) == 1 and commits[0].subject:
        return commits[0].subject
    words = re.sub(r"[-_]+", " ", branch).strip() or branch
    return words[:1].upper() + words[1:]


def login_of(name: str) -> str:
    """Return a login made from an author's name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:39] or "ghost"
