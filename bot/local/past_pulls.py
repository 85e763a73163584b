"""Replayed pull requests: merged changes of the default branch, with the titles, authors and dates that they had.

Each has a base branch of its own, which ends before the change. So replayed pull requests are not open beside one
another, as they were not on GitHub.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.local import git_commits
from bot.local.git_commits import Commit
from bot.local.hub import Hub
from bot.local.records import PullRequest
from bot.local.replay import Replayed, login_of, numbered, replayed, title_of_branch

_WINDOW = 300


@dataclass(frozen=True, slots=True)
class PastChange:
    """A merged change of a person. own: the commit at its head, whose author and date it has."""

    past: Replayed
    own: Commit


async def past_changes(hub: Hub, tip: str) -> AsyncIterator[PastChange]:
    """Yield the merged changes before `tip` that are not of programs, newest first."""
    line = await git_commits.log(hub.served, tip, "--first-parent", limit=_WINDOW)
    for past in reversed(replayed(line, _WINDOW)):
        found = await _own(hub, past)
        if not hub.config.is_program(found.own.author_name, found.own.author_email):
            yield found


async def _own(hub: Hub, past: Replayed) -> PastChange:
    """Read the commits of a merge. Its title is theirs, if the merge only names a branch."""
    if len(past.commit.parents) < 2:
        return PastChange(past, past.commit)
    commits = await git_commits.log(hub.served, past.head_sha, f"^{past.base_sha}", limit=2)
    if not commits:
        return PastChange(past, past.commit)
    if past.title == past.commit.subject:
        past = replace(past, title=title_of_branch(past.head_ref, commits))
    return PastChange(past, commits[0])


def pulls_of(hub: Hub, changes: Sequence[PastChange]) -> list[PullRequest]:
    """Return the pull requests of changes, given oldest first, with numbers that nothing else has."""
    taken, items = hub.state.pulls, hub.state.items
    free = [
        replace(change.past, number=None) if taken.get(change.past.number or 0) else change.past for change in changes
    ]
    issues = items.issues_among(past.number for past in free)
    highest = max(items.all.highest("number"), *(pull.number for pull in taken), 0)
    numbers = [number for number, _ in numbered(free, issues, highest)]
    return [_pull(hub, number, change) for number, change in zip(numbers, changes, strict=True)]


def _pull(hub: Hub, number: int, change: PastChange) -> PullRequest:
    past, when = change.past, _utc(change.own.timestamp)
    merge = len(past.commit.parents) > 1
    return PullRequest(
        number=number,
        title=past.title,
        body="" if merge else past.commit.message.partition("\n")[2].strip(),
        author=login_of(change.own.author_name),
        head_ref=past.head_ref,
        head_sha=past.head_sha,
        head_repository=hub.identity.full_name,
        base_ref=f"{hub.default_branch}-before-{number}",
        base_sha=past.base_sha,
        replayed=True,
        merge_commit_sha=past.commit.sha,
        created_at=when,
        updated_at=when,
    )


def _utc(timestamp: str) -> str:
    return datetime.fromisoformat(timestamp).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
