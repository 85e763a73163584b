"""What the analyzer says, and when it keeps quiet."""

import difflib
from dataclasses import replace

import pytest

from bot.analysis.complexity import ANALYZER
from bot.analysis.functions.file import measure_functions
from bot.analysis.run import measure_files
from bot.domain.change import Change, RepositoryConfig
from bot.domain.files import FileChange, FileStatus, Hunk
from bot.domain.insights import Insight, Severity, Standing


def file_change(path: str, before: str | None, after: str | None, old_path: str | None = None) -> FileChange:
    """A file with the hunks that a diff without context has."""
    status = FileStatus.RENAMED if old_path else FileStatus.MODIFIED
    if before is None or after is None:
        status = FileStatus.ADDED if before is None else FileStatus.DELETED
    old, new = (before or "").splitlines(), (after or "").splitlines()
    hunks = tuple(
        Hunk(a1 + (a1 < a2), a2 - a1, b1 + (b1 < b2), b2 - b1)
        for tag, a1, a2, b1, b2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    )
    return FileChange(path=path, status=status, old_path=old_path, hunks=hunks, before=before, after=after)


def said(*files: FileChange, config: RepositoryConfig | None = None) -> list[Insight]:
    change = Change(
        repository="a/b",
        head_sha="1" * 40,
        merge_base="2" * 40,
        files=files,
        config=config or RepositoryConfig(),
    )
    measured = measure_files(change, (ANALYZER,))
    assert not measured.broken
    return ANALYZER.analyze(change, measured.facts[ANALYZER.name])


def remarks(*files: FileChange, config: RepositoryConfig | None = None) -> list[Insight]:
    return [insight for insight in said(*files, config=config) if insight.standing is Standing.REMARK]


def nest(levels: int, name: str = "f", count: int = 1) -> str:
    """A function whose cognitive complexity is count * (1 + 2 + … + levels)."""
    lines = [f"def {name}(x):"]
    for block in range(count):
        lines += ["    " * (level + 1) + f"if x.a{block}_{level}:" for level in range(levels)]
        lines.append("    " * (levels + 1) + f"x.call{block}()")
    return "\n".join(lines) + "\n"


def flat(branches: int, name: str = "f") -> str:
    """A function with a CCN of branches + 1 and cognitive complexity of 1 only."""
    cases = "".join(f"        case {number}:\n            go({number})\n" for number in range(branches))
    return f"def {name}(x):\n    match x:\n{cases}"


def test_a_function_that_grew_is_one_remark_with_all_that_became_worse() -> None:
    before, after = nest(4), nest(4, count=7)  # cognitive 10 → 70, CCN 5 → 29
    (insight,) = remarks(file_change("src/a.py", before, after))
    assert insight.rule == "complexity/function-grew"
    assert insight.title == "In `f`, cognitive complexity grew from 10 to 70"
    assert insight.description == (
        "Cognitive complexity 10 → 70 (threshold 20), cyclomatic complexity 5 → 29 (threshold 15)."
    )
    assert insight.evidence["worsened"] == ["cognitive", "ccn"]
    assert insight.evidence["before"] == {"cognitive": 10, "ccn": 5, "nesting": 4, "parameters": 1, "nloc": 6}
    assert insight.evidence["after"] == {"cognitive": 70, "ccn": 29, "nesting": 4, "parameters": 1, "nloc": 36}
    assert insight.evidence["engine"] == "tree-sitter"
    assert insight.severity is Severity.HIGH
    assert insight.confidence.reason.endswith("; counted on a syntax tree without errors")
    # Six blocks of ten points: no single one would undo it.
    assert insight.remedy.startswith("Many small decisions add up")


def test_the_advice_names_a_block_that_the_change_brings_and_whose_loss_would_solve_it() -> None:
    deep = "".join("    " * (level + 1) + f"if x.b{level}:\n" for level in range(5)) + "    " * 6 + "x.end()\n"
    (insight,) = remarks(file_change("a.py", nest(4), nest(4) + deep))  # 10 → 25
    assert insight.remedy == (
        "Lines 7–12, which this change brings, hold 15 of its 25 points of cognitive complexity; extracted into a "
        "function, they would leave about 10 here."
    )
    assert [(place.start_line, place.end_line) for place in insight.locations] == [(7, 12)]
    # The heaviest block was there before; what is new is one flat guard after another.
    (spread,) = remarks(file_change("a.py", nest(6), nest(6) + "    if x.c:\n        pass\n" * 45))  # 21 → 66
    assert spread.remedy.startswith("Many small decisions add up")
    (far,) = remarks(file_change("a.py", nest(6), nest(6, count=3)))  # 21 → 63
    assert far.remedy.startswith("Many small decisions add up")
    (one,) = remarks(file_change("a.py", nest(8), nest(8) + nest(7).partition("\n")[2]))  # 36 → 64
    assert one.remedy == (
        "Lines 11–18, which this change brings, hold 28 of its 64 points of cognitive complexity: the part to begin "
        "with."
    )


