"""Parts of a change that have nothing to do with one another: found when large, and any tie keeps them together."""

from dataclasses import replace

import pytest

from bot.analysis.split import ANALYZER
from bot.domain.files import FileChange, PastChange, PastFile
from bot.domain.history import Companion
from bot.domain.insights import Insight
from tests.analysis.changes import change_of, changed, file_history, history_of, said


def code(path: str, word: str, lines: int = 250) -> FileChange:
    return changed(path, None, "".join(f"{word}_{n} = {n}\n" for n in range(lines)))


BILLING = code("billing/invoice.py", "amount")
SEARCH = code("search/ranking.py", "score")


def told(*files: FileChange, together: bool = False) -> list[Insight]:
    companion = Companion(path="search/ranking.py", together=5, changes=10, confidence=0.5, lift=5.0)
    past = file_history("billing/invoice.py", companions=(companion,) if together else ())
    return said(ANALYZER, change_of(*files, history=history_of(past)))


def test_two_parts_without_a_tie_are_said() -> None:
    [remark] = told(BILLING, SEARCH, code("tests/test_invoice.py", "amount", 60))
    assert remark.title == "This change has 2 parts that can stand alone"
    assert remark.description == (
        "(1) 250 lines in `search/ranking.py`; (2) 310 lines in `billing/invoice.py`, `tests/test_invoice.py`."
    )
    assert sorted(map(sorted, remark.evidence["parts"])) == [
        ["billing/invoice.py", "tests/test_invoice.py"],
        ["search/ranking.py"],
    ]


def test_the_same_change_is_whole_when_they_changed_together_before() -> None:
    assert told(BILLING, SEARCH, together=True) == []


@pytest.mark.parametrize(
    "other",
    [
        code("billing/report.py", "score"),
        code("search/invoice.py", "score"),
        changed("search/ranking.py", None, "from billing import invoice\n" + "score = 1\n" * 250),
        changed("search/ranking.py", None, "amount_3 = 1\n" + "score = 1\n" * 250),
    ],
    ids=["same folder", "same name", "names it", "shares a name"],
)
def test_any_tie_keeps_it_whole(other: FileChange) -> None:
    assert told(BILLING, other) == []


def test_a_branch_that_carries_pull_requests_is_not_to_be_split() -> None:
    change = change_of(BILLING, SEARCH, history=history_of(file_history("billing/invoice.py")))
    assert said(ANALYZER, replace(change, pulls=1))
    assert said(ANALYZER, replace(change, pulls=2)) == []


def test_many_files_tied_one_to_the_next_are_one_part() -> None:
    chain = [changed(f"p{n}/m{n}.py", None, f"link_{n} = 1\nlink_{n + 1} = 1\n" * 30) for n in range(12)]
    assert told(*chain) == []
    assert told(*chain, code("search/ranking.py", "score"))


def test_a_small_change_and_a_small_part_are_left_alone() -> None:
    assert told(code("billing/invoice.py", "amount", 100), code("search/ranking.py", "score", 100)) == []
    assert told(BILLING, code("search/ranking.py", "score", 60), code("billing/more.py", "amount", 200)) == []


def test_tests_alone_are_no_part() -> None:
    assert told(BILLING, code("tests/test_ranking.py", "score")) == []


def test_the_size_is_said_beside_named_parts() -> None:
    past = tuple(PastChange(f"{n:040}", n, "s", (PastFile("src/a.py", 20, 0),)) for n in range(60))
    change = change_of(BILLING, SEARCH, history=history_of(), past=past)
    [remark] = said(ANALYZER, change)
    assert remark.description.endswith(" This change has more lines than any of the last 60 changes of code here.")


@pytest.mark.parametrize("title", ['Revert "Types"', "Merge stable into main (#7)", "chore(release): v1.7.9"])
def test_what_only_carries_other_changes_cannot_be_split(title: str) -> None:
    assert said(ANALYZER, change_of(BILLING, SEARCH, history=history_of(), title=title)) == []


