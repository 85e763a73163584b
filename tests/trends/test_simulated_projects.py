"""Whole projects that do not change: their metrics must not turn the calendar, or what is still open, into a trend."""

from datetime import timedelta

import numpy as np

from bot.domain.items import Item, Response
from bot.domain.project import Project, ProjectChange
from bot.trends.project import trends_of
from tests.trends.project import ANN, BEA, BOT, CAT, change, comment, day, issue, project, pull, release, review

# Three years from 1 January 2023, and some days before and after.
BEGIN, DAYS = -20, 1106
PROJECTS = 60


def steady(rng: np.random.Generator, *, items_per_day: float = 0.5, slowing: float = 0.0) -> Project:
    """A project with a steady rate of everything, fewer changes at weekends, and none in the last week of a year.

    slowing: how much slower answers and merges get in a year, as a share.
    """
    changes: list[ProjectChange] = []
    items: list[Item] = []
    responses: list[Response] = []
    for number in range(BEGIN, DAYS):
        date = day(number)
        quiet = date.month == 12 and date.day > 23
        for _ in range(rng.poisson(0 if quiet else 0.15 if date.weekday() > 4 else 0.9)):
            fixed = rng.exponential(60) if rng.random() < 0.15 else None
            known = fixed is not None and number + fixed < DAYS
            facts = {"fixed_after": fixed, "fixed_by": f"{number + fixed:.0f}"} if known and fixed else {}
            changes.append(
                change(
                    number + rng.random(),
                    f"{number}",
                    person=int(rng.zipf(2)),
                    is_bot=bool(rng.random() < 0.15),
                    is_fix=bool(rng.random() < 0.2),
                    added=int(rng.lognormal(3, 1.5)),
                    **facts,
                )
            )
        for _ in range(rng.poisson(items_per_day)):
            slower = 1 + slowing * (number - BEGIN) / 365
            opened = number + rng.random()
            answered, took = rng.lognormal(0, 1.5) * slower, rng.lognormal(2, 1.5) * slower
            # All are closed at last: where some never are, the open ones do get older.
            closed = opened + took if opened + took < DAYS else None
            author = [ANN, CAT, None, BOT][rng.choice(4, p=[0.5, 0.3, 0.1, 0.1])]
            place = len(items) + 1
            is_pull = rng.random() < 0.5
            items.append(
                pull(place, opened, closed, merged=closed is not None, author=author, by=BEA)
                if is_pull
                else issue(place, opened, closed, author)
            )
            if opened + answered < DAYS and rng.random() < 0.9:
                responses.append((review if is_pull else comment)(place, opened + answered, BEA))
    releases = [release(at) for at in BEGIN + np.cumsum(rng.exponential(25, size=70)) if at < DAYS]
    responses.sort(key=lambda one: one.at)
    return project(DAYS, changes=changes, items=items, responses=responses, releases=releases)


def test_steady_projects_have_no_trend() -> None:
    rng = np.random.default_rng(21)
    claimed = []
    for _ in range(PROJECTS):
        found = trends_of(steady(rng))
        assert sum(one.test is not None for one in found.metrics) >= 14
        claimed.append([one.key for one in found.metrics if one.claimed])
    assert sum(bool(keys) for keys in claimed) < 0.05 * PROJECTS, claimed


def test_answers_that_get_slower_are_found_and_nothing_else() -> None:
    rng = np.random.default_rng(22)
    slowed = {"issue-first-response", "pull-first-response", "lead-time-to-merge", "issue-resolution-duration"}
    affected = slowed | {"review-cycle-duration", "lead-time-to-release", "issue-age", "change-request-closure-ratio"}
    projects = [steady(rng, items_per_day=1.5, slowing=3) for _ in range(10)]
    claimed = [{one.key for one in trends_of(each).metrics if one.claimed} for each in projects]
    assert sum(bool(found & slowed) for found in claimed) > 8
    assert sum(bool(found - affected) for found in claimed) <= 1


def test_a_file_that_people_change_more_and_more_often() -> None:
    rng = np.random.default_rng(23)
    begin = round(day(0).timestamp())
    often = np.sort(begin + 86_400 * DAYS * np.sqrt(rng.random(400)))  # the rate grows with time
    even = np.sort(begin + 86_400 * DAYS * rng.random(400))
    found = trends_of(steady(rng), {"rising.py": often.astype(int).tolist(), "even.py": even.astype(int).tolist()})
    [file] = found.files
    assert (file.path, file.claimed, found.files_tested) == ("rising.py", "up", 2)
    last = (day(DAYS) - timedelta(days=10)).timestamp()  # the newest month is not complete
    assert file.changes == sum(last - 365 * 86_400 <= when < last for when in often)
    assert file.changes > file.changes_year_before >= 10
    assert len(file.points) == file.test.periods > 24
