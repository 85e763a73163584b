"""Lines that name files which are gone: found where a path can mean nothing else, silent elsewhere."""

import time

import pytest

from bot.analysis.repository.dead_references import by_path, dead_references, untracked_names
from bot.domain.files import FileChange, FileStatus
from bot.domain.history import PastCommit
from bot.domain.removed import GonePaths, RemovedPath

COMMIT = PastCommit("a" * 40, 1_700_000_000, "Tidy up")
GONE = (
    "requirements/dev.txt",
    "test/test_go.rb",
    "src/util/file-cache.ts",
    "src/index.js",
    "docs/img/logo.png",
    "plugins/old/run.py",
    "ui/yarn.lock",
    ".github/workflows/nightly.yml",
    "CONTRIBUTING.rst",
    "README.ja.md",
    "lib/gen/tables.c",
    "bin/vite.js",
)
HERE = (
    "README.md",
    "src/main.py",
    "docs/guide.md",
    "packages/vite/bin/vite.js",
    "scripts/setup.sh",
    "test/test_all.rb",
)


def gone(*more: str) -> GonePaths:
    return GonePaths.at(HERE, [RemovedPath(path, COMMIT) for path in (*GONE, *more)])


def file(path: str, text: str) -> FileChange:
    return FileChange(path=path, status=FileStatus.ADDED, after=text)


def named(path: str, *lines: str) -> list[tuple[str, int]]:
    """The gone paths that a file names, with the line."""
    found = dead_references([file(path, "\n".join(lines))], gone(), "octo/app")
    return [(name, mention.line) for name, mention in found]


@pytest.mark.parametrize(
    ("path", "line", "expected"),
    [
        (".devcontainer/start.sh", "pip install -r requirements/dev.txt", "requirements/dev.txt"),
        (".github/workflows/ci.yml", "      run: make && ruby test/test_go.rb --verbose", "test/test_go.rb"),
        (".github/workflows/ci.yml", "      - '.github/workflows/nightly.yml'", ".github/workflows/nightly.yml"),
        (".gitattributes", "/docs/img/logo.png linguist-generated", "docs/img/logo.png"),
        (".github/CODEOWNERS", "/plugins/old/ @octo/team", "plugins/old"),
        ("pyproject.toml", 'omit = ["plugins/old/*"]', "plugins/old"),
        ("pyproject.toml", 'omit = ["plugins/old/run.py"]', "plugins/old/run.py"),
        ("docs/design.md", "[cache]: /src/util/file-cache.ts", "src/util/file-cache.ts"),
        ("docs/guide.md", "![logo](img/logo.png)", "docs/img/logo.png"),
        ("docs/guide.md", "See `../src/util/file-cache.ts`.", None),  # a path in prose, not a link
        ("docs/guide.md", "[cache](../src/util/file-cache.ts)", "src/util/file-cache.ts"),
        ("docs/guide.md", "[run](https://github.com/Octo/app/blob/main/plugins/old/run.py)", "plugins/old/run.py"),
        ("docs/guide.md", "[all](https://github.com/octo/app/tree/master/plugins/old)", "plugins/old"),
        ("CONTRIBUTING.md", "[Japanese](http://github.com/octo/app/blob/main/README.ja.md),", "README.ja.md"),
        ("docs/guide.md", "Each step of CONTRIBUTING.rst is needed.", "CONTRIBUTING.rst"),
        ("src/main.py", "# The table is made by plugins/old/run.py.", "plugins/old/run.py"),
        ("docs/guide.rst", "$ python plugins/old/run.py", "plugins/old/run.py"),
        ("docs/guide.rst", "See :src:`plugins/old/run.py`.", "plugins/old/run.py"),
        ("packages/x/package.json", '  "directory": "plugins/old"', "plugins/old"),
        ("eslint.config.js", "  ignores: ['src/util/file-cache.ts'],", "src/util/file-cache.ts"),
    ],
)
def test_a_line_that_names_a_file_which_is_gone(path: str, line: str, expected: str | None) -> None:
    assert named(path, "first", line) == ([] if expected is None else [(expected, 2)])


