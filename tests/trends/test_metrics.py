"""Each metric of a small project that is written here by hand, against values that are counted here in another way."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from statistics import median

import pytest

from bot.domain.issue_kinds import IssueKind
from bot.domain.items import ItemKind
from bot.domain.project import Project
from bot.domain.trends import MetricTrend
from bot.trends.project import trends_of
from tests.trends.project import ANN, BEA, BOT, CAT, change, comment, day, issue, project, pull, release, review

NOW = 1106  # 11 January 2026, so that 36 months are complete
JANUARY, FEBRUARY, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)
# Days since the beginning of 2023 at which these months begin.
JAN, FEB, MAR = 365, 396, 425


def metric(of: Project, key: str) -> MetricTrend:
    """One metric of a project."""
    return next(one for one in trends_of(of).metrics if one.key == key)


def values(of: Project, key: str) -> dict[date, float]:
    """Its values by the first day of the month."""
    return {point.start: point.value for point in metric(of, key).points}


def in_month(days: Iterable[float], month: date) -> list[float]:
    """Those days that are in a month, without any code of the project."""
    return [one for one in days if (day(one).year, day(one).month) == (month.year, month.month)]


CHANGES = [
    change(0.5, "first", added=100, deleted=0),
    # January 2024: five changes of people, one of a bot, one mass change.
    change(JAN + 1, "a", person=1, added=10, deleted=5, fixed_by="c", fixed_after=3),
    change(JAN + 2, "b", person=1, added=20, deleted=0, fixed_by="h", fixed_after=91),
    change(JAN + 4, "c", person=2, added=1, deleted=1, is_fix=True),
    change(JAN + 9, "d", person=3, added=7, deleted=0, fixed_by="g", fixed_after=26, reverted=True),
    change(JAN + 10, "e", person=3, added=3, deleted=3, fixed_by="g", fixed_after=25),
    change(JAN + 11, "bump", person=9, is_bot=True, added=500, deleted=500),
    change(JAN + 12, "mass", person=1, is_mass=True, files=400, added=9000, deleted=9000),
    # February 2024: five changes, the last second of the month counts.
    change(FEB + 0.0, "f", person=1),
    change(FEB + 4, "g", person=1, is_fix=True),
    change(FEB + 5, "i", person=1),
    change(FEB + 6, "j", person=2),
    change(MAR - 1 / 86_400, "k", person=2),
    change(JAN + 93, "h", person=1, is_fix=True),
]
CODE = project(NOW, changes=CHANGES)


def test_changes_and_lines_per_week() -> None:
    # The number of changes counts the mass change, too.
    assert values(CODE, "changes")[JANUARY] == pytest.approx(
        6 * 7 / 31, rel=1e-5
    )  # with the mass change, without the bot
    assert values(CODE, "changes")[FEBRUARY] == pytest.approx(5 * 7 / 29, rel=1e-5)
    assert values(CODE, "changes")[MARCH] == 0
    assert values(CODE, "churn")[JANUARY] == pytest.approx((15 + 20 + 2 + 7 + 6) * 7 / 31, rel=1e-5)
    # The first month is not complete, and the current one is not over.
    assert metric(CODE, "changes").points[0].start == date(2023, 2, 1)
    assert metric(CODE, "changes").points[-1].start == date(2025, 12, 1)


def test_shares_of_fixes_failures_and_rework() -> None:
    assert values(CODE, "fix-share") == {JANUARY: 1 / 5, FEBRUARY: 1 / 5}
    # a, d and e were corrected within 90 days; b after 91.
    assert values(CODE, "change-failure-rate") == {JANUARY: 3 / 5, FEBRUARY: 0}
    # c corrected a; g corrected d and e.
    assert values(CODE, "rework-rate") == {JANUARY: 1 / 5, FEBRUARY: 1 / 5}
    assert values(CODE, "failed-deployment-recovery-time") == {JANUARY: median([3, 26, 25])}
    assert [point.n for point in metric(CODE, "failed-deployment-recovery-time").points] == [3]


def test_bots_and_the_people_of_half_of_the_changes() -> None:
    assert values(CODE, "bot-activity") == {JANUARY: pytest.approx(1 / 7, rel=1e-5), FEBRUARY: 0}
    many = [change(FEB + number, person=person) for number, person in enumerate([1] * 4 + [2] * 3 + [3] * 2 + [4] * 2)]
    few = [change(MAR + number, person=5) for number in range(12)]
    found = project(NOW, changes=[change(0), *many, *few])
    # 4 of 11 are less than half, 4 + 3 are more.
    assert values(found, "contributor-absence-factor") == {FEBRUARY: 2, MARCH: 1}


def test_too_young_changes_say_nothing_of_failures() -> None:
    late = [change(0), *(change(NOW - 60 + number) for number in range(6))]
    assert metric(project(NOW, changes=late), "change-failure-rate").points == ()
    assert len(metric(project(NOW, changes=late), "fix-share").points) == 1


ISSUES = [
    issue(1, 3),
    issue(2, JAN + 1, JAN + 3),  # ann answers herself, then a bot, then bea after 12 hours
    issue(3, JAN + 2),  # nobody answers
    issue(4, JAN + 5, JAN + 5.5, author=None),  # two deleted accounts: it may be the same; cat after 6 hours
    issue(5, JAN + 6, JAN + 300),
    issue(6, JAN + 7, author=BOT),
    issue(7, FEB + 1, FEB + 2, author=BEA),
]
ANSWERS = [
    comment(2, JAN + 1.1, ANN),
    comment(2, JAN + 1.2, BOT),
    comment(2, JAN + 1.5, BEA),
    comment(2, JAN + 1.6, CAT),
    comment(4, JAN + 5.1, None),
    comment(4, JAN + 5.25, CAT),
    comment(5, JAN + 6 + 1, None),
    comment(6, JAN + 7.1, ANN),
    comment(7, FEB + 1.5, CAT),
    comment(99, FEB + 1.5, CAT),  # of an item that was deleted
]
TALK = project(NOW, items=ISSUES, responses=ANSWERS)


def test_the_first_response_to_an_issue() -> None:
    hours = [12.0, 30 * 24.0, 6.0, 24.0]
    assert values(TALK, "issue-first-response") == {JANUARY: median(hours)}  # February has one issue: too few
    assert [point.n for point in metric(TALK, "issue-first-response").points] == [4]


def test_how_long_issues_take_and_how_old_the_open_ones_are() -> None:
    assert values(TALK, "issue-resolution-duration") == {JANUARY: median([2, 180, 0.5, 180])}
    more = [issue(10 + number, 10 + number, closed=JAN + 20 + number) for number in range(6)]
    found = values(project(NOW, items=[*ISSUES, *more]), "issue-age")
    end = JAN  # the end of December 2023
    assert found[date(2023, 12, 1)] == median([end - opened for opened in (3, 10, 11, 12, 13, 14, 15)])
    # At the end of January six are closed; of people's, 1, 3 and 5 are open: too few.
    assert JANUARY not in found


PULLS = [
    pull(1, 5, 6, merged=True),
    pull(2, JAN + 1, JAN + 5, merged=True, by=ANN),  # reviewed twice; one review asks for changes
    pull(3, JAN + 2, JAN + 4, merged=True, by=BEA),  # merged by another person, without a word
    pull(4, JAN + 3, JAN + 13),  # closed, not merged
    pull(5, JAN + 4, JAN + 100, merged=True, by=BEA),  # merged after more than 90 days
    pull(6, JAN + 5),  # open; reviewed after 100 days
    pull(7, JAN + 6, JAN + 7, merged=True, author=BOT, by=ANN),
    pull(8, JAN + 8, JAN + 9, merged=True, author=None, by=CAT),
]
REVIEWS = [
    review(2, JAN + 2, BEA, "changes_requested"),
    review(2, JAN + 3, ANN, "commented"),
    review(2, JAN + 4, BEA),
    review(4, JAN + 5, CAT, "changes_requested"),
    review(4, JAN + 6, CAT, "changes_requested"),
    review(6, JAN + 105, CAT),
    review(7, JAN + 6.5, CAT),
    review(8, JAN + 8.5, CAT),
]
RELEASES = [release(30), release(JAN + 6, prerelease=True), release(JAN + 8), release(FEB + 3), release(FEB + 20)]
WORK = project(NOW, items=PULLS, responses=REVIEWS, releases=RELEASES)


def test_the_first_response_to_a_pull_request() -> None:
    hours = [24.0, 48.0, 48.0, 720.0, 720.0, 12.0]  # of 2, 3, 4, 5, 6 and 8
    assert values(WORK, "pull-first-response") == {JANUARY: median(hours)}


def test_the_ratio_of_closed_to_opened() -> None:
    opened = in_month([JAN + 1, JAN + 2, JAN + 3, JAN + 4, JAN + 5, JAN + 8], JANUARY)
    closed = in_month([JAN + 5, JAN + 4, JAN + 13, JAN + 100, JAN + 9], JANUARY)
    assert values(WORK, "change-request-closure-ratio") == {JANUARY: pytest.approx(len(closed) / len(opened), rel=1e-5)}


def test_review_cycles() -> None:
    # 2: 4 days in 2 cycles; 4: 10 days in 3; 8: 1 day in 1. 6 has no review within 90 days, 7 is of a bot.
    assert values(WORK, "review-cycle-duration") == {JANUARY: median([4 / 2, 10 / 3, 1 / 1])}


def test_lead_times() -> None:
    merged = {2: 4.0, 3: 2.0, 8: 1.0}
    assert values(WORK, "lead-time-to-merge") == {JANUARY: median(merged.values())}
    # The first full release after the merges of 2 and 3 is that of JAN + 8, after that of 8 it is that of FEB + 3.
    released = {2: JAN + 8 - (JAN + 1), 3: JAN + 8 - (JAN + 2), 8: FEB + 3 - (JAN + 8)}
    assert values(WORK, "lead-time-to-release") == {JANUARY: median(released.values())}


def test_releases_per_month() -> None:
    found = values(WORK, "releases")
    assert (found[JANUARY], found[FEBRUARY], found[MARCH]) == (1, 2, 0)
    assert min(found) == date(2023, 2, 1)


@pytest.mark.parametrize(("kind", "source"), [(ItemKind.ISSUE, "issues"), (ItemKind.PULL_REQUEST, "pull_requests")])
def test_what_is_not_synced_is_absent_and_never_zero(kind: ItemKind, source: str) -> None:
    rest = frozenset(ItemKind) - {kind}
    lacking = project(NOW, changes=CHANGES, items=ISSUES + PULLS, releases=RELEASES, synced=rest)
    for one in trends_of(lacking).metrics:
        if one.source == source:
            assert (one.points, one.test, one.claimed) == ((), None, None)
            assert "not synced" in one.reason


def test_releases_that_are_not_synced_are_no_zeros() -> None:
    found = metric(project(NOW, changes=CHANGES, releases=RELEASES, releases_synced=False), "releases")
    assert (found.points, found.reason) == ((), "The releases of this repository are not synced from GitHub yet.")


def test_nothing_is_known_of_an_empty_project() -> None:
    found = trends_of(project(NOW))
    assert {(one.points, one.claimed) for one in found.metrics} == {((), None)}
    assert all(one.reason for one in found.metrics) and found.files == ()


def test_complexity_says_that_its_past_is_not_stored() -> None:
    found = metric(CODE, "complexity")
    assert (found.points, found.reason.startswith("Complexity is measured at the newest commit only")) == ((), True)


def test_lines_that_the_clone_lacks_are_no_zeros() -> None:
    changes = [change(number * 9, added=0, deleted=0) for number in range(120)]
    found = metric(project(NOW, changes=changes), "churn")
    assert (found.points, found.reason.startswith("The clone lacks")) == ((), True)


def test_a_short_history_is_shown_by_weeks_and_has_no_trend() -> None:
    changes = [change(NOW - 300 + number) for number in range(290)]
    found = trends_of(project(NOW, changes=changes))
    weeks = found.metrics[0]
    assert (found.period, found.until) == ("week", date(2026, 1, 5))
    assert all(datetime(*point.start.timetuple()[:3], tzinfo=UTC).weekday() == 0 for point in weeks.points)
    assert {point.value for point in weeks.points[:-1]} == {7.0}
    assert "needs 24 complete months" in weeks.reason and weeks.claimed is None


def test_hostile_times_do_no_harm() -> None:
    items = [issue(1, 3), issue(2, 5000), issue(3, JAN, JAN - 20), issue(4, -300_000), pull(5, 9, -5, merged=True)]
    found = trends_of(project(NOW, changes=[change(-9000), change(5000)], items=items, releases=[release(9_000)]))
    assert found.period == "month" and len(found.metrics[0].points) == 120
    assert not [one for one in found.metrics if one.claimed]


def test_bug_reports_are_the_issues_of_that_kind_that_people_opened() -> None:
    items = [*ISSUES, issue(50, FEB + 1), issue(51, FEB + 2), issue(52, FEB + 2, author=BOT)]
    kinds = {50: IssueKind.BUG, 51: IssueKind.FEATURE, 52: IssueKind.BUG, 99: IssueKind.BUG}
    found = values(replace(project(NOW, items=items), issue_kinds=kinds), "bug-reports")
    assert found[FEBRUARY] == 1 and found[JANUARY] == 0
    unread = metric(project(NOW, items=items), "bug-reports")
    assert unread.points == () and "kinds of the issues are not known" in unread.reason
