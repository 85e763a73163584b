"""Patterns of commits: what is planted is found, what is chance or trivial is not."""

from dataclasses import replace

import pytest

from bot.domain.patterns import CouplingCluster, FixArea, FollowUp
from bot.domain.periods import DAY
from bot.patterns.clusters import clusters
from bot.patterns.fix_areas import fix_areas
from bot.patterns.follow_ups import follow_ups
from bot.patterns.selection import work_of
from tests.patterns.projects import Made, noise


def clusters_of(made: Made) -> tuple[CouplingCluster, ...]:
    return clusters(work_of(made.project, made.changed), made.changed)


def areas_of(made: Made) -> tuple[FixArea, ...]:
    return fix_areas(work_of(made.project, made.changed), made.changed)


def groups_of(made: Made) -> list[FollowUp]:
    """The groups without sizes: in the noise, large changes need more fixes."""
    found = follow_ups(work_of(made.project, made.changed), made.changed)
    return [one for one in found if one.kind or one.area]


def coupled(*paths: str, times: int = 20, **facts: object) -> tuple[CouplingCluster, ...]:
    """The clusters of a past in which these files change together so many times."""
    made = noise(1)
    numbers = [made.file(path) for path in paths]
    for number in range(times):
        made.change(numbers, number * 10, **facts)
    return clusters_of(made)


def test_files_of_two_folders_that_change_together_are_a_cluster() -> None:
    (found,) = coupled("app/options.py", "docs/manual.1", "shell/completion.sh")
    assert set(found.files) == {"app/options.py", "docs/manual.1", "shell/completion.sh"}
    assert (found.folders, found.together, found.changes, found.fixes_year) == (3, 20, 20, 0)
    assert len(found.examples) == 5 and found.lift > 2


@pytest.mark.parametrize(
    "paths",
    [
        ("app/one.py", "app/two.py"),
        ("include/one.h", "src/one.c"),
        ("app/options.py", "tests/test_screen.py"),
        ("app/options.py", "web/package-lock.json"),
        ("app/options.py", "docs/CHANGELOG.md"),
        ("app/options.py", "changes/12.bugfix.md"),
        ("app/options.py", "gen/options_pb2.py"),
        ("docs/one.md", "manual/two.md"),
    ],
)
def test_what_changes_together_by_its_nature_is_no_cluster(paths: tuple[str, str]) -> None:
    assert coupled(*paths) == ()


@pytest.mark.parametrize(
    ("times", "facts"), [(7, {}), (20, {"is_bot": True}), (20, {"is_mass": True}), (20, {"kind": "release"})]
)
def test_too_few_changes_and_changes_that_are_no_work_are_no_cluster(times: int, facts: dict[str, object]) -> None:
    assert coupled("app/options.py", "docs/manual.1", times=times, **facts) == ()


def test_changes_of_more_than_three_years_ago_do_not_count() -> None:
    made = noise(1)
    numbers = [made.file("app/options.py"), made.file("docs/manual.1")]
    for number in range(30):
        made.change(numbers, 1100 + number)
    assert clusters_of(made) == ()


def test_one_file_in_between_does_not_join_two_clusters() -> None:
    made = noise(1)
    left, middle, right = made.file("a/left.py"), made.file("b/middle.py"), made.file("c/right.py")
    for number in range(40):
        made.change([left, middle] if number % 2 else [middle, right], number * 10)
    assert all({"a/left.py", "c/right.py"} - set(one.files) for one in clusters_of(made))


def broken(fixes: int = 30, others: int = 10, *, quarters: int = 10) -> tuple[FixArea, ...]:
    made = noise(2)
    number = made.file("app/broken.py", 300)
    for place in range(fixes):
        made.change([number], place % quarters * 91 + 1, is_fix=True, kind="fix")
    for place in range(others):
        made.change([number], place * 9)
    return tuple(one for one in areas_of(made) if one.path == "app/broken.py")


def test_a_file_with_more_fixes_than_its_size_and_activity_give_is_found() -> None:
    (found,) = broken()
    assert (found.fixes, found.others, found.lines, found.files, found.quarters) == (30, 10, 300, 1, 10)
    assert found.low > 1 and found.ratio == pytest.approx(30 / found.expected, rel=0.1)
    assert found.fixes_year == 12  # three each 1, 92, 183 and 274 days ago


def test_an_active_file_with_many_fixes_is_usual() -> None:
    assert broken(fixes=30, others=110) == ()


def test_fixes_of_one_bad_month_do_not_return_again_and_again() -> None:
    assert broken(quarters=1) == ()


def test_few_fixes_say_nothing() -> None:
    assert broken(fixes=5, others=0) == ()


def test_a_folder_is_not_told_beside_the_file_that_explains_it() -> None:
    made = noise(2)
    made.files = {number: replace(file, path=f"p{number % 20}/{number}.py") for number, file in made.files.items()}
    number = made.file("hard/broken.py", 300)
    for place in range(40):
        made.change([number], place * 25, is_fix=True, kind="fix")
    assert [one.path for one in areas_of(made) if one.path.startswith("hard")] == ["hard/broken.py"]


def test_an_area_whose_changes_need_fixes_is_found_and_explains_its_kind() -> None:
    made = noise(3)
    screen = made.file("screen/draw.py")
    for number in range(60):
        facts = {"fixed_after": 9 * DAY} if number % 5 < 3 else {}
        made.change([screen], 100 + number * 12, kind="feature", **facts)
    (found,) = groups_of(made)
    assert (found.outcome, found.kind, found.area, found.lines) == ("fixed", "", "screen/", 0)
    assert (found.changes, found.hits) == (60, 36) and found.rest_share < 0.3 < found.low
    assert len(found.examples) == 5


def test_a_change_whose_outcome_is_not_known_yet_does_not_count() -> None:
    made = noise(3)
    screen = made.file("screen/draw.py")
    for number in range(60):
        made.change([screen], number, kind="feature", fixed_after=DAY)
    assert all(one.area != "screen/" for one in groups_of(made))


def test_a_late_fix_is_no_follow_up() -> None:
    made = noise(3)
    screen = made.file("screen/draw.py")
    for number in range(60):
        made.change([screen], 200 + number * 10, kind="feature", fixed_after=120 * DAY)
    assert all(one.area != "screen/" for one in groups_of(made))


def test_large_changes_in_an_area_are_compared_with_large_ones() -> None:
    made = noise(4, changes=1500)
    screen = made.file("screen/draw.py")
    for number in range(60):
        facts = {"fixed_after": DAY} if number % 3 == 0 else {}
        made.change([screen], 100 + number * 12, added=500, **facts)
    assert all(one.area != "screen/" for one in groups_of(made))


def test_chance_has_hardly_any_pattern() -> None:
    """Each kind of pattern may be wrong in 5 % of the projects; of 30, five wrong ones are rare (1.6 %)."""
    wrong = {"clusters": 0, "areas": 0, "groups": 0}
    for seed in range(30):
        made = noise(seed, changes=600)
        wrong["clusters"] += bool(clusters_of(made))
        wrong["areas"] += bool(areas_of(made))
        wrong["groups"] += bool(groups_of(made))
    assert max(wrong.values()) < 5


def test_an_empty_past_has_no_pattern() -> None:
    made = Made()
    assert (clusters_of(made), areas_of(made), groups_of(made)) == ((), (), [])
