"""Finds areas, labels and sizes of pull requests that wait longer than the others. Persons are never looked at."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bot.domain.changed_files import ChangedFiles
from bot.domain.items import Item, ItemKind, Response
from bot.domain.patterns import ItemExample, SlowReview
from bot.domain.periods import DAY, YEAR
from bot.domain.project import Project
from bot.patterns.intervals import LEVEL, critical, larger_values, median_interval
from bot.patterns.selection import Work, areas_of

_LEAST = 15
_LEAST_RATIO = 1.5
_LEAST_DAYS = 1.0
_MOST = 5
_SIZES = (50, 150, 400)  # changed lines
Measure = Literal["first_response", "merge"]
GroupName = Literal["area", "label", "size"]


@dataclass(frozen=True, slots=True)
class _Waited:
    """A pull request of a person, the groups that it belongs to, and how long it waited, in days; None if unknown."""

    pull: Item
    groups: frozenset[tuple[GroupName, str]]
    first_response: float | None
    merge: float | None


def slow_reviews(project: Project, work: Work, changed: ChangedFiles) -> tuple[SlowReview, ...]:
    """The groups that wait longest, the largest difference first. A size is told once, the smallest that is slow."""
    waited = _waited(project, work, changed)
    if len(waited) < 2 * _LEAST:
        return ()
    by_group: dict[tuple[GroupName, str], list[_Waited]] = defaultdict(list)
    for one in waited:
        for group in one.groups:
            by_group[group].append(one)
    measures: tuple[Measure, ...] = ("first_response", "merge") if project.responses else ("merge",)
    known = {group: members for group, members in by_group.items() if len(members) >= _LEAST}
    looked_at = len(known) * len(measures)
    years = max(0.25, (work.until - min(one.pull.created_at.timestamp() for one in waited)) / YEAR)
    found = [
        judged
        for measure in measures
        for group, members in sorted(known.items())
        if (judged := _judged(measure, group, members, waited, looked_at, years))
    ]
    found.sort(key=lambda one: (one.rest_days - one.days, one.group, one.value, one.measure))
    return tuple(_once_each(found)[:_MOST])


def _waited(project: Project, work: Work, changed: ChangedFiles) -> list[_Waited]:
    """The pull requests of people that were created in the period, without drafts that are still open."""
    first = _first_responses(project)
    sizes = {change.pull: change.added + change.deleted for change in work.changes if change.pull is not None}
    files = {change.pull: numbers for change, numbers in zip(work.changes, work.files, strict=True) if change.pull}
    areas = {number: areas_of(file.path) for number, file in changed.files.items()}
    found = []
    for item in project.items:
        created, pull = item.created_at.timestamp(), item.pull
        if item.kind is not ItemKind.PULL_REQUEST or pull is None or (item.author and item.author.is_bot):
            continue
        if not work.until - 3 * YEAR <= created <= work.until or (pull.draft and item.state == "open"):
            continue
        groups: set[tuple[GroupName, str]] = {("label", label) for label in item.labels}
        groups |= {("area", area) for number in files.get(item.number, ()) for area in areas[number]}
        groups |= {("size", str(size)) for size in _SIZES if sizes.get(item.number, 0) >= size}
        merge = (pull.merged_at - item.created_at).total_seconds() / DAY if pull.merged_at else None
        found.append(_Waited(item, frozenset(groups), first.get(item.number), merge))
    return found


def _first_responses(project: Project) -> Mapping[int, float]:
    """Days until somebody other than the author, no bot, answered on an item, by number.

    CHAOSS, Time to First Response: https://chaoss.community/kb/metric-time-to-first-response/
    """
    items = {item.number: item for item in project.items}
    first: dict[int, float] = {}
    for response in project.responses:
        item = items.get(response.number)
        if item is not None and response.number not in first and _is_answer(response, item):
            first[response.number] = max(0.0, (response.at - item.created_at).total_seconds() / DAY)
    return first


def _is_answer(response: Response, item: Item) -> bool:
    who = response.author
    if who is None:
        return False  # a deleted user may be the author
    return not who.is_bot and (item.author is None or who.github_id != item.author.github_id)


def _judged(
    measure: Measure,
    group: tuple[GroupName, str],
    members: Sequence[_Waited],
    waited: Sequence[_Waited],
    looked_at: int,
    years: float,
) -> SlowReview | None:
    own = [(days, one) for one in members if (days := getattr(one, measure)) is not None]
    others = [days for one in waited if group not in one.groups and (days := getattr(one, measure)) is not None]
    if len(own) < _LEAST or len(others) < _LEAST:
        return None
    values = np.array([days for days, _ in own], dtype=np.float64)
    if larger_values(values, np.array(others, dtype=np.float64)) >= LEVEL / looked_at:
        return None
    (days, low, high), rest = median_interval(list(values), critical(looked_at)), float(np.median(others))
    if low <= rest or days < _LEAST_RATIO * rest or days - rest < _LEAST_DAYS:
        return None
    newest = sorted(own, key=lambda pair: pair[1].pull.number)[-30:]
    slowest = sorted(newest, key=lambda pair: (-pair[0], pair[1].pull.number))[:5]
    return SlowReview(
        measure=measure,
        group=group[0],
        value=group[1],
        pulls=len(own),
        days=round(days, 1),
        low=round(low, 1),
        high=round(high, 1),
        rest=len(others),
        rest_days=round(rest, 1),
        per_year=round(len(members) / years, 1),
        open=sum(one.pull.state == "open" for one in members),
        examples=tuple(ItemExample(number=one.pull.number, title=one.pull.title[:300]) for _, one in slowest),
    )


def _once_each(found: list[SlowReview]) -> list[SlowReview]:
    """Leave out a folder inside a slow one, all sizes but the smallest, and the second measure of a group."""
    kept: list[SlowReview] = []
    for one in sorted(found, key=lambda each: (each.group, int(each.value) if each.group == "size" else 0, each.value)):
        same = [other for other in kept if other.group == one.group]
        if one.group == "size" and same:
            continue
        if one.group == "area" and any(one.value.startswith(other.value) for other in same):
            continue
        if any(other.value == one.value for other in same):
            continue
        kept.append(one)
    return [one for one in found if one in kept]
