"""Finds who made a change, and its title where no pull request gives one."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bot.domain.kinds import Kind
from bot.git.commits import CommitFacts, commits_between
from bot.history.messages import read_message
from bot.history.people import Ident
from bot.history.programs import is_bot


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who made a change.

    author: who wrote most of its commits; not who merged them. None if nobody is known.
    others: who else wrote, committed or merged some of it.
    title: of the head; for a merge the title of its pull request, never the name of a branch.
    when: the time of the head in Unix seconds; None if it is not known.
    pulls: how many pull requests its commits merge.
    """

    author: Ident | None
    others: tuple[Ident, ...]
    title: str
    when: int | None
    pulls: int = 0


async def read_authorship(git_dir: Path, base: str, head: str) -> Authorship:
    """Read who made the change between two commits. Raises GitError if one is missing."""
    commits = await commits_between(git_dir, base, head)
    written = [commit for commit in commits if not commit.is_merge] or list(commits)
    counts = Counter(commit.author for commit in written)
    ranked = sorted(counts, key=lambda ident: (is_bot(*ident), -counts[ident], ident))
    author = next(iter(ranked), None)
    people = [*ranked, *(commit.author for commit in commits), *(commit.committer for commit in commits)]
    others = tuple(ident for ident in dict.fromkeys(people) if ident != author and not is_bot(*ident))
    pulls = {read_message(commit.message, merge=commit.is_merge).pull for commit in commits} - {None}
    return Authorship(author, others, _title(commits, written), commits[0].when, len(pulls))


def _title(commits: tuple[CommitFacts, ...], written: list[CommitFacts]) -> str:
    """Return the title of the head; the subject of the first commit, if the head only says what it merges."""
    head = read_message(commits[0].message, merge=commits[0].is_merge)
    if head.kind is not Kind.MERGE:
        return head.subject
    first = read_message(written[-1].message, merge=written[-1].is_merge)
    return first.subject
