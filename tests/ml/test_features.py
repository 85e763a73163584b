"""Each of the 14 measures, compared with an example computed by hand."""

import math

import pytest

from bot.domain.features import FEATURES, ChangeFeatures
from bot.domain.periods import DAY, YEAR
from bot.ml.columns import matrix
from tests.ml.reference import AuthorChange, ChangedFile, EarlierChange, entropy, measure, recent_experience

NOW = 1_600_000_000.0

ALPHA = EarlierChange("alpha", NOW - 10 * DAY, "x")
BETA = EarlierChange("beta", NOW - 4 * DAY, "y")
FILES = (
    ChangedFile("core/a/one.py", 30, 0, 100, (ALPHA,)),
    ChangedFile("core/b/two.py", 15, 5, 50, (ALPHA, BETA)),
    ChangedFile("setup.py", 0, 10, 7),
)
EARLIER = (
    AuthorChange(NOW, frozenset({"core"})),
    AuthorChange(NOW - YEAR, frozenset({"docs", "core"})),
    AuthorChange(NOW - 3 * YEAR, frozenset({"docs"})),
)


def example(author: str = "z") -> ChangeFeatures:
    return measure(FILES, when=NOW, author=author, fix=True, earlier=EARLIER)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ns", 2),  # core, and the root
        ("nd", 3),  # core/a, core/b, and the root
        ("nf", 3),
        ("entropy", 1.4591479),  # of 30, 20 and 10 lines: 1.46 in the paper
        ("la", 45),
        ("ld", 15),
        ("lt", 157),
        ("fix", 1),
        ("ndev", 3),  # x, y, and the author z
        ("age", (10 + 4 + 0) / 3),
        ("nuc", 2),  # alpha changed two of the files and counts once
        ("exp", 3),
        ("rexp", 1 + 1 / 2 + 1 / 4),
        ("sexp", 2),
    ],
)
def test_measure(name: str, expected: float) -> None:
    assert example()._asdict()[name] == pytest.approx(expected)


def test_recent_experience_equals_the_example_of_the_paper() -> None:
    years = [0.9] * 3 + [1.1] * 4 + [2.5] * 3
    earlier = [AuthorChange(NOW - age * YEAR, frozenset()) for age in years]
    assert recent_experience(earlier, NOW) == pytest.approx(3 / 1 + 4 / 2 + 3 / 3)


def test_an_author_who_changed_the_files_before_counts_once() -> None:
    assert example("x").ndev == 2


def test_entropy_is_normalised_by_the_files_that_have_lines() -> None:
    assert entropy([5, 5, 5, 5]) == pytest.approx(2)
    assert entropy([5, 5, 5, 5], normalised=True) == pytest.approx(1)
    assert entropy([30, 20, 10], normalised=True) == pytest.approx(1.4591479 / math.log2(3))
    assert entropy([7]) == entropy([7], normalised=True) == entropy([]) == 0


def test_a_later_time_of_an_earlier_change_gives_no_negative_age() -> None:
    file = ChangedFile("a.py", 1, 1, 1, (EarlierChange("late", NOW + DAY, "x"),))
    assert measure([file], when=NOW, author="x", fix=False, earlier=()).age == 0


def test_a_change_without_files_has_no_measures() -> None:
    with pytest.raises(ValueError, match="without files"):
        measure([], when=NOW, author="x", fix=False, earlier=())


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0])
def test_the_error_names_an_invalid_feature(bad: float) -> None:
    values = dict.fromkeys(FEATURES, 1.0) | {"age": bad}
    with pytest.raises(ValueError, match="age"):
        matrix([ChangeFeatures(**values)])
