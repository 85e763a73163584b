"""The missing companion: said when the habit is clear, once, and never about what could not be meant."""

import pytest

from bot.analysis.coupling import ANALYZER
from bot.domain.files import FileChange
from bot.domain.history import Companion
from bot.domain.insights import Insight, Standing
from tests.analysis.changes import change_of, changed, file_history, history_of, said

MODEL = changed("app/model.py", "x = 1\n" * 30, "x = 2\n" * 30)


def companion(
    path: str = "app/schema.py",
    together: int = 18,
    lift: float = 9.0,
    lines: tuple[tuple[int, ...], tuple[int, ...]] = ((), ()),
) -> Companion:
    return Companion(
        path=path, together=together, changes=20, confidence=0.9, lift=lift, examples=("a" * 40,),
        lines_together=lines[0], lines_alone=lines[1],
    )  # fmt: skip


def told(*files: FileChange, companions: tuple[Companion, ...], path: str = "app/model.py") -> list[Insight]:
    past = file_history(path, companions=companions)
    return said(ANALYZER, change_of(*files, history=history_of(past)))


def test_a_usual_companion_that_is_missing_is_said_with_its_evidence() -> None:
    [remark] = told(MODEL, companions=(companion(),))
    assert remark.title == "`app/schema.py` usually changes together with `app/model.py`, but not in this change"
    assert "18 of 20 past changes of `app/model.py` (90%)" in remark.description
    assert "9 times as often as by chance" in remark.description
    # Wilson's 90 % interval of 18 in 20, by hand: 0.738.
    assert remark.confidence.reason.endswith("; lower bound 74% of 18 in 20 past changes here")
    assert remark.evidence["examples"] == ["a" * 40]


def test_only_past_changes_of_about_this_size_count_if_there_are_enough() -> None:
    # The change has 60 lines. Large changes of the file nearly always touched its companion, those of its size did not.
    large, alike = (900,) * 14, (50, 40, 100, 60)
    rarely = companion(lines=((*large, *alike), (30, 40, 50, 60, 70)))
    assert told(MODEL, companions=(rarely,)) == []
    [note] = told(MODEL, companions=(companion(lines=((900, 800, 700, *((55,) * 12)), (60,))),))
    assert "12 of 13 past changes of about this size of `app/model.py` (92%)" in note.description
    [few] = told(MODEL, companions=(companion(lines=((900,) * 18, (30, 40))),))
    assert "18 of 20 past changes of `app/model.py`" in few.description


def test_it_is_a_remark_on_shipped_code_with_a_strong_habit_only() -> None:
    assert [one.standing for one in told(MODEL, companions=(companion(),))] == [Standing.REMARK]
    assert [one.standing for one in told(MODEL, companions=(companion(together=17),))] == [Standing.NOTE]
    assert [one.standing for one in told(MODEL, companions=(companion(lift=4.0),))] == [Standing.NOTE]
    assert [one.standing for one in told(MODEL, companions=(companion("app/schema.sql"),))] == [Standing.NOTE]


@pytest.mark.parametrize("path", ["pom.xml", "lib/pom.xml", "package.json", "Cargo.toml", "go.mod", "setup.py"])
def test_manifests_share_versions_and_are_not_missed(path: str) -> None:
    assert told(MODEL, companions=(companion(path),)) == []
    file = changed(f"sub/{path}", "x = 1\n" * 30, "x = 2\n" * 30)
    assert told(file, companions=(companion("app/schema.py"),), path=f"sub/{path}") == []


@pytest.mark.parametrize(
    "weak",
    [companion(together=12), companion(together=7), companion(lift=1.2), companion("docs/model.md")],
    ids=["not usual", "too few", "by chance", "prose"],
)
def test_what_proves_little_is_not_said(weak: Companion) -> None:
    assert told(MODEL, companions=(weak,)) == []


def test_a_companion_that_is_here_is_not_missed_even_under_its_old_name() -> None:
    assert told(MODEL, changed("app/schema.py", "a\n", "b\n"), companions=(companion(),)) == []
    renamed = changed("app/tables.py", "a\n", "b\n", old_path="app/schema.py")
    assert told(MODEL, renamed, companions=(companion(),)) == []


def test_a_changed_test_is_enough_for_companions_that_are_tests() -> None:
    usual = (companion("tests/test_model.py"),)
    assert told(MODEL, companions=usual)
    assert told(MODEL, changed("tests/test_other.py", "a\n", "b\n"), companions=usual) == []


def test_a_word_a_test_and_a_new_file_miss_nobody() -> None:
    assert told(changed("app/model.py", "x = 1\n", "x = 2\n"), companions=(companion(),)) == []
    assert told(changed("app/model.py", None, "x = 1\n" * 30), companions=(companion(),)) == []
    test = changed("tests/test_model.py", "x = 1\n" * 30, "x = 2\n" * 30)
    assert told(test, companions=(companion(),), path="tests/test_model.py") == []


def test_each_companion_and_each_file_is_said_once() -> None:
    other = changed("app/view.py", "x = 1\n" * 30, "x = 2\n" * 30)
    many = tuple(companion(f"app/{name}.py", together) for name, together in (("a", 20), ("b", 19), ("c", 18)))
    pasts = [file_history(path, companions=many) for path in ("app/model.py", "app/view.py")]
    found = said(ANALYZER, change_of(MODEL, other, history=history_of(*pasts)))
    assert [(one.evidence["path"], one.evidence["companion"]) for one in found] == [
        ("app/model.py", "app/a.py"),
        ("app/view.py", "app/b.py"),
    ]


def test_a_change_of_many_files_misses_nobody() -> None:
    others = [changed(f"app/part{number}.py", "a = 1\n", "a = 2\n") for number in range(30)]
    assert told(MODEL, *others[:29], companions=(companion(),))
    assert told(MODEL, *others, companions=(companion(),)) == []


def test_without_history_nothing_is_said() -> None:
    assert said(ANALYZER, change_of(MODEL)) == []
