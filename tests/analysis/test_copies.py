"""Sentences and links that are corrected in one place and stand in another as they were."""

import time
from dataclasses import replace

import pytest

from bot.analysis.copies import ANALYZER, texts
from bot.domain.tree import Mention, Tree
from tests.analysis.changes import change_of, changed

OLD = "- For Basic Auth you need to set following env variables:"
NEW = "- For Basic Auth you need to set the following env variables:"
BADGE = "[![Practices](https://bestpractices.coreinfrastructure.org/projects/7585/badge)](https://b.example/7585)"


def found(path: str, old: str, new: str, *mentions: Mention) -> list[str]:
    change = change_of(changed(path, f"a\n{old}\nb\n", f"a\n{new}\nb\n"))
    tree = Tree(searched=True, mentions=mentions)
    return [one.title for one in ANALYZER.analyze(replace(change, tree=tree), {})]


def test_a_corrected_sentence_that_stands_elsewhere_is_said() -> None:
    place = Mention("cmd/main.go", 163, f"\t{OLD}")
    [title] = found("README.md", OLD, NEW, place)
    assert title == "1 line that is corrected here stands at `cmd/main.go`:163 as before"


def test_a_link_is_corrected_too() -> None:
    new = BADGE.replace("bestpractices.coreinfrastructure.org", "www.bestpractices.dev")
    assert len(found("SECURITY.md", BADGE, new, Mention("README.md", 18, BADGE))) == 1


@pytest.mark.parametrize(
    ("path", "old", "new", "place"),
    [
        ("README.md", OLD, "Something that was written anew and has nothing in common with it.", "cmd/main.go"),
        ("README.md", OLD, NEW, "CHANGELOG.md"),
        ("README.md", OLD, NEW, "tests/main.go"),
        ("README.md", "Set the env variables:", "Set these env variables:", "cmd/main.go"),
        ("README.md", f"{OLD} 'x'", f'{OLD} "x"', "cmd/main.go"),
        ("src/a.py", f"# {OLD}", f"# {NEW}", "src/b.py"),
        ("src/a.py", f"value = '{OLD}'", f"value = '{NEW}'", "src/b.py"),
        (
            "README.md",
            "{ a = [['py312', 'py313'], ['b42', 'c50']], exclude = ['py312-b50'] }",
            "{ a = [['3.12'] }",
            "a.md",
        ),
        ("a.py", f"# Copyright 2024 by the authors of this tool. {OLD}", f"# Copyright 2025. {OLD}", "b.py"),
        ("README.md", f"{OLD} removed", NEW, "cmd/main.go"),
    ],
)
def test_what_is_new_told_or_no_text_is_not_said(path: str, old: str, new: str, place: str) -> None:
    assert found(path, old, new, Mention(place, 3, old)) == []


def test_a_phrase_of_many_places_and_another_line_are_not_said() -> None:
    assert found("README.md", OLD, NEW, *(Mention(f"docs/{number}.md", 1, OLD) for number in range(4))) == []
    assert found("README.md", OLD, NEW, Mention("cmd/main.go", 1, f"{OLD} and more")) == []


def test_what_was_moved_in_the_change_is_not_corrected() -> None:
    moved = [changed("README.md", f"{OLD}\n", f"{NEW}\n"), changed("docs/a.md", "a\n", f"a\n{OLD}\n")]
    assert texts(moved) == []


def test_hostile_lines_are_compared_in_bounded_time() -> None:
    old = "\n".join("a b " * 70 + str(number) for number in range(600))
    new = "\n".join("a c " * 70 + str(number) for number in range(600))
    edited = changed("docs/a.md", old, new)
    started = time.perf_counter()
    texts([edited])
    assert time.perf_counter() - started < 5
