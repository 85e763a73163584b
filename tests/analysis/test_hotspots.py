"""Hotspots: touching one is a note, making one more complex is a remark, and only where the past says so."""

from dataclasses import replace
from typing import Any

import pytest

from bot.analysis.hotspots import ANALYZER, without_repeated
from bot.domain.history import PastCommit
from bot.domain.insights import Insight, Location, Standing
from tests.analysis.changes import change_of, changed, file_history, history_of, said


def branches(count: int) -> str:
    return "".join(
        f"def f{n}(a, b):\n    if a:\n        if b:\n            return a\n    return b\n\n\n" for n in range(count)
    )


def told(before: int, after: int, *, path: str = "app/core.py", hottest: int = 0, **facts: Any) -> list[Insight]:
    fixes = tuple(PastCommit(f"{n:040x}", 0, "fix") for n in range(3))
    past = {"revisions_year": 24, "revisions_year_before": 12, "fixes_year": fixes} | facts
    file = changed(path, branches(before), branches(after))
    return said(ANALYZER, change_of(file, history=history_of(file_history(path, **past), hottest=hottest)))


def test_a_hotspot_that_becomes_more_complex_is_a_remark() -> None:
    [remark] = told(20, 28)
    assert (remark.standing, remark.rule) == (Standing.REMARK, "hotspots/grew")
    # Each function: 1 for the first condition, 2 for the nested one.
    assert remark.description == (
        "It was changed 24 times in the last year, 3 of them fixes; the complexity of its functions goes from 60 to 84."
    )
    assert remark.evidence["trend"] == "rising"
    assert len(remark.evidence["fixes_year"]) == 3
    assert remark.remedy == "Most of the new code is new functions: consider a file of their own."
    # The first of the new functions, which are equally long.
    assert [(place.start_line, place.end_line) for place in remark.locations] == [(141, 145)]


def methods(name: str) -> str:
    body = "(self, a, b):\n        if a:\n            if b:\n                return a\n        return b\n\n"
    return f"class {name}:\n" + "".join(f"    def {name.lower()}_{n}{body}" for n in range(8)) + "\n"


OLD = "class Old:\n    def first(self):\n        return 1\n\n\n"
LONG = branches(1).replace("    return b\n", "    if b:\n        if a:\n            return b\n" * 8 + "    return b\n")


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("", methods("New"), "hotspots/grew"),
        (OLD, OLD.rstrip() + "\n\n" + methods("Old").partition("\n")[2], "hotspots/touched"),
        (branches(1), LONG, "hotspots/touched"),
    ],
    ids=["a class", "methods of an old class", "inside of a function"],
)
def test_only_what_can_stand_in_another_file_is_a_remark(before: str, after: str, rule: str) -> None:
    rest = branches(20).replace("def f", "def other")
    file = changed("app/core.py", before + rest, after + rest)
    fixes = tuple(PastCommit(f"{n:040x}", 0, "fix") for n in range(3))
    past = file_history("app/core.py", revisions_year=24, fixes_year=fixes)
    [found] = said(ANALYZER, change_of(file, history=history_of(past)))
    assert "goes from 60 to" in found.description or "goes from 63 to" in found.description
    assert (found.rule, bool(found.remedy)) == (rule, rule == "hotspots/grew")


def test_a_remark_on_a_function_of_the_file_is_enough() -> None:
    [remark] = told(20, 28)
    other = replace(remark, rule="complexity/new-function")
    [first, second] = without_repeated([other, remark])
    assert first == other
    assert (second.standing, second.rule, second.remedy) == (Standing.NOTE, "hotspots/touched", "")
    assert second.title == "`app/core.py` is a hotspot"
    note = replace(other, standing=Standing.NOTE)
    elsewhere = replace(other, locations=(Location("app/other.py", 1, 1),))
    assert without_repeated([remark, note, elsewhere]) == [remark, note, elsewhere]


@pytest.mark.parametrize(("before", "after"), [(20, 20), (20, 15), (20, 22)], ids=["same", "simpler", "a little"])
def test_touching_one_is_a_note(before: int, after: int) -> None:
    file = changed("app/core.py", branches(before), branches(after) + "x = 1\n")
    fixes = tuple(PastCommit(f"{n:040x}", 0, "fix") for n in range(3))
    past = file_history("app/core.py", revisions_year=24, fixes_year=fixes)
    [note] = said(ANALYZER, change_of(file, history=history_of(past)))
    assert (note.standing, note.rule) == (Standing.NOTE, "hotspots/touched")


@pytest.mark.parametrize(
    "past",
    [{"revisions_year": 9}, {"hottest": 25}, {"fixes_year": ()}, {"path": "tests/test_core.py"}],
    ids=["few changes", "others change more", "never fixed", "a test"],
)
def test_what_is_no_hotspot_is_not_called_one(past: dict[str, Any]) -> None:
    assert told(20, 40, **past) == []


def test_simple_code_that_changes_often_is_no_hotspot() -> None:
    assert told(3, 12) == []


def test_one_remark_at_most_on_the_one_that_grew_most() -> None:
    fixes = tuple(PastCommit(f"{n:040x}", 0, "fix") for n in range(3))
    sizes = {"app/a.py": 24, "app/b.py": 40, "app/c.py": 30}
    files = [changed(path, branches(20), branches(size)) for path, size in sizes.items()]
    pasts = [file_history(path, revisions_year=24, fixes_year=fixes) for path in sizes]
    found = said(ANALYZER, change_of(*files, history=history_of(*pasts)))
    assert [one.locations[0].path for one in found if one.standing is Standing.REMARK] == ["app/b.py"]


def test_a_complexity_that_stays_is_not_told() -> None:
    [note] = told(20, 20)
    assert note.description == "It was changed 24 times in the last year, 3 of them fixes."
    [note] = told(20, 22)
    assert "goes from 60 to 66" in note.description
