"""Collisions: said when two open pull requests change one function, quietly, and without a number sign."""

import pytest

from bot.analysis.collision import ANALYZER, MAX_FILES, Functions, measure
from bot.analysis.functions.file import measure_functions
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.history import Companion
from bot.domain.insights import Insight, Standing
from bot.domain.open_pulls import OpenPull, Touched, TouchedFunction
from tests.analysis.changes import change_of, changed, file_history, history_of, remarks, said

BODY = "def first():\n    a = 1\n    return a\n\n\nclass Box:\n    def open(self):\n        b = 2\n        return b\n"
SECOND = changed("app/core.py", BODY, BODY.replace("b = 2", "b = 3"))


def touched(path: str, *names: str) -> Touched:
    return Touched((path,), tuple(TouchedFunction(path, name, 1, 9) for name in names))


def told(*files: FileChange, others: tuple[Touched, ...], companions: tuple[Companion, ...] = ()) -> list[Insight]:
    pulls = tuple(OpenPull(number, f"{number:040d}", one) for number, one in enumerate(others, start=7))
    history = history_of(file_history("app/core.py", companions=companions))
    change = change_of(*files, history=history)
    return said(ANALYZER, Change(**{name: getattr(change, name) for name in change.__slots__} | {"open_pulls": pulls}))


def test_the_same_function_is_said_with_its_evidence_and_without_a_mention() -> None:
    [remark] = remarks(told(SECOND, others=(touched("app/core.py", "Box.open"),)))
    assert remark.title == "Open pull request 7 also changes `Box.open`"
    assert remark.description == "Both change `Box.open` in `app/core.py`."
    assert remark.evidence["functions"] == [{"path": "app/core.py", "name": "Box.open"}]
    [place] = remark.locations
    assert (place.path, place.start_line, place.end_line) == ("app/core.py", 7, 9)
    assert "#" not in remark.title + remark.description + remark.remedy


@pytest.mark.parametrize(
    "other",
    [touched("app/core.py", "first"), touched("app/core.py"), touched("lib/core.py", "Box.open")],
    ids=["another function", "the file only", "another file"],
)
def test_what_does_not_meet_is_not_said(other: Touched) -> None:
    assert told(SECOND, others=(other,)) == []


def test_a_renamed_file_and_a_deleted_function_meet_what_they_were() -> None:
    moved = changed("app/new.py", BODY, BODY.replace("b = 2", "b = 3"), old_path="app/core.py")
    [remark] = told(moved, others=(touched("app/core.py", "Box.open"),))
    assert remark.locations[0].path == "app/new.py"
    gone = changed("app/core.py", BODY, BODY[BODY.index("class") :])
    [remark] = told(gone, others=(touched("app/core.py", "first"),))
    assert remark.locations == ()


def touched_by(file: FileChange) -> Functions | None:
    functions = measure_functions(file)
    assert functions is not None
    return measure(file, functions)


def test_new_functions_and_lines_between_functions_touch_nothing() -> None:
    assert touched_by(changed("a.py", BODY, BODY + "\n\ndef third():\n    return 3\n")) == ()
    assert touched_by(changed("a.py", BODY, BODY.replace("\n\nclass", "\n\nx = 1\n\n\nclass"))) == ()
    assert touched_by(changed("a.py", None, BODY)) is None


def test_lines_put_into_a_function_touch_it_and_the_innermost_only() -> None:
    text = "def outer():\n    def inner():\n        a = 1\n        return a\n    b = 2\n    return b\n"
    [inner] = touched_by(changed("a.py", text, text.replace("a = 1", "a = 1\n        a += 1"))) or ()
    assert (inner.name, inner.start_line, inner.end_line) == ("outer.inner", 2, 5)
    [outer] = touched_by(changed("a.py", text, text.replace("b = 2", "b = 3"))) or ()
    assert outer.name == "outer"


def test_tests_are_noted_and_mass_changes_say_nothing() -> None:
    test = changed("tests/test_core.py", BODY, BODY.replace("b = 2", "b = 3"))
    [note] = told(test, others=(touched("tests/test_core.py", "Box.open"),))
    assert note.standing is Standing.NOTE
    wide = Touched(tuple(f"{n}.py" for n in range(MAX_FILES + 1)), touched("app/core.py", "Box.open").functions)
    assert told(SECOND, others=(wide,)) == []
    rest = [changed(f"docs/{n}.md", "a\n", "b\n") for n in range(MAX_FILES)]
    assert told(SECOND, *rest, others=(touched("app/core.py", "Box.open"),)) == []


def test_two_remarks_at_most_and_the_rest_noted() -> None:
    found = told(SECOND, others=(touched("app/core.py", "Box.open"),) * 4)
    assert [one.standing for one in found] == [Standing.REMARK] * 2 + [Standing.NOTE] * 2
    assert [one.evidence["pull_request"] for one in found] == [10, 9, 8, 7]


def companion(together: int = 18, path: str = "app/schema.py") -> Companion:
    return Companion(path=path, together=together, changes=20, confidence=0.9, lift=9.0)


def test_a_strong_companion_is_noted() -> None:
    [note] = told(SECOND, others=(touched("app/schema.py"),), companions=(companion(),))
    assert (note.rule, note.standing) == ("collision/companion", Standing.NOTE)
    assert "18 of 20 past changes of `app/core.py`" in note.description


def test_weak_ties_prose_and_what_is_changed_here_too_are_not() -> None:
    assert told(SECOND, others=(touched("app/schema.py"),), companions=(companion(12),)) == []
    assert told(SECOND, others=(touched("docs/a.md"),), companions=(companion(path="docs/a.md"),)) == []
    here = changed("app/schema.py", "x = 1\n", "x = 2\n")
    assert told(SECOND, here, others=(touched("app/schema.py"),), companions=(companion(),)) == []


def test_alone_nothing_is_said() -> None:
    assert said(ANALYZER, change_of(SECOND)) == []
