"""Syntax that a grammar does not know costs no more than the construct itself, in every language."""

# ruff: noqa: E501, ISC004 - each source is in one string

from dataclasses import replace

import pytest

from bot.analysis.functions.facts import TextFacts
from bot.analysis.functions.file import measure_functions
from bot.analysis.functions.grammar import language_of
from bot.analysis.functions.measure import measure_text
from bot.domain.files import FileChange, FileStatus
from tests.analysis.test_complexity import file_change, remarks, said

KOTLIN = "fun big(a: Int): Int {\n    if (a > 1) {\n        return 2\n    }\n    return 1\n}\n"
JAVA = "    int big(int a) {\n        if (a > 1) {\n            return 2;\n        }\n        return 1;\n    }\n"
SCRIPT = "function big(a) {\n    if (a > 1) {\n        return 2;\n    }\n    return 1;\n}\n"
PYTHON = "def big(a):\n    if a > 1:\n        return 2\n    return 1\n"
GUARD = "is Circle if s.r > 0 -> s.r"


def shapes(first: str) -> str:
    return f"package shapes\n\nfun area(s: Shape): Double = when (s) {{\n    {first}\n    else -> 1.0\n}}\n\n"


# Each text ends with the function `big`. None of these constructs is in the grammar of its language.
NEWER = {
    "guard": ("a.kt", shapes(GUARD) + KOTLIN, ["area"]),
    "guard with a block": (
        "a.kt",
        shapes("is Circle if s.r > 0 -> {\n        if (s.r > 3) 1.0 else 2.0\n    }") + KOTLIN,
        ["area"],
    ),
    "dollars": ("a.kt", 'val reference = $$"$ref: $$unit"\n\n' + KOTLIN, []),
    "dollars in lines": ("a.kt", 'val text = $$"""\n  $ref $$unit\n"""\n\n' + KOTLIN, []),
    "context": ("a.kt", "class S {\n    context(l: L)\n    fun n(t: String) {\n        l.i(t)\n    }\n}\n" + KOTLIN, []),
    "field": ("a.kt", 'class M {\n    val c: F<String>\n        field = M("")\n}\n' + KOTLIN, []),
    "before super": (
        "A.java",
        f"import module java.base;\n\nclass A {{\n    A(int x) {{\n        if (x < 0) fail();\n        super(x);\n    }}\n{JAVA}}}\n",
        ["A"],
    ),
    "extension": (
        "E.cs",
        f"static class E {{\n    extension(string s) {{\n        public int L => s.Length;\n    }}\n"
        f"    void F() {{\n        x?.y = 3;\n    }}\n{JAVA}}}\n",
        ["F", "extension"],
    ),
    "deferred import": ("a.ts", "import defer * as n from 'x';\nexport type * from 'x';\n" + SCRIPT, []),
    "accessor": ("a.js", "class A {\n    accessor x = 1;\n    f() {\n        return #p in this;\n    }\n}\n" + SCRIPT, []),
    "default of a type": ("a.py", "def f[T = int](x):\n    return x\n\n\nclass A[T = int]:\n    x = 1\n\n\n" + PYTHON, []),
    "statement": ("a.py", "def f(x):\n    if x:\n        y = x else 1\n    return y\n\n\n" + PYTHON, ["f"]),
    "contract": ("a.cpp", "int g(int x)\n    pre(x > 0)\n{\n    return 1;\n}\n" + SCRIPT.replace("function big(a", "int big(int a"), ["g"]),
    "operator": ("a.go", "func f() {\n\tx := y ?? z\n\tg(x)\n}\n\nfunc big(a int) int {\n\tif a > 1 {\n\t\treturn 2\n\t}\n\treturn 1\n}\n", ["f"]),
    "modifier": (
        "a.php",
        "<?php\nclass A {\n    public string $n { get => 1; sets => 2 };\n    weird $x;\n}\n" + SCRIPT.replace("(a", "($a"),
        [],
    ),
    "statement of Rust": ("a.rs", "fn f() {\n    become h();\n}\n\nfn big(a: i32) -> i32 {\n    if a > 1 {\n        return 2;\n    }\n    1\n}\n", ["f"]),
    "carriage returns": ("a.kt", (shapes(GUARD) + KOTLIN).replace("\n", "\r\n"), ["area"]),
}  # fmt: skip


def facts(path: str, text: str) -> TextFacts:
    table = language_of(path)
    assert table is not None
    return measure_text(table, text)


@pytest.mark.parametrize(("path", "text", "unread"), NEWER.values(), ids=NEWER)
def test_newer_syntax_costs_its_own_lines_only(path: str, text: str, unread: list[str]) -> None:
    found = facts(path, text)
    big = next(function for function in found.functions if function.name.endswith("big"))
    assert (big.ccn, big.cognitive, big.nloc, big.broken, big.unread) == (2, 1, 4 if path == "a.py" else 6, False, 0)
    assert {function.name.rpartition(".")[2] for function in found.functions if function.unread} == set(unread)
    assert not found.clean
    lines = text.replace("\r\n", "\n").split("\n")
    assert lines[big.start_line - 1].strip().partition("(")[0].endswith("big")


def price(limit: int) -> str:
    """Return a function over the threshold."""
    inner = "".join(f"{'    ' * depth}if (a > {depth}) {{\n" for depth in range(1, 8))
    closing = "".join(f"{'    ' * depth}}}\n" for depth in range(7, 0, -1))
    return f"fun price(a: Int): Int {{\n{inner}{'    ' * 8}return {limit}\n{closing}    return 0\n}}\n"


def test_old_functions_are_not_new_because_one_end_has_newer_syntax() -> None:
    plain, guarded = shapes("is Circle -> s.r"), shapes(GUARD)
    for before, after in ((plain, guarded), (guarded, plain), (guarded, guarded)):
        assert not said(file_change("a.kt", before + price(1), after + price(2)))
    (told,) = remarks(file_change("a.kt", plain, guarded + price(1)))
    assert told.rule == "complexity/new-function"


def test_a_function_that_was_hidden_in_what_could_not_be_read_is_not_new() -> None:
    hidden = price(1).replace("fun price(", "fun = price(")
    assert not said(file_change("a.kt", KOTLIN * 9 + hidden, KOTLIN * 9 + price(2)))


def test_a_function_with_unread_lines_at_the_base_only_did_not_grow() -> None:
    old = price(1).replace("if (a > 2)", "if a (> 2)").replace("if (a > 3)", "if a (> 3)")
    assert not said(file_change("a.kt", old, price(1)))


def test_a_file_that_cannot_be_parsed_is_counted_by_lizard_at_both_ends() -> None:
    odd = "%% {{ [[ ((\n" * 20
    before, after = price(1).replace("if (a > 7) {", "{"), price(2)
    change = FileChange(path="a.kt", status=FileStatus.MODIFIED, before=before + odd, after=after)
    found = measure_functions(change)
    assert found is not None and found.before is not None and found.after is not None
    assert (found.engine, found.unparsed) == ("lizard", True)
    assert [(function.name, function.ccn) for function in found.before.functions] == [("price", 7)]
    assert [(function.name, function.ccn) for function in found.after.functions] == [("price", 8)]
    read = measure_functions(replace(change, before=before))
    assert read is not None and not read.unparsed


def test_the_search_ends_soon_on_text_without_structure() -> None:
    for text in (
        "x = = 1\n" * 1_000,
        "fun f() {\n" + "  x = = 1\n" * 250 + "}\n",
        "".join(" " * depth + "{ (\n" for depth in range(900)),
        "{{{ ((( \n" * 500,
    ):
        assert not facts("a.kt", text).clean
