"""Misspelled words on added lines, by typos itself: in code, texts and settings; what is not read."""

import asyncio
import time

import pytest

from bot.scan.spelling import find_misspellings, is_word
from tests.analysis.changes import changed


def found(path: str, before: str, after: str) -> list[tuple[str, str, int]]:
    files = [changed(path, before, after)]
    return [(one.word, one.correction, one.line) for one in asyncio.run(find_misspellings(files))]


def test_words_of_added_lines_are_read_with_their_place() -> None:
    after = "# managed interanlly\nold = 1  # recieve\nlocalised_deprectated = 2\n"
    assert found("src/a.py", "old = 1  # recieve\n", after) == [
        ("interanlly", "internally", 1),
        ("deprectated", "deprecated", 3),
    ]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("tests/test_a.py", "x = 1  # recieve"),
        ("vendor/a.py", "x = 1  # recieve"),
        ("data/a.csv", "recieve"),
        ("src/a.py", "x = 'cGFzc3dvcmQgcmVjaWV2ZSBwYXNzd29yZCByZWNpZXZlIHBhc3N3b3JkIHJlY2lldmU' # recieve"),
        ("src/a.py", "x = 1  # " + "recieve " * 60),
        ("src/a.py", "RECIEVE = 1"),
        ("docs/a.md", "- **I**nformation"),
        ("src/a.rs", "/// says far more: `[:recieve:]` and `[a-Z]` are"),
        ("src/a.py", "header = 'recieve'"),
        # The plural of a word is a word.
        ("src/a.kt", "val configurables = load()"),
        ("src/a.py", "print('a\\nformation')"),
    ],
)
def test_tests_data_and_long_lines_are_not_read(path: str, line: str) -> None:
    assert found(path, "x\n", f"x\n{line}\n") == []


@pytest.mark.parametrize(
    ("word", "expected"),
    [("lifcycle", True), ("Lifcycle", True), ("LIFCYCLE", False), ("teh", False), ("naïve", False)],
)
def test_what_is_a_word(word: str, expected: bool) -> None:
    assert is_word(word) is expected


def test_odd_and_many_lines_are_read_in_bounded_time() -> None:
    started = time.perf_counter()
    assert found("src/a.py", "x\n", "x\n\x00\r\x0c interanlly \udc80\n") == [("interanlly", "internally", 2)]
    assert found("src/a.py", "", "recieve\n" * 20_001) == []
    assert len(found("docs/a.md", "", "recieve it\n" * 5_000)) == 200
    assert time.perf_counter() - started < 10
