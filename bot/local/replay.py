"""Which commits of the past are replayed as pull requests, and how those were called.

Pure functions on the first-parent line of the default branch.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.local.git_commits import Commit

# So many newest first-parent commits tell whether a project merges by merge commits or by squashing.
_WINDOW = 40
_SHARE_OF_MERGES = 0.25
_MERGE = re.compile(r"Merge pull request #(\d{1,9}) from (\S+)")
_MERGED_BRANCH = re.compile(r"Merge (?:remote-tracking )?branch '(?:origin/)?([^']{1,200})'")
_SQUASHED = re.compile(r"\s*\(#(\d{1,9})\)\s*$")


@dataclass(frozen=True)
class Replayed:
    """A commit of the past as the pull request that it was."""

    commit: Commit
    base_sha: str
    head_sha: str
    head_ref: str
    title: str
    number: int | None


def replayed(line: Sequence[Commit], newest: int) -> list[Replayed]:
    """The newest pull requests on the first-parent line (newest first), oldest first."""
    window = line[:_WINDOW]
    merges = sum(len(commit.parents) > 1 for commit in window)
    merging = merges > 0 and merges >= _SHARE_OF_MERGES * len(window)
    chosen = [commit for commit in line if len(commit.parents) > 1 or (commit.parents and not merging)]
    return [_as_pull_request(commit) for commit in reversed(chosen[:newest])]


def _as_pull_request(commit: Commit) -> Replayed:
    number, head_ref, title = _called(commit)
    head = commit.parents[1] if len(commit.parents) > 1 else commit.sha
    return Replayed(commit, commit.parents[0], head, head_ref, title or "(no title)", number)


def _called(commit: Commit) -> tuple[int | None, str, str]:
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


def numbered(pulls: Sequence[Replayed], taken: Collection[int] = ()) -> list[tuple[int, Replayed]]:
    """Each with its own number where that is unique, else with the next one that is free above all."""
    said = [pull.number for pull in pulls if pull.number]
    unique = {number for number in said if said.count(number) == 1 and number not in taken}
    free = 1 + max((*unique, *taken), default=0)
    result = []
    for pull in pulls:
        if pull.number in unique:
            result.append((pull.number or 0, pull))
        else:
            result.append((free, pull))
            free += 1
    return result


def title_of_branch(branch: str, commits: Sequence[Commit]) -> str:
    """What GitHub proposes: the subject of a single commit, else the branch's name as a sentence."""
    if len(commits) == 1 and commits[0].subject:
        return commits[0].subject
    words = re.sub(r"[-_]+", " ", branch).strip() or branch
    return words[:1].upper() + words[1:]


def login_of(name: str) -> str:
    """A login made from an author's name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:39] or "ghost"
