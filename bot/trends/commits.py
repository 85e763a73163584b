"""Metrics of the changes of the default branch. Nobody is named or ranked."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from bot.domain.periods import DAY, FIX_WINDOW
from bot.domain.project import Project
from bot.trends.metric import (
    CHAOSS,
    DORA,
    LEAST_IN_MEDIAN,
    LEAST_IN_SHARE,
    NO_DATA,
    WEEK_DAYS,
    Measured,
    Metric,
    Unknown,
    by_people,
    per_days,
    share,
    summarized,
)
from bot.trends.periods import Periods

_NO_LINES = Unknown("The clone lacks the contents of the files, so that lines are not counted.")
_LEAST_CHANGES_FOR_PEOPLE = 10


def _begin(project: Project, periods: Periods) -> int:
    return periods.first_after(project.changes[0].when)


def activity(project: Project, periods: Periods) -> Measured | Unknown:
    """Changes per week by people."""
    if not project.changes:
        return NO_DATA
    groups = periods.grouped((change.when, 1) for change in project.changes if not change.is_bot)
    return per_days(groups, periods, _begin(project, periods), WEEK_DAYS)


def churn(project: Project, periods: Periods) -> Measured | Unknown:
    """Lines added and deleted per week by people."""
    if not project.changes:
        return NO_DATA
    if not any(change.added or change.deleted for change in project.changes):
        return _NO_LINES
    groups = periods.grouped((change.when, change.added + change.deleted) for change in by_people(project))
    return per_days(groups, periods, _begin(project, periods), WEEK_DAYS)


def fix_share(project: Project, periods: Periods) -> Measured | Unknown:
    """The share of fixes among the changes of people."""
    if not project.changes:
        return NO_DATA
    groups = periods.grouped((change.when, change.is_fix) for change in by_people(project))
    return summarized(groups, _begin(project, periods), len(periods) - 1, share, LEAST_IN_SHARE)


def change_failure(project: Project, periods: Periods) -> Measured | Unknown:
    """The share of changes that needed a fix or a revert within 90 days."""
    if not project.changes:
        return NO_DATA
    groups = periods.grouped((change.when, _fixed_in_time(change.fixed_after)) for change in by_people(project))
    last = periods.last_before(project.now.timestamp() - FIX_WINDOW)
    return summarized(groups, _begin(project, periods), last, share, LEAST_IN_SHARE)


def recovery(project: Project, periods: Periods) -> Measured | Unknown:
    """The median days from a change to its fix, of those fixed within 90 days."""
    if not project.changes:
        return NO_DATA
    groups = periods.grouped(
        (change.when, change.fixed_after / DAY)
        for change in by_people(project)
        if change.fixed_after is not None and change.fixed_after <= FIX_WINDOW
    )
    last = periods.last_before(project.now.timestamp() - FIX_WINDOW)
    return summarized(groups, _begin(project, periods), last, median, LEAST_IN_MEDIAN)


def rework(project: Project, periods: Periods) -> Measured | Unknown:
    """The share of changes that correct a change of the 90 days before them."""
    if not project.changes:
        return NO_DATA
    repairs = {change.fixed_by for change in by_people(project) if _fixed_in_time(change.fixed_after)}
    groups = periods.grouped((change.when, change.sha in repairs) for change in by_people(project))
    first = periods.first_after(project.changes[0].when + FIX_WINDOW)
    return summarized(groups, first, len(periods) - 1, share, LEAST_IN_SHARE)


def absence(project: Project, periods: Periods) -> Measured | Unknown:
    """The smallest number of people who made half of the changes of a period."""
    if not project.changes:
        return NO_DATA
    groups = periods.grouped((change.when, change.person) for change in project.changes if not change.is_bot)
    first, last = _begin(project, periods), len(periods) - 1
    return summarized(groups, first, last, people_of_half, _LEAST_CHANGES_FOR_PEOPLE)


def people_of_half(persons: Sequence[float]) -> int:
    """How many people it takes for half of the changes. persons: the number of the author of each change."""
    done, people = 0, 0
    for _, changes in Counter(persons).most_common():
        done, people = done + changes, people + 1
        if 2 * done >= len(persons):
            break
    return people


def bots(project: Project, periods: Periods) -> Measured | Unknown:
    """The share of bots among all changes."""
    if not project.changes:
        return NO_DATA
    groups = periods.grouped((change.when, change.is_bot) for change in project.changes)
    return summarized(groups, _begin(project, periods), len(periods) - 1, share, LEAST_IN_SHARE)


def complexity(project: Project, periods: Periods) -> Measured | Unknown:
    """Not stored over time."""
    return Unknown("Complexity is measured at the newest commit only. No earlier values are stored.")


def _fixed_in_time(fixed_after: int | None) -> bool:
    return fixed_after is not None and fixed_after <= FIX_WINDOW


_PEOPLE = "Bots do not count."
_NO_MASS = "Bots and changes of more than 100 files do not count."

COMMIT_METRICS: tuple[Metric, ...] = (
    Metric(
        key="changes",
        name="Changes",
        definition=f"Changes of the default branch per week. {_PEOPLE}",
        unit="changes per week",
        source="commits",
        measure=activity,
        least_change=0.5,
        standard="CHAOSS: Code Changes Commits",
        url=f"{CHAOSS}code-changes-commits/",
    ),
    Metric(
        key="churn",
        name="Churn",
        definition=f"Lines added and lines deleted on the default branch, together, per week. {_NO_MASS}",
        unit="lines per week",
        source="commits",
        measure=churn,
        least_change=50,
        standard="CHAOSS: Code Changes Lines",
        url=f"{CHAOSS}code-changes-lines/",
    ),
    Metric(
        key="fix-share",
        name="Fix share",
        definition=f"The share of the changes that fix a fault, as their message and files show. {_NO_MASS}",
        unit="share",
        source="commits",
        measure=fix_share,
        least_change=0.05,
    ),
    Metric(
        key="change-failure-rate",
        name="Change failure rate",
        definition="The share of the changes that a later fix or revert corrected within 90 days, found by the lines "
        f"that the fix deletes. Each change of the default branch counts as a deployment. {_NO_MASS}",
        unit="share",
        source="commits",
        measure=change_failure,
        least_change=0.05,
        standard="DORA: Change fail rate",
        url=DORA,
        better="down",
    ),
    Metric(
        key="failed-deployment-recovery-time",
        name="Failed deployment recovery time",
        definition="The median time from a change to its first fix or revert, of the changes that had one within "
        f"90 days. Both times are those on the default branch, not of an incident. {_NO_MASS}",
        unit="days",
        source="commits",
        measure=recovery,
        least_change=1,
        standard="DORA: Failed deployment recovery time",
        url=DORA,
        better="down",
    ),
    Metric(
        key="rework-rate",
        name="Rework rate",
        definition="The share of the changes that are the first fix or revert of a change of the 90 days before. Each "
        f"change of the default branch counts as a deployment. {_NO_MASS}",
        unit="share",
        source="commits",
        measure=rework,
        least_change=0.05,
        standard="DORA: Deployment rework rate",
        url=DORA,
        better="down",
    ),
    Metric(
        key="contributor-absence-factor",
        name="Contributor absence factor",
        definition=f"The smallest number of people who made half of the changes of the period. {_PEOPLE}",
        unit="people",
        source="commits",
        measure=absence,
        least_change=1,
        standard="CHAOSS: Contributor Absence Factor",
        url=f"{CHAOSS}contributor-absence-factor/",
        better="up",
    ),
    Metric(
        key="bot-activity",
        name="Bot activity",
        definition="The share of the changes of the default branch that bots made.",
        unit="share",
        source="commits",
        measure=bots,
        least_change=0.05,
        standard="CHAOSS: Bot Activity",
        url=f"{CHAOSS}bot-activity/",
    ),
    Metric(
        key="complexity",
        name="Complexity",
        definition="The levels of indentation of the code, summed.",
        unit="levels",
        source="commits",
        measure=complexity,
        least_change=0,
    ),
)
