"""The engine against other tools, on real and on hostile text."""

import sys
import sysconfig
import time
import warnings
from pathlib import Path

import lizard
import pytest
from radon.metrics import mi_compute
from radon.visitors import ComplexityVisitor

from bot.analysis.functions.facts import FunctionFacts, TextFacts
from bot.analysis.functions.grammar import LANGUAGES, language_of
from bot.analysis.functions.lizard_fallback import fallback_language, measure_by_lizard
from bot.analysis.functions.maintainability import halstead_volume, maintainability_index
from bot.analysis.functions.measure import measure_both, measure_text


def measured(path: str, text: str) -> TextFacts:
    table = language_of(path)
    assert table is not None
    return measure_text(table, text)


def only(path: str, text: str) -> FunctionFacts:
    (function,) = measured(path, text).functions
    return function


def standard_library(limit: int) -> list[str]:
    folder = Path(sysconfig.get_paths()["stdlib"])
    files = [file for file in sorted(folder.glob("*.py")) if file.stat().st_size < 512_000]
    assert len(files) >= limit
    return [file.read_text("utf-8", "replace") for file in files[:limit]]


def radon_functions(text: str) -> list[tuple[int, int]]:
    """(line, CCN) of every function, closures and methods of inner classes included."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        visitor = ComplexityVisitor.from_code(text)
    functions, classes = list(visitor.functions), list(visitor.classes)
    for one in classes:
        functions += one.methods
        classes += one.inner_classes
    for function in functions:
        functions += function.closures
    return [(function.lineno, function.complexity) for function in functions]


def test_agrees_with_radon_on_the_standard_library() -> None:
    total = exact = within_one = 0
    for text in standard_library(150):
        ours = {function.start_line: function.ccn for function in measured("a.py", text).functions}
        for line, ccn in radon_functions(text):
            total += 1
            exact += ours[line] == ccn
            within_one += abs(ours[line] - ccn) <= 1
    assert total > 4_000
    assert exact / total >= 0.98
    assert within_one / total >= 0.995


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.js", "function f(a) { for (;;) { if (a && b) { } } switch (a) { case 1: case 2: } return a ? 1 : 2; }"),
        ("a.java", "class A { int f(int a) { while (a > 1) { if (a > 2 || a < 3) { } } return a > 1 ? 1 : 2; } }"),
        ("a.c", "int f(int a, int b) { do { a++; } while (a && b); switch (a) { case 1: case 2: break; } return 1; }"),
        (
            "a.go",
            "package a\n\nfunc f(a int) int {\n\tfor a > 1 {\n\t\tif a > 2 && a < 9 {\n\t\t}\n\t}\n\treturn 1\n}\n",
        ),
        ("a.py", "def f(a, b):\n    for c in a:\n        if c and b:\n            return 1\n    return 2\n"),
    ],
)
def test_agrees_with_lizard_where_the_rules_agree(path: str, text: str) -> None:
    ours = only(path, text)
    (theirs,) = lizard.analyze_file.analyze_source_code(path, text).function_list
    assert (ours.ccn, ours.nloc, ours.parameters) == (
        theirs.cyclomatic_complexity,
        theirs.nloc,
        len(theirs.parameters),
    )
    assert (ours.start_line, ours.end_line) == (theirs.start_line, theirs.end_line)


@pytest.mark.parametrize("table", LANGUAGES, ids=lambda table: table.name)
def test_every_grammar_loads_and_reads_an_empty_file(table: object) -> None:
    language = next(language for language in LANGUAGES if language is table)
    assert measure_text(language, "") == TextFacts(functions=(), maintainability=100.0, clean=True)


def test_the_second_parse_gives_what_a_fresh_one_gives() -> None:
    table = language_of("a.py")
    assert table is not None
    text = standard_library(40)[30]
    lines = text.split("\n")
    for position in range(0, len(lines), max(1, len(lines) // 12)):
        edited = "\n".join([*lines[:position], "if x and y:", '    z = """', '"""', *lines[position + 3 :]])
        before, after = measure_both(table, text, edited)
        assert before == measure_text(table, text)
        assert after == measure_text(table, edited)
    assert measure_both(table, "é = 1\n", "è = 1\n")[1] == measure_text(table, "è = 1\n")


HOSTILE: list[tuple[str, str, str, tuple[int, int | None] | None]] = [
    ("parentheses", "a.py", "def f():\n  return " + "(" * 20_000 + "1" + ")" * 20_000, (1, 0)),
    ("open parentheses", "a.js", "function f() { return " + "(" * 20_000, None),
    ("elif", "a.py", "def f(x):\n if x: pass\n" + " elif x == 1: pass\n" * 3_000, (3_002, 3_001)),
    ("else if", "a.js", "function f(x) { if (x) {}" + " else if (x) {}" * 3_000 + "}", (3_002, 3_001)),
    ("nested if", "a.c", "int f(int x) {" + "if (x) {" * 3_000 + "}" * 3_003, (3_001, 4_501_500)),
    ("operators", "a.py", "def f():\n return " + "a and " * 30_000 + "a", (30_001, 1)),
    ("functions", "a.js", "x = () => {" * 5_000 + "}" * 5_000, None),
    ("declarator", "a.c", "int " + "*(" * 10_000 + "f" + ")" * 10_000 + "() {}", None),
    ("classes", "a.java", "class A {" * 3_000 + "void f() {}" + "}" * 3_000, (1, 0)),
    ("long line", "a.py", "x = [" + "1," * 250_000 + "]", None),
    ("short functions", "a.js", "function f(){}" * 35_000, None),
    ("NUL", "a.py", "def f(x):\n    if x:\0 pass\n", (2, 1)),
    ("lone surrogate", "a.py", "def f(x):\n    s = '\ud800'\n    if x: pass\n", (2, 1)),
    ("only a surrogate", "a.swift", "\udfff", None),
]


@pytest.mark.parametrize(
    ("path", "text", "expected"), [entry[1:] for entry in HOSTILE], ids=[entry[0] for entry in HOSTILE]
)
def test_hostile_text_ends_soon(path: str, text: str, expected: tuple[int, int] | None) -> None:
    started = time.perf_counter()
    functions = measured(path, text).functions
    assert time.perf_counter() - started < 20  # seconds; about 1 where nothing else runs
    if expected is not None:
        assert [(function.ccn, function.cognitive) for function in functions] == [expected]


@pytest.mark.parametrize(
    ("expression", "points"),
    [
        ("a && b && c", 1),
        ("a && (b && c)", 1),
        ("(a && b) && ((c))", 1),
        ("a && b || c", 2),
        ("a || b && c || d", 3),
        ("a && !(b && c)", 2),
        ("a && f(b && c)", 2),
        ("f(a && b, c && d)", 2),
        ("a + (b && c)", 1),
        ("a ?? b", 0),
    ],
)
def test_runs_of_one_operator_count_once(expression: str, points: int) -> None:
    assert only("a.js", f"function f() {{ return {expression}; }}").cognitive == points


def test_a_class_inside_a_function_is_not_its_code() -> None:
    text = "def f():\n    class A:\n        x = 1 if y else 2\n        def g(self):\n            if x: pass\n"
    assert [(f.name, f.ccn, f.cognitive) for f in measured("a.py", text).functions] == [
        ("f", 1, 0),
        ("f.A.g", 2, 1),
    ]


def test_a_nul_is_a_blank() -> None:
    assert measured("a.py", "def f(x):\n    if x:\0 pass\n").clean


def test_a_file_with_errors_still_gives_its_functions() -> None:
    facts = measured("a.py", "def good(x):\n    if x:\n        pass\n\ndef bad(x):\n    y = = 1 +\n    if x: pass\n")
    assert not facts.clean
    assert [(function.name, function.ccn, function.unread) for function in facts.functions] == [
        ("good", 2, 0),
        ("bad", 2, 1),
    ]


def test_a_function_without_a_body_is_no_error() -> None:
    facts = measured("a.py", "def f(x):\ndef f(x):\n    return 1\n")
    assert [function.name for function in facts.functions] == ["f", "f"]


def test_anonymous_functions_get_stable_names() -> None:
    text = """
