"""Hotspots: touching one is a note, making one more complex is a remark, and only where the past says so."""

from typing import Any

import pytest

from bot.analysis.hotspots import ANALYZER
from bot.domain.history import PastCommit
from bot.domain.insights import Insight, Standing
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
