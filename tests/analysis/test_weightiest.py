"""The place with most changed code: a function or a hunk, never an import, a comment or a test."""

import pytest

from bot.analysis.functions.facts import FileFunctions, FunctionFacts, TextFacts
from bot.analysis.weightiest import Place, changed_lines, heaviest_function, heaviest_hunk
from tests.analysis.changes import changed


def function(name: str, start: int, end: int) -> FunctionFacts:
    return FunctionFacts(
        name=name, start_line=start, end_line=end, signature_end=start, ccn=1, cognitive=0, nloc=end - start,
        parameters=0, nesting=0,
    )  # fmt: skip


def functions_of(*functions: FunctionFacts) -> FileFunctions:
    after = TextFacts(functions=functions, maintainability=None, clean=True)
    return FileFunctions(language="python", engine="tree-sitter", before=None, after=after)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "import os\nfrom a import (\n    b,\n    c,\n)\n# words\nx = 1\n"),
        ("a.ts", "import {\n  b,\n  c,\n} from './a'\nimport d from 'd'\n// words\nconst x = 1\n"),
        ("a.go", 'import (\n\t"fmt"\n\t"os"\n\tb "a/b"\n)\n// words\nvar x = 1\n'),
        ("a.rs", "use std::fmt;\nuse a::{\n    b,\n    c,\n};\n// words\nlet x = 1;\n"),
        ("a.c", "#include <a.h>\n#include <b.h>\n/* words\n * more\n */\n\nint x = 1;\n"),
        ("a.java", "import a.B;\nimport a.C;\n/**\n * words\n */\n\nint x = 1;\n"),
        ("a.rb", "require 'a'\nrequire_relative 'b'\n# words\n\n\n\nx = 1\n"),
    ],
)
def test_imports_and_comments_are_not_the_place(path: str, text: str) -> None:
    assert heaviest_hunk(changed(path, "", text)) == Place(7, 7, 1)


def test_a_change_of_imports_and_comments_only_has_no_place() -> None:
    file = changed("a.py", "x = 1\n", "import os\n# words\nx = 1\n")
    assert (heaviest_hunk(file), heaviest_function(file, functions_of()), changed_lines(file)) == (None, None, 0)


def test_inline_tests_are_not_the_place() -> None:
    test = "#[cfg(test)]\nmod tests {\n" + "    assert!(true);\n" * 30 + "}\n"
    file = changed("a.rs", "fn a() {\n}\n", "fn a() {\n    b();\n}\n" + test)
    assert heaviest_hunk(file) == Place(2, 2, 1)


def test_the_hunk_with_most_code() -> None:
    before = "".join(f"x{number} = {number}\n" for number in range(40))
    lines = before.split("\n")
    lines[2] = "y = 1"
    lines[20:23] = ["z = 1", "z = 2", "# z", "z = 3"]
    assert heaviest_hunk(changed("a.py", before, "\n".join(lines))) == Place(21, 24, 3)


def test_the_innermost_function_with_most_changed_code() -> None:
    after = "def a():\n    x = 1\n    def b():\n        y = 1\n        y = 2\n        y = 3\n    return b\nz = 1\n"
    file = changed("a.py", "", after)
    assert heaviest_function(file, functions_of(function("a", 1, 7), function("b", 3, 6))) == Place(3, 6, 4)


def test_code_outside_functions_is_no_function() -> None:
    file = changed("a.py", "", "def a():\n    x = 1\n" + "y = 1\n" * 9)
    assert heaviest_function(file, functions_of(function("a", 1, 2))) is None
    assert heaviest_function(file, functions_of()) is None


def test_deleted_code_has_no_place() -> None:
    assert heaviest_hunk(changed("a.py", "x = 1\ny = 2\n", "y = 2\n")) is None
    assert heaviest_hunk(changed("a.py", "x = 1\n", None)) is None


def test_an_import_that_never_ends_does_not_hide_the_code() -> None:
    text = "import {\n" * 3_000 + "x = 1\n"
    assert heaviest_hunk(changed("a.ts", None, text)) == Place(3_001, 3_001, 1)