def test_many_new_files_at_once_were_written_before() -> None:
    files = [file_change(f"lib/{number}.py", None, nest(4, count=7)) for number in range(20)]
    assert len(remarks(*files[:19])) == 19
    assert remarks(*files) == []


def test_code_that_the_change_takes_from_elsewhere_is_no_growth() -> None:
    """Three helpers become one function: it is larger than each of them, and the change as a whole adds little."""
    helpers = nest(5, "a") + nest(5, "b")
    one = nest(5, "b", count=2).replace("call0()", "call0(b=1)")
    assert [insight.standing for insight in said(file_change("a.py", helpers, one))] == [Standing.NOTE]
    elsewhere = file_change("c.py", None, nest(4, "c", count=9))
    assert [insight.evidence["function"] for insight in remarks(file_change("a.py", helpers, one), elsewhere)] == ["c"]
    assert remarks(file_change("a.py", nest(5, "b"), one))


def test_a_new_function_above_the_threshold_is_a_remark_on_its_first_line() -> None:
    (insight,) = remarks(file_change("a.py", "x = 1\n", "x = 1\n\n" + nest(5, count=2)))
    assert insight.rule == "complexity/new-function"
    assert insight.title == "The new function `f` has cognitive complexity 30, over the threshold of 20"
    assert [(place.path, place.start_line, place.end_line) for place in insight.locations] == [("a.py", 3, 3)]
    assert insight.evidence["before"] is None


def test_a_new_file_counts_as_new() -> None:
    assert [insight.rule for insight in remarks(file_change("a.py", None, nest(5, count=2)))] == [
        "complexity/new-function"
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (nest(4, count=2), nest(4, count=2) + "    if x:\n        pass\n", 0),  # 20 → 21 crosses by 1
        (nest(4, count=2), nest(4, count=2) + "    if x:\n        pass\n" * 3, 0),  # 20 → 23: just above
        (nest(4, count=4), nest(4, count=4) + "    if x:\n        pass\n" * 3, 0),  # 40 → 43, 7.5 %
        (nest(4, count=4), nest(4, count=4) + "    if x:\n        pass\n" * 5, 0),  # 40 → 45, 12.5 %
        (nest(4, count=4), nest(4, count=4) + "    if x:\n        pass\n" * 19, 0),  # 40 → 59: flat, below 20
        (nest(4, count=4), nest(4, count=4) + "    if x:\n        pass\n" * 20, 1),  # 40 → 60: flat, but many
        (nest(4, count=4), nest(4, count=5), 0),  # 40 → 50 by one block, without which much is left
        (nest(5), nest(5, count=2), 1),  # 15 → 30 by one block
        (nest(4), nest(4) + "    if x:\n        pass\n" * 20, 0),  # 10 → 30: nothing to extract
        (nest(4), nest(4, count=2), 0),  # 10 → 20 stays within
        (nest(4, count=4), nest(4, count=3), 0),  # 40 → 30 is still much, but better
    ],
)
def test_only_growth_that_matters_is_a_remark(before: str, after: str, expected: int) -> None:
    assert len(remarks(file_change("a.py", before, after))) == expected


def test_thresholds_come_from_the_configuration() -> None:
    file = file_change("a.py", nest(1), nest(3, count=3))  # 1 → 18
    assert remarks(file) == []
    assert len(remarks(file, config=RepositoryConfig(cognitive=5))) == 1


def test_the_severity_says_how_far_above_and_by_how_much() -> None:
    def severity(before: str, after: str) -> Severity:
        return said(file_change("a.py", before, after))[0].severity

    assert severity(nest(4), nest(4, count=3)) is Severity.LOW  # 10 → 30
    assert severity(nest(4), nest(4, count=4)) is Severity.MEDIUM  # 10 → 40
    assert severity(nest(4), nest(4, count=8)) is Severity.HIGH  # 10 → 80
    little = nest(4) + "    if x:\n        pass\n" * 20
    assert severity(nest(4), little) is Severity.LOW  # 10 → 30
    more = nest(4, count=8) + "    if x:\n        pass\n" * 4
    assert severity(nest(4, count=7), more) is Severity.MEDIUM  # 70 → 84: most of it was there


