"""Patterns in the past of a whole project: what returns again and again. A snapshot; see docs/patterns.md.

Every pattern has its evidence and the size of the sample. Shares are 0 to 1. `low` and `high` are the ends of an
interval that is corrected for the number of groups that were looked at: all intervals of one kind of pattern together
hold with 95 % confidence. Titles are text of strangers. No pattern is about a person.
"""

from dataclasses import dataclass
from typing import Literal

from bot.domain.fix_patterns import (
    FixCause,
    FixedFunction,
    FlakyTests,
    ForgottenNames,
    PipelineRepairs,
    Repaired,
    UntestedFixes,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What was looked at: from and to in Unix seconds, and how many changes, issues or pull requests there are."""

    since: int
    until: int
    sample: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CouplingCluster:
    """Files of several folders that change together.

    files: the most strongly coupled first.
    folders: how many folders these files are in.
    together: changes of at least two of the files.
    changes: changes of at least one of the files.
    fixes_year: changes of at least two of the files in the last 365 days that corrected a fault.
    lift: how many times more often than by chance the two most strongly coupled files of different folders change
        together.
    examples: sha of the newest changes of most of the files, at most 5.
    """

    files: tuple[str, ...]
    folders: int
    together: int
    changes: int
    fixes_year: int
    lift: float
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FixArea:
    """A file or a folder that needs fixes more often than others of its size and activity.

    path: of a folder with a slash at its end.
    fixes: changes of it that correct a fault.
    expected: the fixes that a file of this size with as many other changes has in this project.
    ratio, low, high: `fixes` / `expected`, and its interval.
    others: changes of it that are not fixes.
    lines: of it now.
    files: how many files of code it has; 1 for a file.
    quarters: in how many quarters of a year there was a fix.
    fixes_year: fixes in the last 365 days.
    examples: sha of the newest fixes, at most 5.
    """

    path: str
    fixes: int
    expected: float
    ratio: float
    low: float
    high: float
    others: int
    lines: int
    files: int
    quarters: int
    fixes_year: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemExample:
    """An issue or a pull request that is given as an example."""

    number: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTopic:
    """Issues that speak of the same.

    words: what sets them apart from the other issues, the strongest first.
    issues: how many there are.
    bugs: how many of them report a bug, as far as labels and titles tell; null if the kinds are not known.
    open: how many of them are open.
    recent: how many were created in the last 180 days.
    days_to_close: the median of those that are closed; null without any.
    usual_days_to_close: the median of the issues outside this topic; null without any.
    cohesion: mean silhouette, -1 to 1: how much nearer its issues are to each other than to the next topic.
    growth, low, high: how many times the share among the issues of the last 180 days is that among earlier ones, and
        its interval; null where there are too few.
    examples: the most typical ones, open ones first, at most 5.
    """

    words: tuple[str, ...]
    issues: int
    open: int
    recent: int
    days_to_close: float | None
    usual_days_to_close: float | None
    cohesion: float
    growth: float | None
    low: float | None
    high: float | None
    examples: tuple[ItemExample, ...]
    bugs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A group of changes that is fixed or reverted soon more often than the changes that it is compared with.

    outcome: `fixed` (a fix or a revert within 90 days) or `reverted`.
    kind: of the changes, such as `feature`; empty for all kinds.
    area: the folder that they change; empty for all.
    lines: the least number of changed lines; 0 for all sizes.
    changes, hits: the changes of the group, and how many of them had this outcome.
    share, low, high: `hits` / `changes`, with its Wilson interval.
    rest, rest_hits, rest_share: of the changes that they are compared with. Those of an area are compared with changes
        of the same size elsewhere.
    per_year: the changes of the group in a year.
    examples: sha of the newest changes with this outcome, at most 5. repaired: these, with what repaired them.
    """

    outcome: Literal["fixed", "reverted"]
    kind: str
    area: str
    lines: int
    changes: int
    hits: int
    share: float
    low: float
    high: float
    rest: int
    rest_hits: int
    rest_share: float
    per_year: float
    examples: tuple[str, ...]
    repaired: tuple[Repaired, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowReview:
    """A group of pull requests that waits longer than the others.

    measure: `first_response` (until somebody else answers) or `merge` (until it is merged).
    group: `area`, `label` or `size`; value: the folder, the label, or the least number of changed lines.
    pulls: how many there are.
    days, low, high: the median and its interval, in days.
    rest, rest_days: how many others there are, and their median.
    per_year: the pull requests of the group in a year.
    open: how many of the group are open now.
    examples: the slowest of the newest, at most 5.
    """

    measure: Literal["first_response", "merge"]
    group: Literal["area", "label", "size"]
    value: str
    pulls: int
    days: float
    low: float
    high: float
    rest: int
    rest_days: float
    per_year: float
    open: int
    examples: tuple[ItemExample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LikePair:
    """Two items that seem to be about the same.

    kind: `issue` or `pull_request`.
    one: the later item. other: the earlier one.
    score: the likeness of their texts, 0 to 1.
    """

    kind: Literal["issue", "pull_request"]
    one: ItemExample
    other: ItemExample
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """All patterns of a project. An empty list means that nothing is certain enough to be said.

    changes: the changes that were looked at for clusters.
    issues, pulls: those that were looked at; null where they are not synced.
    clusters: the most common changes first. fix_areas: the most fixes above the expected first.
    topics: the most issues first. follow_ups, slow_reviews: the largest difference first.
    duplicates: among open issues and among open pull requests, the most alike first.
    overlaps: `one` is an open pull request, `other` one that was closed unmerged.
    fix_causes, fixed_functions, untested_fixes, forgotten_names, flaky_tests, pipeline_repairs: see
        `domain.fix_patterns`.
    """

    changes: Period
    issues: Period | None = None
    pulls: Period | None = None
    clusters: tuple[CouplingCluster, ...] = ()
    fix_areas: tuple[FixArea, ...] = ()
    topics: tuple[IssueTopic, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    slow_reviews: tuple[SlowReview, ...] = ()
    duplicates: tuple[LikePair, ...] = ()
    overlaps: tuple[LikePair, ...] = ()
    fix_causes: tuple[FixCause, ...] = ()
    fixed_functions: tuple[FixedFunction, ...] = ()
    untested_fixes: tuple[UntestedFixes, ...] = ()
    forgotten_names: tuple[ForgottenNames, ...] = ()
    flaky_tests: FlakyTests | None = None
    pipeline_repairs: tuple[PipelineRepairs, ...] = ()
