"""Metrics of issues, pull requests and releases. People are neither named nor ranked, and bots do not count."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np

from bot.domain.issue_kinds import IssueKind
from bot.domain.items import Item, ItemKind, ResponseKind
from bot.domain.periods import DAY
from bot.domain.project import Project
from bot.trends.metric import (
    HOUR,
    KINDS_UNKNOWN,
    LEAST_IN_SHARE,
    LONG_FOLLOW,
    MERGE_FOLLOW,
    NO_DATA,
    NOT_SYNCED,
    RELEASES_NOT_SYNCED,
    RESPONSE_FOLLOW,
    Measure,
    Measured,
    Unknown,
    Value,
    items_of,
    medians_followed,
    per_month,
)
from bot.trends.periods import Periods


def first_response(kind: ItemKind) -> Measure:
    """The median hours from opening to the first response of another person."""

    def measure(project: Project, periods: Periods) -> Measured | Unknown:
        if kind not in project.synced:
            return NOT_SYNCED[kind]
        answered = first_responses(project)
        items = items_of(project, kind)
        spans = [(item.created_at.timestamp(), answered.get(item.number)) for item in items]
        return medians_followed(items, spans, project, periods, RESPONSE_FOLLOW, HOUR)

    return measure


def first_responses(project: Project) -> dict[int, float]:
    """When another person responded to an item first, in Unix seconds, by its number.

    A response is a comment, a review, or that another person merged. Whether a deleted account was the author's own is
    not known: of two deleted accounts we assume it.
    """
    author_of = {item.number: item.author.github_id if item.author else None for item in project.items}
    found: dict[int, float] = {}
    for number, by, is_bot, when in _responses(project):
        if not is_bot and number in author_of and by != author_of[number]:
            found[number] = min(when, found.get(number, when))
    return found


def _responses(project: Project) -> Iterator[tuple[int, int | None, bool, float]]:
    """Yield (number of the item, account, whether it is a bot, time)."""
    for response in project.responses:
        by, is_bot = (response.author.github_id, response.author.is_bot) if response.author else (None, False)
        yield response.number, by, is_bot, response.at.timestamp()
    for item in project.items:
        if item.pull and item.pull.merged_at and (who := item.pull.merged_by):
            yield item.number, who.github_id, who.is_bot, item.pull.merged_at.timestamp()


def closure_ratio(project: Project, periods: Periods) -> Measured | Unknown:
    """Pull requests closed in a period per pull request opened in it."""
    if ItemKind.PULL_REQUEST not in project.synced:
        return NOT_SYNCED[ItemKind.PULL_REQUEST]
    pulls = items_of(project, ItemKind.PULL_REQUEST)
    if not pulls:
        return NO_DATA
    opened = periods.grouped((pull.created_at.timestamp(), 1) for pull in pulls)
    closed = periods.grouped((pull.closed_at.timestamp(), 1) for pull in pulls if pull.closed_at)
    first = periods.first_after(min(pull.created_at.timestamp() for pull in pulls))
    values = [
        Value(position, len(closed[position]) / len(opened[position]), len(opened[position]))
        for position in range(first, len(periods))
        if len(opened[position]) >= LEAST_IN_SHARE
    ]
    return Measured(first, len(periods) - 1, tuple(values))


def review_cycle(project: Project, periods: Periods) -> Measured | Unknown:
    """The median days of a review cycle: from opening to closing, by 1 + the reviews that requested changes."""
    if ItemKind.PULL_REQUEST not in project.synced:
        return NOT_SYNCED[ItemKind.PULL_REQUEST]
    pulls = {pull.number: pull for pull in items_of(project, ItemKind.PULL_REQUEST)}
    reviewed: set[int] = set()
    repeated: Counter[int] = Counter()
    for response in project.responses:
        pull = pulls.get(response.number)
        if response.kind is ResponseKind.REVIEW and pull and _reviews_in_time(pull, response.at.timestamp()):
            who = response.author
            if not (who and (who.is_bot or who == pull.author)):
                reviewed.add(pull.number)
                repeated[pull.number] += response.state == "changes_requested"
    spans = []
    for number in reviewed:
        begin = pulls[number].created_at.timestamp()
        closed = pulls[number].closed_at
        whole = min(MERGE_FOLLOW, closed.timestamp() - begin) if closed else MERGE_FOLLOW
        spans.append((begin, begin + whole / (1 + repeated[number])))
    return medians_followed(list(pulls.values()), spans, project, periods, MERGE_FOLLOW, DAY)


def _reviews_in_time(pull: Item, when: float) -> bool:
    return when <= pull.created_at.timestamp() + MERGE_FOLLOW


def lead_time_to_merge(project: Project, periods: Periods) -> Measured | Unknown:
    """The median days from opening to merging, of the pull requests merged within 90 days."""
    if ItemKind.PULL_REQUEST not in project.synced:
        return NOT_SYNCED[ItemKind.PULL_REQUEST]
    pulls = items_of(project, ItemKind.PULL_REQUEST)
    return medians_followed(pulls, list(_merged(pulls)), project, periods, MERGE_FOLLOW, DAY)


def lead_time_to_release(project: Project, periods: Periods) -> Measured | Unknown:
    """The median days from opening to the first release after merging, of the pull requests merged within 90 days."""
    if ItemKind.PULL_REQUEST not in project.synced:
        return NOT_SYNCED[ItemKind.PULL_REQUEST]
    if not project.releases_synced:
        return RELEASES_NOT_SYNCED
    published = _published(project)
    if not published:
        return NO_DATA
    spans = []
    pulls = items_of(project, ItemKind.PULL_REQUEST)
    for begin, merged in _merged(pulls):
        position = bisect_left(published, merged)
        spans.append((begin, published[position] if position < len(published) else None))
    return medians_followed(pulls, spans, project, periods, LONG_FOLLOW, DAY)


def _merged(pulls: Sequence[Item]) -> Iterator[tuple[float, float]]:
    """Yield when a pull request was opened and merged, of those merged within 90 days."""
    for item in pulls:
        if item.pull and item.pull.merged_at:
            begin, merged = item.created_at.timestamp(), item.pull.merged_at.timestamp()
            if merged - begin <= MERGE_FOLLOW:
                yield begin, merged


def _published(project: Project) -> list[float]:
    """When releases were published, ascending, without pre-releases."""
    return sorted(
        release.published_at.timestamp()
        for release in project.releases
        if release.published_at and not release.prerelease and not release.draft
    )


def release_frequency(project: Project, periods: Periods) -> Measured | Unknown:
    """Releases per month."""
    if not project.releases_synced:
        return RELEASES_NOT_SYNCED
    published = _published(project)
    if not published:
        return NO_DATA
    groups = periods.grouped((when, 1) for when in published)
    return per_month(groups, periods, periods.first_after(published[0]))


def bug_reports(project: Project, periods: Periods) -> Measured | Unknown:
    """Issues opened per month that report a bug."""
    if ItemKind.ISSUE not in project.synced:
        return NOT_SYNCED[ItemKind.ISSUE]
    if project.issue_kinds is None:
        return KINDS_UNKNOWN
    issues = items_of(project, ItemKind.ISSUE)
    if not issues:
        return NO_DATA
    opened = [issue for issue in issues if project.issue_kinds.get(issue.number) is IssueKind.BUG]
    groups = periods.grouped((issue.created_at.timestamp(), 1) for issue in opened)
    return per_month(groups, periods, periods.first_after(min(issue.created_at.timestamp() for issue in issues)))


def issue_age(project: Project, periods: Periods) -> Measured | Unknown:
    """The median days that the issues which are open at the end of a period have been open."""
    if ItemKind.ISSUE not in project.synced:
        return NOT_SYNCED[ItemKind.ISSUE]
    issues = items_of(project, ItemKind.ISSUE)
    if not issues:
        return NO_DATA
    opened = np.array([issue.created_at.timestamp() for issue in issues])
    closed = np.array([issue.closed_at.timestamp() if issue.closed_at else np.inf for issue in issues])
    first = periods.first_after(float(opened.min()))
    values = []
    for position in range(first, len(periods)):
        end = periods.starts[position + 1]
        ages = (end - opened[(opened < end) & (closed >= end)]) / DAY
        if len(ages) >= LEAST_IN_SHARE:
            values.append(Value(position, float(median(ages.tolist())), len(ages)))
    return Measured(first, len(periods) - 1, tuple(values))


def issue_resolution(project: Project, periods: Periods) -> Measured | Unknown:
    """The median days from opening to closing an issue."""
    if ItemKind.ISSUE not in project.synced:
        return NOT_SYNCED[ItemKind.ISSUE]
    issues = items_of(project, ItemKind.ISSUE)
    spans = [
        (issue.created_at.timestamp(), issue.closed_at.timestamp() if issue.closed_at else None) for issue in issues
    ]
    return medians_followed(issues, spans, project, periods, LONG_FOLLOW, DAY)