const bound = () => 1;
module.exports = function () { return function () {}; };
res.send = function send() {};
app.get("/", (req) => {}, (req) => {});
export default { key: async function () {}, method() {} };
"""
    assert [function.name for function in measured("a.js", text).functions] == [
        "bound",
        "module.exports",
        "<anonymous in module.exports>",
        "res.send",
        "<anonymous>",
        "<anonymous>#2",
        "key",
        "method",
    ]


def test_the_heaviest_block_is_the_part_to_take_out() -> None:
    function = only(
        "a.py",
        "def f(a):\n    for b in a:\n        if b:\n            c = 1\n        if a:\n"
        "            for d in b:\n                if d and a:\n                    pass\n",
    )
    # 1 (for) + 2 (if) + 2 (if) + 3 (for) + 4 + 1 (if, and) = 13; lines 6 to 8 hold 8 of them.
    assert function.cognitive == 13
    assert function.heaviest is not None
    assert (function.heaviest.start_line, function.heaviest.end_line) == (6, 8)
    assert function.heaviest.points == 8


def test_without_a_half_the_heaviest_block_is_the_one_with_the_most() -> None:
    small = "    if a: pass\n" * 12
    function = only("a.py", f"def f(a):\n{small}    for b in a:\n        if b: pass\n{small}")
    assert function.cognitive == 27
    assert function.heaviest is not None
    assert (function.heaviest.start_line, function.heaviest.points) == (14, 3)


def test_lizard_counts_what_has_no_table() -> None:
    assert fallback_language("src/a.lua") == "Lua"
    assert fallback_language("README.md") is None
    (function,) = measure_by_lizard(
        "a.lua", "function f(a, b)\n  if a and b then\n    return 1\n  end\n  return 2\nend\n"
    ).functions
    assert (function.name, function.ccn, function.parameters) == ("f", 3, 2)
    assert (function.cognitive, function.nesting) == (None, None)


def test_a_long_parameter_takes_no_quadratic_time() -> None:
    text = "function f(a, " + "x" * 30_000 + "-)\n  return 2\nend\n"
    begin = time.thread_time()
    (function,) = measure_by_lizard("a.lua", text).functions
    assert function.parameters == 2
    assert time.thread_time() - begin < 1


def test_maintainability_follows_the_formula() -> None:
    # 171 - 5.2 ln 100 - 0.23 * 10 - 16.2 ln 50 + 50 sin(sqrt(2.46 * rad 20)) = 121.36, of 171.
    assert maintainability_index(100.0, 10, 50, 20.0) == pytest.approx(70.97, abs=0.01)
    for volume, ccn, nloc, comments in ((8_000.0, 40, 300, 12.5), (5.0, 1, 2, 0.0), (1e6, 500, 9_000, 3.0)):
        assert maintainability_index(volume, ccn, nloc, comments) == pytest.approx(
            mi_compute(volume, ccn, nloc, comments)
        )
    assert maintainability_index(0.0, 1, 0, 0.0) == 100.0
    assert maintainability_index(1e9, 900, 90_000, 0.0) == 0.0
    # a, =, b, +, (, a and one literal: 7 tokens, 6 distinct.
    assert halstead_volume(b"a = b + (a)", [b'"x"']) == pytest.approx(7 * 2.58496, abs=0.001)
    small = measured("a.py", "x = 1\n").maintainability
    large = measured("a.py", "def f(x):\n    if x:\n        return [x, x + 1]\n" * 30).maintainability
    assert small is not None
    assert large is not None
    assert small > large


@pytest.mark.parametrize(("path", "block"), [("a.scala", "class A { def f = { "), ("a.lua", "function f() if a then ")])
def test_nesting_that_nobody_writes_ends_lizard_soon(path: str, block: str) -> None:
    began, limit = time.process_time(), sys.getrecursionlimit()
    measure_by_lizard(path, block * 800 + "x = 1 + y\n" * 1_000)
    assert time.process_time() - began < 0.5
    assert sys.getrecursionlimit() == limit
    nested = "function f()\n" + " if a then\n" * 25 + " x = 1\n" + " end\n" * 26
    assert [function.ccn for function in measure_by_lizard("a.lua", nested).functions] == [26]


def test_what_lizard_finds_outside_of_functions_is_none() -> None:
    text = "sub f { my (sub f { my ($a) = @_; foreach my $x (@$a) { $x} || !/re/) { next; } } return <<T;\ntext\nT\n}\n"
    assert all(1 <= one.start_line <= one.end_line for one in measure_by_lizard("a.pl", text).functions)
