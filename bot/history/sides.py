"""Who wrote what a merge brought: the commits of the side branches, credited to the merge that brought them first."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.history.people import Ident, is_bot
from bot.history.records import SideRecord


@dataclass(frozen=True, slots=True)
class Side:
    """What one merge brought. authors: most commits first; shas: of those commits."""

    authors: tuple[Ident, ...]
    shas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """By the merge's sha; `changes` counts the first-parent commits up to the head."""

    by_merge: dict[str, Side]
    changes: int


def read_side_branches(records: Iterable[SideRecord], head: str) -> Sides:
    """Walk down the first parents from `head`, then up again, and give each merge what no earlier one brought."""
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
        if len(commits[sha][0]) > 1 and (brought := _brought(commits, sha, seen)):
            by_merge[sha] = _side(commits, brought)
    return Sides(by_merge, len(chain))


def _brought(commits: dict[str, tuple[tuple[str, ...], Ident]], merge: str, seen: set[str]) -> list[str]:
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


def _side(commits: dict[str, tuple[tuple[str, ...], Ident]], shas: list[str]) -> Side:
    counts = Counter(commits[sha][1] for sha in shas if len(commits[sha][0]) < 2)
    ranked = sorted(counts, key=lambda ident: (is_bot(*ident), -counts[ident], ident))
    return Side(tuple(ranked), tuple(shas))
