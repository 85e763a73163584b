"""A fix or a feature without an entry in the change log, where nearly all bring one; where nothing is said."""

from dataclasses import replace

import pytest

from bot.analysis.changelog import ANALYZER, is_entry, said_kind
from bot.domain.change import Change
from bot.domain.files import PastChange, PastFile
from tests.analysis.changes import changed

CODE = PastFile("src/tool/core.py", 5, 1)
FRAGMENT = "docs/changelog/{}.bugfix.rst"


def past(number: int, *, entry: bool, subject: str = "fix(core): read empty files") -> PastChange:
    files = (CODE, PastFile(FRAGMENT.format(number), 1, 0)) if entry else (CODE,)
    return PastChange(f"{number:040x}", number, subject, files)


def change(title: str = "fix: a crash", *paths: str, entries: int = 24, without: int = 4) -> Change:
    """A change of code after fixes with and without an entry, mixed."""
    history = [past(number, entry=number % 7 != 0 or number // 7 >= without) for number in range(entries + without)]
    files = [changed(path, "a = 1\n", "a = 2\n") for path in (paths or ("src/tool/core.py",))]
    return Change(repository="o/r", head_sha="a", merge_base="b", files=tuple(files), title=title, past=tuple(history))


def test_a_fix_without_an_entry_names_the_place_the_habit_and_two_receipts() -> None:
    (found,) = ANALYZER.analyze(change(), {})
    assert found.rule == "changelog/missing"
    assert found.title == "This fix has no entry in `docs/changelog/`"
    assert found.description == (
        "24 of the last 28 fixes and features of production code here brought one with them, for example `0000000000`"
        " and `0000000000`."
    )
    assert (found.evidence["past_changes"], found.evidence["with_entry"]) == (28, 24)
    assert [(place.path, place.start_line) for place in found.locations] == [("src/tool/core.py", 1)]
    (feature,) = ANALYZER.analyze(change("✨ feat(core): add a mode"), {})
    assert feature.title.startswith("This feature has no entry")


def test_a_squashed_pull_request_is_asked_and_a_branch_of_several_is_not() -> None:
    assert len(ANALYZER.analyze(replace(change(), pulls=1), {})) == 1
    assert ANALYZER.analyze(replace(change(), pulls=2), {}) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("CHANGES.rst", True),
        ("CHANGELOG", True),
        ("docs/changelog/1.bugfix.rst", True),
        (".changeset/blue-cats.md", True),
        (".github/workflows/release.yml", False),
        (".github/release.yaml", False),
        ("src/history.py", False),
    ],
)
def test_what_is_an_entry(path: str, expected: bool) -> None:
    assert is_entry(path) is expected


def test_one_file_for_all_entries_is_named() -> None:
    history = [PastChange(f"{n:040x}", n, "Fix a crash", (CODE, PastFile("CHANGES.rst", 1, 0))) for n in range(20)]
    (found,) = ANALYZER.analyze(replace(change(), past=tuple(history)), {})
    assert found.title == "This fix has no entry in `CHANGES.rst`"


@pytest.mark.parametrize(
    ("title", "paths"),
    [
        ("fix: a crash", ("src/tool/core.py", "docs/changelog/7.bugfix.rst")),
        ("fix: a crash", ("src/tool/core.py", "CHANGELOG.md")),
        ("fix: a crash", ("tests/test_core.py",)),
        ("fix: a crash", ("docs/core.md",)),
        ("refactor: move the reader", ("src/tool/core.py",)),
        ("fix(ci): install the tool", ("src/tool/core.py",)),
        ("Fix typos", ("src/tool/core.py",)),
        ("Fix type hints of the reader", ("src/tool/core.py",)),
        ("Merge branch 'stable'", ("src/tool/core.py",)),
    ],
)
def test_a_change_that_has_an_entry_or_needs_none_is_not_asked_for_one(title: str, paths: tuple[str, ...]) -> None:
    assert ANALYZER.analyze(change(title, *paths), {}) == []


def test_without_a_clear_or_present_habit_nothing_is_said() -> None:
    assert ANALYZER.analyze(change(entries=12, without=2), {}) == []
    half = [past(number, entry=number % 2 == 0) for number in range(60)]
    assert ANALYZER.analyze(replace(change(), past=tuple(half)), {}) == []
    ended = [past(number, entry=number >= 10) for number in range(80)]
    assert ANALYZER.analyze(replace(change(), past=tuple(ended)), {}) == []
    inner = [past(number, entry=True, subject="refactor: names") for number in range(80)]
    assert ANALYZER.analyze(replace(change(), past=tuple(inner)), {}) == []


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("fix(seed): read it", "fix"),
        ("🐛 fix(seed): read it", "fix"),
        ("Fixed a leak", "fix"),
        ("[3.x] Fix a leak", "fix"),
        ("KTOR-9701 Fix a leak", "fix"),
        ("Prevent a race", "fix"),
        ("feat!: another mode", "feature"),
        ("Support Python 3.14", "feature"),
        ("Add support for zones", "feature"),
        ("Add a helper", ""),
        ("Fixture for the reader", ""),
        ("fix(docs): a link", ""),
        ("a" * 5_000, ""),
    ],
)
def test_what_a_title_says(title: str, kind: str) -> None:
    assert said_kind(title) == kind
