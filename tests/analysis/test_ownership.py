"""Ownership: orphaned code is said, people are suggested and never mentioned, CODEOWNERS is honoured."""

from typing import Any

import pytest

from bot.analysis.ownership import ANALYZER
from bot.domain.files import FileChange
from bot.domain.history import Contributor
from bot.domain.insights import Insight, Standing
from bot.domain.periods import INACTIVE
from tests.analysis.changes import NOW, change_of, changed, file_history, history_of, said

CORE = changed("app/core.py", "x = 1\n" * 40, "x = 2\n" * 40)
GONE, HERE = NOW - INACTIVE - 1, NOW - 1000


def owner(person: int, share: float, last_active: int, *, is_bot: bool = False) -> Contributor:
    return Contributor(
        person=person, name=f"Person {person}", email=f"{person}@x", is_bot=is_bot, lines=int(300 * share), share=share,
        changes=1, last_active=last_active,
    )  # fmt: skip


def told(
    *owners: Contributor,
    file: FileChange = CORE,
    lines: int = 300,
    author: int | None = 9,
    present: frozenset[int] = frozenset(),
    rules: str = "",
) -> list[Insight]:
    past = file_history(file.path, lines=lines, contributors=owners)
    history = history_of(past, author=author, present=present)
    return said(ANALYZER, change_of(file, history=history, codeowners=rules))


def orphans(*owners: Contributor, **facts: Any) -> list[Insight]:
    return [one for one in told(*owners, **facts) if one.standing is Standing.REMARK]


def test_code_whose_authors_are_all_gone_is_said() -> None:
    [remark] = orphans(owner(1, 0.5, GONE), owner(2, 0.46, GONE), owner(3, 0.04, HERE))
    assert remark.title == "The authors of 96% of `app/core.py` have not been active here for 6 months"
    assert remark.description == "No active person wrote a substantial part of it."


def test_where_somebody_is_left_to_ask_it_is_a_note() -> None:
    people = (owner(1, 0.5, GONE), owner(2, 0.3, GONE), owner(3, 0.2, HERE))
    [note] = [one for one in told(*people) if one.rule == "ownership/orphaned"]
    assert note.standing is Standing.NOTE
    assert note.description == "Active people who know parts of it: `Person 3`."
    assert note.evidence["active"] == ["Person 3"]


def test_where_tests_come_along_there_is_nothing_to_do() -> None:
    past = file_history("app/core.py", lines=300, contributors=(owner(1, 1.0, GONE),))
    test = changed("tests/test_core.py", "a\n", "b\n")
    found = said(ANALYZER, change_of(CORE, test, history=history_of(past, author=9)))
    assert [one.standing for one in found if one.rule == "ownership/orphaned"] == [Standing.NOTE]


@pytest.mark.parametrize(
    ("owners", "facts"),
    [
        ((owner(1, 0.7, GONE), owner(2, 0.3, HERE)), {}),
        ((owner(1, 0.9, HERE),), {}),
        ((owner(1, 0.9, GONE),), {"lines": 60}),
        ((owner(1, 0.9, GONE, is_bot=True),), {}),
        ((owner(1, 0.8, GONE), owner(9, 0.2, HERE)), {}),
        ((owner(1, 0.9, GONE),), {"author": 1}),
        ((owner(1, 0.9, GONE),), {"present": frozenset({1})}),
        ((owner(1, 0.8, GONE), owner(2, 0.2, GONE)), {"present": frozenset({2})}),
        ((owner(1, 0.9, GONE),), {"lines": 900}),
        ((owner(1, 0.9, GONE),), {"rules": "*.py @team"}),
        ((owner(1, 0.9, GONE),), {"file": changed("app/core.py", "x = 1\n", "x = 2\n")}),
        ((owner(1, 0.9, GONE),), {"file": changed("tests/test_core.py", "x = 1\n" * 40, "x = 2\n" * 40)}),
    ],
    ids=[
        "some left",
        "active",
        "small",
        "a bot",
        "the author knows it",
        "the author himself",
        "who merges",
        "who merges knows a part",
        "mostly imported",
        "a code owner",
        "a word",
        "a test",
    ],
)
def test_what_is_looked_after_is_not_called_orphaned(owners: tuple[Contributor, ...], facts: dict[str, Any]) -> None:
    assert orphans(*owners, **facts) == []


def test_nobody_is_named_without_an_active_person() -> None:
    assert told(owner(9, 0.5, HERE), owner(1, 0.5, GONE)) == []
    assert told(owner(9, 0.5, HERE), owner(1, 0.5, HERE), present=frozenset({1})) == []


def test_reviewers_are_a_note_in_no_order_of_merit_and_without_the_author() -> None:
    [note] = told(
        owner(2, 0.3, HERE), owner(1, 0.3, HERE), owner(9, 0.3, HERE), owner(4, 0.04, HERE), rules="app/ @core"
    )
    assert note.standing is Standing.NOTE
    assert note.evidence["suggested"] == ["Person 1", "Person 2"]
    assert note.evidence["code_owners"] == ["@core"]
    assert note.evidence["files"] == [{"path": "app/core.py", "people": 4, "main_share": 0.3, "minor_contributors": 1}]
    assert "@" not in note.title + note.description
