"""Conflict markers, focused tests and stops for a debugger on added lines; the same forms where they are meant."""

import pytest

from bot.analysis.unfinished import ANALYZER
from tests.analysis.changes import change_of, changed


def found(path: str, before: str, after: str) -> list[tuple[str, int]]:
    insights = ANALYZER.analyze(change_of(changed(path, before, after)), {})
    return [(one.rule.removeprefix("unfinished/"), one.locations[0].start_line) for one in insights]


@pytest.mark.parametrize(
    ("path", "line", "rule"),
    [
        ("tests/a.test.ts", "  it.only('reads', () => {", "focused-test"),
        ("tests/a.test.ts", "describe.each.only`", "focused-test"),
        ("tests/a.spec.js", "fdescribe('a', () => {", "focused-test"),
        ("tests/a.spec.js", "  fit('reads', () => {", "focused-test"),
        ("src/a.ts", "    debugger", "debugger"),
        ("src/a.py", "    breakpoint()", "debugger"),
        ("src/a.py", "import pdb; pdb.set_trace()", "debugger"),
        ("lib/a.rb", "  binding.pry", "debugger"),
        ("src/a.rs", "    dbg!(&resources);", "debugger"),
        ("src/a.rs", "    let x = dbg!(read());", "debugger"),
    ],
)
def test_what_was_left_from_working_is_said_with_its_line(path: str, line: str, rule: str) -> None:
    assert found(path, "a\n", f"a\n{line}\n") == [(rule, 2)]


@pytest.mark.parametrize(
    ("path", "before", "line"),
    [
        ("src/only.ts", "", "it.only('x')"),
        ("tests/a.test.ts", "", "// it.only('reads')"),
        ("tests/a.test.ts", "", "model.fit(data)"),
        ("tests/a.test.ts", "it.only('a')\n", "it.only('b')"),
        ("src/a.ts", "", "const debugger_ = 1"),
        ("src/a.py", "", "set_breakpoint()"),
        ("src/a.py", "", "# breakpoint()"),
        ("docs/a.md", "", "breakpoint()"),
        ("vendor/a.py", "", "breakpoint()"),
        ("src/a.rs", "", "macro_rules! dbg {"),
        ("src/a.py", "", "x = '" + "a" * 400 + "'"),
    ],
)
def test_what_is_meant_or_something_else_is_not_said(path: str, before: str, line: str) -> None:
    assert found(path, f"{before}a\n", f"{before}a\n{line}\n") == []


CONFLICT = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> branch\n"


def test_a_conflict_needs_both_ends_and_its_middle() -> None:
    assert found("src/a.py", "x\n", f"x\n{CONFLICT}") == [("conflict", 2)]
    assert found("config.yml", "x\n", f"x\n{CONFLICT}") == [("conflict", 2)]
    assert found("docs/a.md", "x\n", f"x\n{CONFLICT}") == []
    assert found("tests/data/a.txt", "x\n", f"x\n{CONFLICT}") == []
    assert found("src/a.py", "x\n", "x\n<<<<<<< HEAD\n=======\n") == []
    assert found("src/a.py", CONFLICT, f"{CONFLICT}x\n") == []