def test_code_that_was_not_touched_is_never_a_remark() -> None:
    bad = nest(4, count=5)
    assert said(file_change("a.py", bad, "import os\n\n" + bad)) == []
    assert said(file_change("b.py", bad, bad, old_path="a.py")) == []
    grown = file_change("a.py", nest(4), nest(4, count=7) + "\n\ny = 1\n")
    assert remarks(replace(grown, hunks=())) == []
    assert remarks(replace(grown, hunks=(Hunk(7, 0, 38, 1),))) == []
    assert len(remarks(replace(grown, hunks=(Hunk(5, 0, 22, 5),)))) == 1
    assert remarks(replace(grown, hunks=(Hunk(5, 0, 26, 1),))) == []  # one line of it


def test_moved_code_is_not_new() -> None:
    bad = nest(4, count=5)
    assert said(file_change("a.py", bad, None), file_change("b.py", None, bad)) == []
    assert said(file_change("a.py", bad, bad.replace("def f(", "def renamed("))) == []


def test_an_extraction_is_not_blamed_and_not_overpraised() -> None:
    whole = nest(4, count=6)
    part = nest(4, count=6, name="_impl")
    insights = said(file_change("a.py", whole, f"def f(x):\n    return _impl(x)\n\n{part}"))
    assert [insight for insight in insights if insight.standing is not Standing.NOTE] == []
    body = whole.splitlines()
    halves = "\n".join([*body[:16], "    rest(x)", "", "def rest(x):", *body[16:]]) + "\n"
    assert [insight.rule for insight in said(file_change("a.py", whole, halves))] == ["complexity/function-simplified"]


def test_a_simplified_function_is_praise() -> None:
    (insight,) = said(file_change("a.py", nest(4, count=3), nest(3)))
    assert insight.standing is Standing.PRAISE
    assert insight.rule == "complexity/function-simplified"
    assert insight.title == "In `f`, cognitive complexity fell from 30 to 6"
    assert insight.evidence["worsened"] == []


def test_a_flat_dispatch_is_only_noted() -> None:
    insights = said(file_change("a.py", flat(3), flat(30)))
    assert [insight.standing for insight in insights if insight.rule == "complexity/function-grew"] == [Standing.NOTE]


def test_a_long_table_is_nothing() -> None:
    table = "def rows():\n    return [\n" + "        {'a': 1, 'b': 2},\n" * 300 + "    ]\n"
    assert said(file_change("a.py", "x = 1\n", "x = 1\n" + table), config=RepositoryConfig()) == [
        insight
        for insight in said(file_change("a.py", "x = 1\n", "x = 1\n" + table))
        if insight.rule == "complexity/maintainability"
    ]


def test_many_parameters_alone_are_only_noted() -> None:
    many = "def f(a, b, c, d, e, g, h, i, j):\n    return a\n"
    insight, _ = said(file_change("a.py", "x = 1\n", "x = 1\n" + many))
    assert insight.standing is Standing.NOTE
    assert insight.title == "The new function `f` has 9 parameters, over the threshold of 7"


@pytest.mark.parametrize(
    "path",
    [
        "tests/a.py",
        "pkg/test_a.py",
        "a_test.go.py",
        "tests/unit/x.py",
        "src/test/java/A.py",
        "__tests__/a.py",
        "web/a.spec.py",
        "web/a.test.py",
        "pkg/conftest.py",
        "core/ATest.py",
    ],
)
def test_tests_stay_quiet(path: str) -> None:
    insights = said(file_change(path, nest(4), nest(4, count=7)))
    if path == "a_test.go.py":
        assert [insight.standing for insight in insights] == [Standing.REMARK, Standing.NOTE]
    else:
        assert [insight.standing for insight in insights] == [Standing.NOTE]


@pytest.mark.parametrize("path", ["src/contest.py", "latest/a.py", "attestation.py", "src/protest/a.py"])
def test_names_that_only_look_like_tests_do_not(path: str) -> None:
    assert len(remarks(file_change(path, nest(4), nest(4, count=7)))) == 1


def test_the_fingerprint_is_the_same_when_lines_shift() -> None:
    (one,) = remarks(file_change("a.py", nest(4), nest(4, count=7)))
    (two,) = remarks(file_change("a.py", nest(4), "import os\n\n\n" + nest(4, count=6)))
    (other,) = remarks(file_change("b.py", nest(4), nest(4, count=7)))
    assert one.fingerprint == two.fingerprint
    assert one.locations != two.locations
    assert one.fingerprint != other.fingerprint


