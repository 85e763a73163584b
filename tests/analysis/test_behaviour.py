"""Which added lines carry behaviour: statements and conditions, in many languages."""

import time

import pytest

from bot.analysis.behaviour import behaviour, new_behaviour
from bot.analysis.functions.file import measure_functions
from bot.analysis.prose_lines import prose_lines
from bot.domain.files import FileChange
from tests.analysis.changes import changed


def lines_of(file: FileChange) -> int:
    return new_behaviour({file.path: behaviour(file, measure_functions(file))})[file.path]


GO_USAGE = """\
package main

const usage = `Usage of the command:
{}
`

func run() error {{
	return nil
}}
"""


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("src/main.go", GO_USAGE.format(""), GO_USAGE.format('\t"local"\n\t\tReport(results) to = stdout;\n' * 10)),
        ("src/a.py", "x = 1\n", 'x = 1\n"""Help.\n\n' + "    a = b(c)\n" * 20 + '"""\n'),
        ("src/a.rb", "x = 1\n", "x = 1\nputs <<~USAGE\n" + "  --flag = value(1);\n" * 20 + "USAGE\n"),
        ("src/A.kt", "interface A {\n}\n", "interface A {\n    /**\n" + "     * text(a) = b\n" * 20 + "     */\n}\n"),
        ("src/A.java", "", "".join(f"private final Map<K, V> field{n};\n" for n in range(20))),
        ("src/A.java", "", "".join(f"    int method{n}(int a, List<String> b) throws E;\n" for n in range(20))),
        ("src/a.ts", "", "export interface A {\n" + "".join(f"  name{n}?: string[];\n" for n in range(20)) + "}\n"),
        ("src/a.go", "package a\n", "package a\n\ntype T struct {\n" + '\tName string `json:"a"`\n' * 20 + "}\n"),
        ("src/a.rs", "", "pub struct A {\n" + "".join(f"    pub name{n}: Vec<String>,\n" for n in range(20)) + "}\n"),
        ("src/a.py", "", "WORDS = [\n" + "".join(f'    "word {n}",\n' for n in range(20)) + "]\n"),
        ("src/a.py", "", "class A:\n" + "".join(f"    name{n}: int\n" for n in range(20))),
        ("src/A.kt", "class A {\n}\n", "class A {\n" + '    @Deprecated(message = "x")\n' * 20 + "}\n"),
        ("src/A.cs", "using System;\n", "\ufeff#region License\n// Text\n#endregion\n\nusing System;\n" * 9),
        ("src/a.js", "f()\n", "f()\n/*\n" + "  g(1)\n" * 20 + "*/\n"),
    ],
    ids=[
        "go",
        "py",
        "rb",
        "kdoc",
        "fields",
        "abstract",
        "ts",
        "struct",
        "rs",
        "list",
        "typed",
        "annotated",
        "cs",
        "js",
    ],
)
def test_what_only_documents_or_declares_needs_no_test(path: str, before: str, after: str) -> None:
    # The line in front of a text or a list is a statement.
    assert lines_of(changed(path, before, after)) == any(word in after for word in ("WORDS", "<<~USAGE"))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/a.go", "\tif err := c.check_{n}(ctx); err != nil {{"),
        ("src/a.go", "\tcase mode_{n}:"),
        ("src/a.go", "\treturn nil, one, all_{n}, err"),
        ("src/A.java", "    total{n} += one.size();"),
        ("src/A.java", "    return total{n};"),
        ("src/a.ts", "  const a{n} = b ? c : d;"),
        ("src/a.ts", "  `${{f(a{n})}}`"),
        ("src/a.rs", "    let x{n} = parse(y)?;"),
        ("src/a.py", "    raise Problem{n}"),
        ("src/a.rb", "  render json_{n}"),
        ("src/A.kt", "    items.forEach {{ f{n}(it) }}"),
        ("src/a.c", "    p->next{n} = q;"),
    ],
)
def test_statements_and_conditions_are_behaviour(path: str, line: str) -> None:
    text = "".join(line.format(n=n) + "\n" for n in range(12))
    assert lines_of(changed(path, "", text)) == 12


def test_code_beside_texts_of_several_lines_is_no_text() -> None:
    python = 'def f():\n    """Say.\n\n    More.\n    """\n    x = """a\nb\n"""\n    y = "#\'\'\'"\n    z = 1\n'
    assert prose_lines("a.py", python) == {1, 2, 3, 4, 6, 7}
    go = "x := \"`\"\n// it's `open\ny := `a\nb`\nz := '`'\n"
    assert prose_lines("a.go", go) == {3}
    script = "const a = `\n  text\n  ${f(b)}\n`\nc()\n/* d\n e() */\n"
    assert prose_lines("a.ts", script) == {1, 3, 5, 6}
    assert prose_lines("a.unknown", "/*\n*/\n") == set()


@pytest.mark.parametrize(
    "unit", ["a ", "(", "'", "`", '"', "[", "a.", "a,", "a=", "<", "public ", "@", "a:", "/*", "\\"]
)
@pytest.mark.parametrize("path", ["a.java", "a.ts", "a.go", "a.py", "a.rs"])
def test_hostile_lines_take_no_time(unit: str, path: str) -> None:
    text = "\n".join([unit * 150] * 200)
    begin = time.process_time()
    behaviour(changed(path, "", text), None)
    assert time.process_time() - begin < 2