FLOW = changed(
    ".github/workflows/release.yml",
    "on:\n  push:\n    branches:\n      - master\n",
    "on:\n  push:\n    branches:\n      - $default-branch\n",
)
PARSER = changed("diff/parse.go", "package diff\n", "package diff\n" + "".join(f"var a{n} = {n}\n" for n in range(30)))


OTHER_FLOW = changed(".github/workflows/nightly.yml", "on: push\n  - master\n", "on: push\n  - $default-branch\n")


def test_a_workflow_beside_unrelated_code_is_a_part() -> None:
    [remark] = said(ANALYZER, change_of(FLOW, OTHER_FLOW, PARSER, title="Fix the end of file"))
    flows = [".github/workflows/release.yml", ".github/workflows/nightly.yml"]
    assert remark.evidence["parts"] == [flows, ["diff/parse.go"]]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("golint ./... | reviewdog -tee\n", "golint ./... | reviewdog\n"),
        ("a: 1\n", "a: 1\nb: 2\n"),
        ("a: 1\nb: 2\n", "a: 1\n"),
    ],
    ids=["replaced", "added", "deleted"],
)
def test_one_line_is_no_part(before: str, after: str) -> None:
    flow = changed(".github/workflows/checks.yml", before, after)
    assert said(ANALYZER, change_of(flow, PARSER)) == []
    two = changed(".github/workflows/checks.yml", "c: 3\nd: 4\n" + before, "c: 4\nd: 4\n" + after)
    assert len(said(ANALYZER, change_of(two, PARSER))) == 1


CHECK = "  mvn japicmp:cmp --projects '{}!metrics,!test-jpms'\n  # of all modules{}\n"


@pytest.mark.parametrize(
    ("names", "path", "text"),
    [
        ("!extras,", "extras/src/main/java/com/google/gson/graph/Builder.java", "int a = 1;\n"),
        ("!graphbuilder,", "lib/com/google/gson/GraphBuilder.java", "int a = 1;\n"),
        ("GRAPH_LIMIT,", "diff/more.go", "limit := os.Getenv(GRAPH_LIMIT)\n"),
        ("build_graph,", "diff/more.py", "def build_graph(nodes):\n    pass\n"),
    ],
    ids=["folder", "file", "identifier", "definition"],
)
def test_a_part_that_names_what_the_rest_changes_follows_from_it(names: str, path: str, text: str) -> None:
    flow = changed(".github/workflows/compatibility.yml", CHECK.format("", ""), CHECK.format(names, " here"))
    assert said(ANALYZER, change_of(flow, changed(path, None, text * 40))) == []
    assert said(ANALYZER, change_of(flow, changed(path, text * 40, None), PARSER)) == []
    # What the line named before is no reason, nor is a common word.
    other = changed("metrics/lib/Size.java", None, "int a = 1;\n" * 40)
    assert len(said(ANALYZER, change_of(flow, other))) == 1


@pytest.mark.parametrize(
    ("other", "title"),
    [
        (changed("diff/more.go", "", "package diff\n"), "Run CI on the default branch"),
        (changed("go.mod", "go 1.21\n", "go 1.22\n"), "Newer Go"),
        (changed("tool/branch.py", "", "NAME = 'default-branch'\n"), "Names"),
    ],
    ids=["title", "manifest", "shared name"],
)
def test_a_workflow_that_belongs_to_the_change_is_no_part(other: FileChange, title: str) -> None:
    assert said(ANALYZER, change_of(FLOW, OTHER_FLOW, PARSER, other, title=title)) == []