def test_the_place_is_part_of_the_diff() -> None:
    before = nest(4, count=2)
    after = before + "\n    y = 1\n" + "\n".join(nest(4, count=6).splitlines()[1:]).replace("x", "y") + "\n"
    file = file_change("a.py", before, after)
    (insight,) = remarks(file)
    (place,) = insight.locations
    added = {number for number, _ in file.added_lines()}
    assert set(range(place.start_line, place.end_line + 1)) <= added
    assert place.start_line > 1


def test_a_deletion_touches_the_function_it_was_in() -> None:
    simpler = nest(4, count=3).partition("    if x.a1_0")[0]
    file = file_change("a.py", nest(4, count=3), simpler)
    assert [hunk.new_count for hunk in file.hunks] == [0]
    assert [insight.standing for insight in said(file)] == [Standing.PRAISE]


def test_names_of_strangers_stay_inside_code_spans() -> None:
    name = "`@everyone` ![x](y)"
    before = f"x = {{ '{name}': function (a) {{ }} }};\n"
    inner = "if (a) {\n" * 11 + "}\n" * 11
    (insight,) = remarks(file_change("a.js", before, before.replace("{ } }", f"{{ {inner} }} }}")))
    assert f"`` {name} ``" not in insight.description
    assert insight.title.startswith(f"In `` {name} ``, ")


@pytest.mark.parametrize(
    "file",
    [
        FileChange(path="a.bin", status=FileStatus.MODIFIED, left_out="binary"),
        FileChange(path="a.py", status=FileStatus.MODIFIED, before="x = 1\n", after="x = 2\n", left_out="generated"),
        FileChange(path="a.py", status=FileStatus.MODIFIED, after="def f(): pass\n"),
        FileChange(path="README.md", status=FileStatus.MODIFIED, before="a\n", after="b\n"),
        FileChange(path="Makefile", status=FileStatus.ADDED, after="b\n"),
        FileChange(path=".py", status=FileStatus.DELETED, old_path="x.md", before="a", after="b"),
    ],
)
def test_nothing_to_say(file: FileChange) -> None:
    assert measure_functions(file) is None


def test_the_reason_says_where_syntax_was_not_understood() -> None:
    after = nest(4, count=7)
    (inside,) = remarks(file_change("a.py", nest(4), after + "    y = = 1 +\n"))
    (elsewhere,) = remarks(file_change("a.py", nest(4), "def g(y):\n    y = = 1 +\n    if y: pass\n\n" + after))
    assert inside.confidence.reason.endswith("; the parser did not understand some syntax in this function")
    assert elsewhere.confidence.reason.endswith("; the parser did not understand some syntax elsewhere in this file")


def test_lizard_judges_by_ccn_alone() -> None:
    before = "function f(x)\n  return x\nend\n"
    after = "function f(x)\n" + "  if x then\n    go()\n  end\n" * 44 + "  return x\nend\n"
    (insight,) = remarks(file_change("a.lua", before, after))
    assert insight.title == "In `f`, cyclomatic complexity grew from 1 to 45"
    assert insight.confidence.reason.endswith("; counted by lizard, without a syntax tree")
    assert insight.evidence["after"]["cognitive"] is None


def test_a_file_renamed_to_another_language_is_compared() -> None:
    before = "function f(x) { if (x) { return 1; } }\n"
    after = before.replace("(x) {", "(x: number) {", 1)
    assert said(file_change("a.ts", before, after, old_path="a.js")) == []


def test_maintainability_is_one_note_for_the_change() -> None:
    good, bad = "def f(x):\n    return x\n", nest(3, count=3)
    insights = said(
        file_change("a.py", good, bad),
        file_change("b.py", good, bad * 2),
        file_change("c.py", good, "# A comment.\n" + good),
    )
    (note,) = [insight for insight in insights if insight.rule == "complexity/maintainability"]
    assert note.standing is Standing.NOTE
    assert note.title == "The maintainability index of 2 files dropped"
    assert note.description.index("`b.py`") < note.description.index("`a.py`")
    assert [entry["path"] for entry in note.evidence["files"]] == ["a.py", "b.py", "c.py"]
    assert all(0 <= entry["after"] < entry["before"] <= 100 for entry in note.evidence["files"][:2])


def test_analyze_does_not_depend_on_the_order_of_files() -> None:
    files = (file_change("a.py", nest(4, count=5), None), file_change("b.py", None, nest(4, count=5, name="g")))
    assert said(*files) == said(*reversed(files)) == []
    assert replace(files[0], path="z.py") != files[0]
