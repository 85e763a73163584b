"""One remark per misspelled word of the change, with its places."""

from dataclasses import replace

from bot.analysis.spelling import ANALYZER
from bot.domain.tree import Misspelling, Tree
from tests.analysis.changes import change_of, changed

ONE = Misspelling("Lifcycle", "Lifecycle", "docs/a.rst", 4, "Lifcycle of the Context")
TWO = Misspelling("lifcycle", "lifecycle", "src/a.py", 9, "    # a lifcycle")


def test_a_word_is_said_once_with_its_places() -> None:
    change = change_of(changed("docs/a.rst", "a", "b"), changed("src/a.py", "a", "b"))
    (remark,) = ANALYZER.analyze(replace(change, tree=Tree(misspelled=(ONE, TWO))), {})
    assert remark.title == "`Lifcycle` at `docs/a.rst`:4 should be `Lifecycle`"
    assert remark.description == (
        "The line is `Lifcycle of the Context`. It also stands at `src/a.py`:9."
        " The word stood nowhere in the repository before."
    )
    assert [(place.path, place.start_line) for place in remark.locations] == [("docs/a.rst", 4), ("src/a.py", 9)]


def test_files_that_are_ignored_or_tell_of_the_past_are_not_named() -> None:
    change = change_of(changed("CHANGELOG.md", "a", "b"))
    told = replace(ONE, path="CHANGELOG.md")
    assert ANALYZER.analyze(replace(change, tree=Tree(misspelled=(told, TWO))), {}) == []
