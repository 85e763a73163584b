"""Tests that stand in files of production code, by language."""

import pytest

from bot import inline_tests
from bot.inline_tests import may_have, opens


def marked(path: str, text: str) -> str:
    """The lines of a text that belong to tests, by their first letters."""
    lines = text.split("\n")
    return "".join(lines[index].strip()[:1] for index in sorted(inline_tests.test_lines(path, lines)))


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("a.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\n  use x;\n  #[test]\n  fn a() {\n  }\n}\nfn g() {}", "#mu#f}}"),
        ("a.rs", "#[cfg(all(test, unix))]\nmod t {\n    fn a() {}\n}\nfn g() {}", "#mf}"),
        ("a.rs", "#[cfg(test)]\nuse a::b;\nfn f() {}", "#u"),
        ("a.rs", "#[cfg(test)]\nmod tests;\nfn f() {}", "#m"),
        ("a.rs", "mod grid_tests {\n}\nmod latest {\n}", "m}"),
        ("a.rs", "#[tokio::test]\nasync fn f() {\n    a();\n}\nfn g() {}", "#aa}"),
        ("a.rs", "/// Adds.\n/// ```\n/// assert!(f());\n/// ```\nfn f() {}", "///"),
        ("a.d", "int f() { return 1; }\nunittest\n{\n    assert(f());\n}\nint g;", "u{a}"),
        ("a.zig", 'fn f() void {}\ntest "adds" {\n    try x();\n}\nfn g() void {}', "tt}"),
        ("a.ts", "f()\nif (import.meta.vitest) {\n  it()\n}\ng()", "ii}"),
        ("a.cpp", 'int f();\nTEST_CASE("adds") {\n  CHECK(f());\n}\nint g;', "TC}"),
        ("a.py", "def f():\n    '''Add.\n\n    >>> f()\n    1\n    '''\n    return 1", ">"),
        ("a.ex", "@doc '''\n    iex> f()\n    1\n'''\ndef f, do: 1", "i"),
        ("a.go", "func TestX() {\n}", ""),
        ("a.rs", "fn test() {\n}\nlet tests = 1;", ""),
    ],
)  # fmt: skip
def test_the_lines_of_inline_tests(path: str, text: str, found: str) -> None:
    assert marked(path, text) == found


def test_headings_of_hunks() -> None:
    assert opens("a.rs", "mod tests {") and opens("a.zig", 'test "x" {') and opens("a.d", "unittest {")
    assert not opens("a.rs", "fn latest() {") and not opens("a.py", "mod tests {") and not opens("a.c", "int test(")
    assert may_have("src/a.rs") and not may_have("a.java") and not may_have("Makefile")


def test_hostile_text_takes_linear_time() -> None:
    for line in ("#[cfg(test" * 20, "mod " + "test" * 50, "TEST(" * 40, "unittest" * 30):
        assert inline_tests.test_lines("a.rs", [line] * 30_000) is not None
