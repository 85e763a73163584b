"""Finds the commits of merged side branches and their authors. A commit belongs to the first merge that includes it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.history.people import Ident
from bot.history.programs import is_bot
from bot.history.records import SideRecord


@dataclass(frozen=True, slots=True)
class MergedCommits:
    """The commits that one merge introduced.

    authors: the author with the most commits first, bots last.
    """

    authors: tuple[Ident, ...]
    shas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SideBranches:
    """All merged side branches.

    by_merge: the introduced commits by the sha of the merge.
    first_parent_commits: the number of first-parent commits up to the head.
    """

    by_merge: dict[str, MergedCommits]
    first_parent_commits: int


def read_side_branches(records: Iterable[SideRecord], head: str) -> SideBranches:
    """Find the commits that each merge on the first-parent line of `head` introduced.

    The merges are visited from the oldest to the newest, so that each commit belongs to the first merge.
    """
    commits: dict[str, tuple[tuple[str, ...], Ident]] = {}
    idents: dict[Ident, Ident] = {}
    for record in records:
        ident = (record.name, record.email)
        commits[record.sha] = (record.parents, idents.setdefault(ident, ident))
    chain = []
    current: str | None = head
    while current in commits:
        chain.append(current)
        parents = commits[current][0]
        current = parents[0] if parents else None
    seen = set(chain)
    by_merge = {}
    for sha in reversed(chain):
        if len(commits[sha][0]) > 1 and (new := _new_commits(commits, sha, seen)):
            by_merge[sha] = _merged_commits(commits, new)
    return SideBranches(by_merge, len(chain))


def _new_commits(commits: dict[str, tuple[tuple[str, ...], Ident]], merge: str, seen: set[str]) -> list[str]:
    """Return the commits that a merge can reach and no earlier one could. Adds them to `seen`."""
    found = []
    waiting = list(commits[merge][0][1:])
    while waiting:
        sha = waiting.pop()
        if sha in seen or sha not in commits:
            continue
        seen.add(sha)
        found.append(sha)
        waiting.extend(commits[sha][0])
    return found


def _merged_commits(commits: dict[str, tuple[tuple[str, ...], Ident]], shas: list[str]) -> MergedCommits:
    counts = Counter(commits[sha][1] for sha in shas if len(commits[sha][0]) < 2)
    ranked = sorted(counts, key=lambda ident: (is_bot(*ident), -counts[ident], ident))
    return MergedCommits(tuple(ranked), tuple(shas))
