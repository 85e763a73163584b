"""Finds kinds, sizes and areas of changes that are fixed or reverted soon more often than others.

Large changes need fixes more often than small ones, whatever they are. A kind and an area are therefore compared with
other changes of the same size (Mantel–Haenszel strata); only a size is compared with smaller changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from bot.domain.changed_files import ChangedFiles
from bot.domain.fix_patterns import Repaired
from bot.domain.history import PastCommit
from bot.domain.patterns import FollowUp
from bot.domain.periods import DAY, FIX_WINDOW, YEAR
from bot.domain.project import ProjectChange
from bot.patterns.change_groups import LEAST_CHANGES, SIZES, Group, KnownChanges, Mask, change_groups, known_changes
from bot.patterns.fixes import named
from bot.patterns.intervals import LEVEL, critical, larger_share, wilson
from bot.patterns.selection import Work

_LEAST_HITS = 6
_LEAST_RATIO = 1.5
_MOST = 8
Outcome = Literal["fixed", "reverted"]


@dataclass(frozen=True, slots=True)
class _Question:
    """Which groups are fixed or reverted more often. looked_at: the number of groups times outcomes."""

    known: KnownChanges
    outcomes: Mapping[Outcome, Mask]
    looked_at: int
    years: float
    by_sha: Mapping[str, ProjectChange]


def follow_ups(work: Work, changed: ChangedFiles) -> tuple[FollowUp, ...]:
    """The groups, those with the largest difference first.

    A group is left out if a wider one says the same, or if the groups before it are the reason for its difference.
    """
    known = known_changes(work, changed)
    if len(known.changes) < 2 * LEAST_CHANGES:
        return ()
    groups = [one for one in change_groups(known) if min(one.members.sum(), one.rest.sum()) >= LEAST_CHANGES]
    fixed = np.array([_is_fixed(change) for change in known.changes])
    reverted = fixed & np.array([change.reverted for change in known.changes])
    years = max(0.25, (known.changes[-1].when - known.changes[0].when) / YEAR)
    by_sha = {change.sha: change for change in work.changes}
    question = _Question(known, {"fixed": fixed, "reverted": reverted}, 2 * len(groups), years, by_sha)
    masks = {
        judged: group
        for outcome in question.outcomes
        for group in groups
        if (judged := _judged(outcome, group, question))
    }
    found = sorted(masks, key=lambda one: (-_difference(one), one.outcome, one.kind, one.area, one.lines))
    told: list[FollowUp] = []
    for one in _without_narrower(found):
        before = [masks[other].members for other in told if other.outcome == one.outcome and not _is_size(other)]
        if _is_size(one) or not before or _is_more(one, masks[one], np.logical_or.reduce(before), question):
            told.append(one)
    return tuple(told[:_MOST])


def _is_fixed(change: ProjectChange) -> bool:
    return change.fixed_after is not None and change.fixed_after <= FIX_WINDOW


def _is_size(group: FollowUp) -> bool:
    return not (group.kind or group.area)


def _difference(group: FollowUp) -> float:
    return group.share - group.rest_share


def _is_more(one: FollowUp, group: Group, explained: Mask, question: _Question) -> bool:
    """Whether the group is above the others also without the changes that are explained already."""
    left = replace(group, members=group.members & ~explained)
    return left.members.sum() >= LEAST_CHANGES and _judged(one.outcome, left, question) is not None


def _judged(outcome: Outcome, group: Group, question: _Question) -> FollowUp | None:
    hits, known, looked_at = question.outcomes[outcome], question.known, question.looked_at
    members, rest = int(group.members.sum()), int(group.rest.sum())
    hit = int((hits & group.members).sum())
    by_size = group.area or group.kind
    expected, variance = _expected(group, hits, known) if by_size else _pooled(hit, members, hits, group.rest)
    share, rest_share = hit / members, expected / members
    if hit < _LEAST_HITS or share < _LEAST_RATIO * rest_share:
        return None
    if larger_share(hit, members, expected, variance) >= LEVEL / looked_at:
        return None
    low, high = wilson(hit, members, critical(looked_at))
    if low <= rest_share:
        return None
    places = np.flatnonzero(hits & group.members)[::-1][:5]
    return FollowUp(
        outcome=outcome,
        kind=group.kind,
        area=group.area,
        lines=group.lines,
        changes=members,
        hits=hit,
        share=round(share, 3),
        low=round(low, 3),
        high=round(high, 3),
        rest=rest,
        rest_hits=int((hits & group.rest).sum()),
        rest_share=round(rest_share, 3),
        per_year=round(members / question.years, 1),
        examples=tuple(known.changes[place].sha for place in places),
        repaired=tuple(_repaired(known.changes[place], question) for place in places),
    )


def _repaired(change: ProjectChange, question: _Question) -> Repaired:
    """A change with its fix. One that is not among the changes that are looked at has no title."""
    sha, days = change.fixed_by or "", round((change.fixed_after or 0) / DAY, 1)
    fix = question.by_sha.get(sha)
    unknown = PastCommit(sha, change.when + (change.fixed_after or 0), "")
    return Repaired(change=named(change), repair=unknown if fix is None else named(fix), days=days)


def _pooled(hit: int, members: int, hits: Mask, rest: Mask) -> tuple[float, float]:
    """(expected, variance) of the hits of a group that is compared with the rest as a whole."""
    others = int(rest.sum())
    other_hits = int((hits & rest).sum())
    share = (hit + other_hits) / (members + others)
    return members * other_hits / others, members * share * (1 - share) * (1 + members / others)


def _expected(group: Group, hits: Mask, known: KnownChanges) -> tuple[float, float]:
    """(expected, variance) of the hits of an area, if each of its changes were like those of its size elsewhere."""
    expected = variance = 0.0
    for stratum in range(len(SIZES) + 1):
        inside, outside = group.members & (known.strata == stratum), group.rest & (known.strata == stratum)
        members, others = int(inside.sum()), int(outside.sum())
        if not members:
            continue
        source = outside if others >= 5 else group.rest
        other_hits, others = int((hits & source).sum()), int(source.sum())
        share = (int((hits & inside).sum()) + other_hits) / (members + others)
        expected += members * other_hits / others
        variance += members * share * (1 - share) * (1 + members / others)
    return expected, variance


def _without_narrower(found: Sequence[FollowUp]) -> list[FollowUp]:
    """Leave out all sizes but the one with the most hits above the expected, and what a wider group says already."""
    sizes = [one for one in found if _is_size(one)]
    most = {
        outcome: max((one for one in sizes if one.outcome == outcome), key=_excess, default=None)
        for outcome in ("fixed", "reverted")
    }
    kept = [one for one in most.values() if one is not None]
    others = [one for one in found if one not in sizes]
    for one in sorted(others, key=lambda group: (bool(group.kind) + bool(group.area), group.area, group.lines)):
        if not any(_contains(wider, one) and _difference(one) < 1.3 * _difference(wider) for wider in kept):
            kept.append(one)
    return [one for one in found if one in kept]


def _excess(group: FollowUp) -> float:
    return group.hits - group.changes * group.rest_share


def _contains(wider: FollowUp, one: FollowUp) -> bool:
    """Whether one is a part of the wider group; a size is no wider group of a kind or an area."""
    if _is_size(wider) or wider.outcome != one.outcome:
        return False
    return wider.kind in ("", one.kind) and one.area.startswith(wider.area) and one.lines >= wider.lines