@pytest.mark.parametrize(
    ("path", "line"),
    [
        # of somebody else, of a commit, of a pattern, of a variable, of an address
        ("docs/guide.md", "https://github.com/other/app/blob/main/plugins/old/run.py"),
        ("docs/guide.md", "[then](https://github.com/octo/app/blob/0123abcdef/plugins/old/run.py)"),
        ("docs/guide.md", "https://example.org/plugins/old/run.py"),
        ("scripts/setup.sh", "cp $HOME/plugins/old/run.py ."),
        ("scripts/setup.sh", "ls lib/plugins/old/run.py.d"),
        (".github/workflows/ci.yml", "run: cat ${{ env.ROOT }}/plugins/old/run.py"),
        # what may be a file of the reader's own project
        ("docs/guide.md", "Create `src/index.js` first."),
        ("docs/guide.md", "Put this into `.github/workflows/nightly.yml`."),
        # output, comparisons, origins, the past
        ("docs/guide.md", "    plugins/old/run.py"),
        ("docs/guide.md", " plugins/old/run.py |    2 +-"),
        ("docs/guide.md", "plugins/old/run.py:12: unused"),
        ("src/main.py", "# Copied from plugins/old/run.py"),
        ("src/main.py", "#  $ sed -i s/a/b/ plugins/old/run.py"),
        ("src/main.py", "# plugins/old/run.py"),
        ("docs/guide.md", "`plugins/old/run.py` was removed in version 2."),
        ("src/main.py", "# The file is compiled (see bin/vite)"),  # `bin/vite.js` is somewhere
        ("CHANGELOG.md", "- `plugins/old/run.py` starts faster"),
        ("docs/guide.md", "Run it, and it prints reformatted plugins/old/run.py"),
        ("docs/guide.md", "file: 'plugins/old/run.py'"),
        ("docs/guide.md", "| `plugins/old/run.py` | replaced |"),
        ("docs/guide.md", "`plugins/old/run.py` is generated by `make all`."),
        ("docs/guide.md", "There is no `plugins/old/run.py`."),
        ("docs/guide.md", "This will be moved into CONTRIBUTING.rst when it is ready."),
        ("docs/designs/plan.md", "Change `plugins/old/run.py` first."),
        # switched off, made by a build, of a template, of a longer name, of a form, of a longer text
        ("kustomization.yaml", "#- plugins/old/run.py"),
        (".gitattributes", "# plugins/old/run.py eol=crlf"),
        ("src/BUILD.bazel", 'outs = ["plugins/old/run.py"],'),
        ("theme/index.hbs", '<link href="{{ resource "plugins/old/run.py" }}">'),
        (".pre-commit-config.yaml", "exclude: ^plugins/old\\.py$"),
        (".github/ISSUE_TEMPLATE/bug.yml", "- plugins/old"),
        ("evals.json", '"prompt": "Compare plugins/old/run.py with the others."'),
        ("netlify.toml", 'from = "/old"'),
        # what production code does with a path is not known
        ("src/main.py", 'if major < 2: path = "plugins/old/run.py"'),
        # tests make such files
        ("tests/test_main.py", 'write("plugins/old/run.py")'),
        # a file in another folder ends like it
        ("docs/guide.md", "It starts with bin/vite.js and goes on."),
        ("docs/guide.md", "| [ui/yarn.lock](report.html) | 4 |"),
    ],
)
def test_a_line_that_may_mean_something_else(path: str, line: str) -> None:
    assert named(path, line) == []


def test_a_script_that_changes_the_folder_says_nothing_of_relative_paths() -> None:
    assert named("scripts/setup.sh", "cd sub", "cat plugins/old/run.py") == []
    assert named(".github/workflows/ci.yml", "  working-directory: sub", "  run: cat plugins/old/run.py") == []


def test_what_a_build_makes_is_not_missing() -> None:
    texts = [file("Makefile", "all: lib/gen/tables.c\n"), file(".gitignore", "/lib/gen/tables.c\n*.pyc\n")]
    references = list(dead_references(texts, gone(), "octo/app"))
    assert [path for path, _ in references] == ["lib/gen/tables.c"]
    assert by_path(references, untracked_names(texts)) == {}
    assert list(by_path(references, [])) == ["lib/gen/tables.c"]
    assert by_path(references, ["*.c"]) == {}


def test_a_path_that_is_there_again_is_not_gone() -> None:
    paths = GonePaths.at(("src/util/new.ts", "plugins/new.py"), [RemovedPath("src/util/file-cache.ts", COMMIT)])
    assert set(paths.files) == {"src/util/file-cache.ts"} and paths.folders == {}
    again = GonePaths.at(("src/util/file-cache.ts",), [RemovedPath("src/util/file-cache.ts", COMMIT)])
    assert again.files == {} and again.names == frozenset()


def test_of_a_folder_the_last_file_counts() -> None:
    late = RemovedPath("a/b/two.py", PastCommit("b" * 40, 2, "second"))
    early = RemovedPath("a/b/one.py", PastCommit("a" * 40, 1, "first"))
    assert GonePaths.at(("x.py",), [late, early]).folders["a/b"] == late


@pytest.mark.parametrize(
    "text",
    ["/" * 400_000, "a/" * 200_000, "plugins/old/run.py\n" * 20_000, "." * 400_000, "./" * 200_000, " " * 400_000],
)
def test_hostile_texts_take_little_time(text: str) -> None:
    start = time.process_time()
    assert len(list(dead_references([file("docs/guide.md", text)], gone(), "octo/app"))) <= 200
    assert time.process_time() - start < 2
