"""Parts of a change that have nothing to do with one another: found when large, and any tie keeps them together."""

import pytest

from bot.analysis.split import ANALYZER
from bot.domain.files import FileChange
from bot.domain.history import Companion
from bot.domain.insights import Insight
from tests.analysis.changes import change_of, changed, file_history, history_of, said


def code(path: str, word: str, lines: int = 250) -> FileChange:
    return changed(path, None, "".join(f"{word}_{n} = {n}\n" for n in range(lines)))


BILLING = code("billing/invoice.py", "amount")
SEARCH = code("search/ranking.py", "score")


def told(*files: FileChange, together: bool = False) -> list[Insight]:
    companion = Companion(path="search/ranking.py", together=5, changes=10, confidence=0.5, lift=5.0)
    past = file_history("billing/invoice.py", companions=(companion,) if together else ())
    return said(ANALYZER, change_of(*files, history=history_of(past)))


def test_two_parts_without_a_tie_are_said() -> None:
    [remark] = told(BILLING, SEARCH, code("tests/test_invoice.py", "amount", 60))
    assert remark.title == "This change has 2 unrelated parts"
    assert sorted(map(sorted, remark.evidence["parts"])) == [
        ["billing/invoice.py", "tests/test_invoice.py"],
        ["search/ranking.py"],
    ]


def test_the_same_change_is_whole_when_they_changed_together_before() -> None:
    assert told(BILLING, SEARCH, together=True) == []


@pytest.mark.parametrize(
    "other",
    [
        code("billing/report.py", "score"),
        code("search/invoice.py", "score"),
        changed("search/ranking.py", None, "from billing import invoice\n" + "score = 1\n" * 250),
        changed("search/ranking.py", None, "amount_3 = 1\n" + "score = 1\n" * 250),
    ],
    ids=["same folder", "same name", "names it", "shares a name"],
)
def test_any_tie_keeps_it_whole(other: FileChange) -> None:
    assert told(BILLING, other) == []


def test_many_files_tied_one_to_the_next_are_one_part() -> None:
    chain = [changed(f"p{n}/m{n}.py", None, f"link_{n} = 1\nlink_{n + 1} = 1\n" * 30) for n in range(12)]
    assert told(*chain) == []
    assert told(*chain, code("search/ranking.py", "score"))


def test_a_small_change_and_a_small_part_are_left_alone() -> None:
    assert told(code("billing/invoice.py", "amount", 100), code("search/ranking.py", "score", 100)) == []
    assert told(BILLING, code("search/ranking.py", "score", 60), code("billing/more.py", "amount", 200)) == []


def test_tests_alone_are_no_part() -> None:
    assert told(BILLING, code("tests/test_ranking.py", "score")) == []


def test_styles_and_templates_are_parts_and_recorded_files_are_not() -> None:
    styles = changed("site/static/main.scss", None, "".join(f".card-{n} {{ top: 0 }}\n" for n in range(250)))
    assert len(told(BILLING, styles)) == 1
    recorded = changed("site/locales/de.ts", None, "".join(f"word_{n} = 1\n" for n in range(250)))
    assert told(BILLING, recorded) == []