def test_one_edit_through_many_files_is_a_part_beside_other_work() -> None:
    sheets = [changed(f"styles/{n}.scss", f".a{n} .old-name {{ }}\n", f".a{n} .new-name {{ }}\n") for n in range(9)]
    other = code("diff/parse.go", "value", 60)
    [remark] = said(ANALYZER, change_of(*sheets, other))
    assert remark.description == "(1) `.old-name` → `.new-name` in 9 files; (2) 60 lines in `diff/parse.go`."
    assert said(ANALYZER, change_of(*sheets)) == []
    assert said(ANALYZER, change_of(*sheets[:7], other)) == []
    heads = [changed(f"lib/{n}.js", "x\n", f"// Licence\n// of {n % 1}\nx\n") for n in range(8)]
    [remark] = said(ANALYZER, change_of(*heads, other))
    assert remark.description.startswith("(1) the new lines `// Licence // of 0` in 8 files; (2)")


def test_moved_lines_and_edits_that_follow_from_a_new_file_are_no_part() -> None:
    other = code("diff/parse.go", "value", 60)
    moved = [changed(f"lib/{n}.js", f"import a\nx{n}\nimport b\n", f"x{n}\nimport b\nimport a\n") for n in range(9)]
    assert said(ANALYZER, change_of(*moved, other)) == []
    using = [changed(f"lib/{n}.js", "load('old.png')\n", "load('art/icon.png')\n") for n in range(9)]
    assert said(ANALYZER, change_of(*using, other))
    icon = changed("art/icon.png", None, "x\n")
    assert said(ANALYZER, change_of(*using, icon, other)) == []
    typed = [changed(f"lib/{n}.ts", f"let a{n}: GitHub\n", f"let a{n}: Scm\n") for n in range(9)]
    assert said(ANALYZER, change_of(*typed, other))
    defining = changed("lib/scm.ts", None, "export interface Scm {\n}\n")
    assert said(ANALYZER, change_of(*typed, defining, other)) == []


def test_a_part_with_the_words_of_the_title_follows_from_the_change() -> None:
    step = "  - uses: actions/checkout@v4\n"
    deep = "    with:\n      fetch-depth: 0 # to take a diff with other commits\n"
    flow = changed(".github/workflows/checks.yml", step, step + deep)
    title = "Add a fallback to the git diff command, with other commits"
    assert said(ANALYZER, change_of(flow, PARSER, title=title)) == []
    assert len(said(ANALYZER, change_of(flow, PARSER, title="Take other lines with this order"))) == 1


def test_one_edit_that_uses_what_the_rest_adds_is_no_part() -> None:
    line = "[Unreferenced(MiscellaneousUtils.TrimWarning)]\n"
    marked = [changed(f"src/{n}.cs", f"int a{n};\n", f"{line}int a{n};\n") for n in range(40)]
    adding = changed("src/MiscellaneousUtils.cs", "", 'internal const string TrimWarning = "x";\n' * 60)
    assert said(ANALYZER, change_of(*marked, adding)) == []
    assert len(said(ANALYZER, change_of(*marked, code("diff/parse.go", "value", 60)))) == 1


def test_a_rename_that_nothing_mentions_is_a_part() -> None:
    moved = changed(".pre-commit-config.yaml", "a: 1\n", "a: 1\n", old_path=".pre-commit-hooks.yaml")
    [remark] = said(ANALYZER, change_of(moved, PARSER))
    assert remark.description.startswith("(1) the rename `.pre-commit-hooks.yaml` → `.pre-commit-config.yaml`; (2)")
    code_moved = changed("diff/reader.go", "package diff\n", "package diff\n", old_path="diff/scanner.go")
    assert said(ANALYZER, change_of(code_moved, PARSER)) == []


def test_styles_and_templates_are_parts_and_recorded_files_are_not() -> None:
    styles = changed("site/static/main.scss", None, "".join(f".card-{n} {{ top: 0 }}\n" for n in range(250)))
    assert len(told(BILLING, styles)) == 1
    recorded = changed("site/locales/de.ts", None, "".join(f"word_{n} = 1\n" for n in range(250)))
    assert told(BILLING, recorded) == []
