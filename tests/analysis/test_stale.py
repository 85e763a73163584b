"""Facts that a change alters, and the lines that still state the old one: versions, values, packages, calls."""

import time

import pytest

from bot.analysis import stale
from bot.analysis.stale.analyzer import MAX_OF_A_KIND, facts, states
from bot.analysis.stale.facts import Fact, FactKind
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.insights import Insight
from bot.domain.tree import Mention, Tree
from tests.analysis.changes import change_of, changed


def told(change: FileChange, *mentions: tuple[str, str]) -> list[Insight]:
    """What is said of a change if the tree at the head has these lines."""
    lines = tuple(Mention(path, number, text) for number, (path, text) in enumerate(mentions, 1))
    return stale.ANALYZER.analyze(in_tree(change_of(change), lines), {})


def in_tree(change: Change, lines: tuple[Mention, ...]) -> Change:
    return Change(
        repository=change.repository,
        head_sha=change.head_sha,
        merge_base=change.merge_base,
        files=change.files,
        tree=Tree(stated=lines),
    )


def requirement(name: str, old: str, new: str, path: str) -> Fact:
    return Fact(kind=FactKind.REQUIREMENT, name=name, old=old, new=new, path=path, line=1, texts=(old,))


CMAKE = "cmake_minimum_required(VERSION {} FATAL_ERROR)"


@pytest.mark.parametrize(
    ("path", "before", "after", "expected"),
    [
        ("Cargo.toml", 'rust-version = "1.77.2"', 'rust-version = "1.90.0"', ("Rust", "1.77.2", "1.90.0")),
        ("pyproject.toml", 'requires-python = ">=3.8,<4"', 'requires-python = ">=3.9"', ("Python", "3.8", "3.9")),
        ("pyproject.toml", 'python = "^3.8"', 'python = "^3.10"', ("Python", "3.8", "3.10")),
        ("setup.cfg", "python_requires = >=3.6", "python_requires = >=3.7", ("Python", "3.6", "3.7")),
        ("setup.py", '    python_requires=">=3.6",', '    python_requires=">=3.7",', ("Python", "3.6", "3.7")),
        ("package.json", '"engines": {\n"node": "^18 || 20"}', '"engines": {"node": ">=20"}', ("Node.js", "18", "20")),
        ("go.mod", "module a\n\ngo 1.20\n", "module a\n\ngo 1.22\n", ("Go", "1.20", "1.22")),
        ("a.gemspec", "required_ruby_version = '>= 2.7'", 'required_ruby_version = ">= 3.0"', ("Ruby", "2.7", "3.0")),
        ("composer.json", '"require": {"php": "^7.4 || ^8.0"}', '"require": {"php": ">=8.1"}', ("PHP", "7.4", "8.1")),
        ("pom.xml", "<java.version>8</java.version>", "<java.version>17</java.version>", ("Java", "8", "17")),
        ("build.gradle", "targetCompatibility JavaVersion.VERSION_1_8", "targetCompatibility 9", ("Java", "1.8", "9")),
        ("CMakeLists.txt", CMAKE.format("3.9"), CMAKE.format("4.1"), ("CMake", "3.9", "4.1")),
        ("mix.exs", 'elixir: "~> 1.12",', 'elixir: "~> 1.15",', ("Elixir", "1.12", "1.15")),
    ],
)  # fmt: skip
def test_a_changed_minimum_is_read_from_each_manifest(
    path: str, before: str, after: str, expected: tuple[str, str, str]
) -> None:
    [fact] = facts([changed(path, f"{before}\n", f"{after}\n")])
    assert (fact.name, fact.old, fact.new) == expected


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("Cargo.toml", 'rust-version = "1.77"', 'rust-version = "1.77.0"'),
        ("go.mod", "go 1.26.0", "go 1.26.1"),
        ("pyproject.toml", 'requires-python = "<4"', 'requires-python = ">=3.9"'),
        ("package.json", '{"volta": {"node": "18.0.0"}}', '{"volta": {"node": "20.0.0"}}'),
        ("tests/data/pyproject.toml", 'requires-python = ">=3.8"', 'requires-python = ">=3.9"'),
        ("vendor/a/go.mod", "go 1.20", "go 1.22"),
        ("README.md", 'requires-python = ">=3.8"', 'requires-python = ">=3.9"'),
    ],
    ids=["equal", "a patch", "no minimum", "a pin", "a test's", "vendored", "no manifest"],
)
def test_what_is_no_changed_minimum(path: str, before: str, after: str) -> None:
    assert facts([changed(path, f"{before}\n", f"{after}\n")]) == []


PYTHON = requirement("Python", "3.8", "3.9", "pyproject.toml")
RUST = requirement("Rust", "1.77.2", "1.90.0", "Cargo.toml")
NODE = requirement("Node.js", "18.0.0", "20.0.0", "package.json")


@pytest.mark.parametrize(
    ("fact", "path", "line"),
    [
        (PYTHON, "README.md", "We support Python 3.8 and newer."),
        (PYTHON, "README.md", "Tool supports Python 3.8, 3.9 and 3.10."),
        (PYTHON, "docs/install.rst", "- Python >= 3.8"),
        (PYTHON, "README.md", "Requires Python >=3.8,<4"),
        (PYTHON, "README.md", "![](https://img.shields.io/badge/python-3.8%2B-blue)"),
        (PYTHON, "setup.cfg", "    Programming Language :: Python :: 3.8"),
        (PYTHON, "pyproject.toml", 'target-version = ["py38", "py39"]'),
        (PYTHON, "pyproject.toml", 'python_version = "3.8"'),
        (PYTHON, ".pre-commit-config.yaml", '    args: ["--py38-plus"]'),
        (PYTHON, "src/a.py", "if sys.version_info < (3, 9):"),
        (PYTHON, "src/a.py", "# TODO generic when Python > 3.8"),
        (PYTHON, "src/a.py", "x = 1  # when we drop Python 3.8 we can use removeprefix"),
        (RUST, "README.md", "Note that rust version *1.77.2* or later is required."),
        (RUST, "README.md", "![MSRV](https://img.shields.io/badge/MSRV-1.77.2-brightgreen)"),
        (RUST, "clippy.toml", 'msrv = "1.77.2"'),
        (RUST, "src/a.rs", "// TODO: use a let chain once we have a MSRV of 1.88"),
        (RUST, "Cargo.toml", "# TODO: when we upgrade past rust 1.85, remove this dependency"),
        (NODE, "README.md", "Node.js v18+ is required"),
        (NODE, ".circleci/config.yml", "      - image: node:18"),
        (NODE, ".github/workflows/ci.yml", "          node-version: 18"),
        (requirement("Go", "1.20", "1.21", "go.mod"), "BUILD.md", "- Go 1.20 or above"),
        (requirement("Ruby", "2.3.0", "2.4.0", "a.gemspec"), ".rubocop.yml", "  TargetRubyVersion: 2.3"),
        (requirement("Java", "8", "11", "pom.xml"), "README.md", "Requires Java 8 or later."),
    ],
)
def test_a_line_that_states_the_old_minimum(fact: Fact, path: str, line: str) -> None:
    assert states(fact, Mention(path, 1, line))


@pytest.mark.parametrize(
    ("fact", "path", "line"),
    [
        (PYTHON, "README.md", "Use Python 3.8 for the example."),
        (PYTHON, "README.md", "asgiref==3.8.1 requires Python"),
        (PYTHON, "README.md", "Requires Python 3.8.1 or newer"),
        (PYTHON, "README.md", "Version 2.4 requires Python 3.8+"),
        (PYTHON, "README.md", "Requires Python 3.8 before v2"),
        (PYTHON, "README.md", "We drop support for Python 3.8 this year."),
        (PYTHON, "README.md", "Python 3.10 or later, and you install it in Python 3.8, which fails"),
        (PYTHON, "CHANGELOG.md", "- Python 3.8 or newer is required"),
        (PYTHON, "docs/whats_new_3_0.rst", "The minimal supported Python version is 3.8 now."),
        (PYTHON, "docs/_posts/2020-01-01-news.md", "Python 3.8 or newer is required"),
        (PYTHON, "tests/README.md", "Python 3.8 or newer is required"),
        (PYTHON, "examples/celery/README.md", "Python 3.8 or newer is required"),
        (PYTHON, ".github/workflows/ci.yml", '        python-version: ["3.8", "3.9"]'),
        (PYTHON, "src/a.py", "if sys.version_info >= (3, 8):"),
        (PYTHON, "src/a.py", "if sys.version_info >= (3, 10):"),
        (PYTHON, "src/a.py", "# new in Python 3.9"),
        (PYTHON, "pytest.ini", "    # would apply to Python 3.9+ when that is fixed"),
        (PYTHON, "pyproject.toml", 'python_version = "3.9"'),
        (RUST, "README.md", "rust-analyzer 1.77.2 or later is required."),
        (RUST, "src/a.rs", "// TODO: use it once we have a MSRV of 1.91"),
        (requirement("Go", "1.20", "1.22", "www/go.mod"), "README.md", "Go 1.20 or above"),
        (requirement("Rust", "1.78", "1.77.2", "Cargo.toml"), "clippy.toml", 'msrv = "1.78"'),
    ],
)
def test_a_line_that_does_not(fact: Fact, path: str, line: str) -> None:
    assert not states(fact, Mention(path, 1, line))


def test_documents_that_state_it_again_and_again_are_lists_of_others() -> None:
    raised = changed("pyproject.toml", 'requires-python = ">=3.8"\n', 'requires-python = ">=3.9"\n')
    others = [("docs/third_party.rst", f"Client number {n}. Python 3.8+ is required.") for n in range(3)]
    [remark] = told(raised, *others, ("README.md", "Python 3.8+ is required."))
    assert [(place.path, place.start_line) for place in remark.locations] == [("pyproject.toml", 1), ("README.md", 4)]


def test_a_minimum_that_is_stated_and_one_that_was_waited_for_are_two_remarks() -> None:
    raised = changed("Cargo.toml", '[package]\nrust-version = "1.77.2"\n', '[package]\nrust-version = "1.90.0"\n')
    stated, waited = told(
        raised,
        ("README.md", "Rust 1.77.2 or later is required."),
        ("src/a.rs", "// TODO: once the MSRV is 1.85, remove this"),
    )
    assert (stated.rule, waited.rule) == ("stale/requirement", "stale/waiting")
    assert stated.title == "The minimum version of Rust becomes `1.90.0` here, and `README.md`:1 still has `1.77.2`"
    assert waited.title == "The minimum version of Rust becomes `1.90.0` here, and `src/a.rs`:2 waited for that"
    assert stated.evidence["changed"] == {"path": "Cargo.toml", "line": 2}
    assert "`Rust 1.77.2 or later is required.`" in stated.description


@pytest.mark.parametrize(
    ("path", "before", "after", "line", "is_stated"),
    [
        ("src/a.py", "MAX_RETRIES = 3", "MAX_RETRIES = 5", "`MAX_RETRIES`: how often (default: 3)", True),
        (
            "src/a.py",
            "def f(max_retries: int = 3):",
            "def f(max_retries: int = 5):",
            "max_retries defaults to 3.",
            True,
        ),
        ("src/a.ts", "  bodyLimit: 1024,", "  bodyLimit: 4096,", "`bodyLimit` has the default `1024`", True),
        ("src/a.go", 'const LogFormat = "text"', 'const LogFormat = "json"', "LogFormat: default is text", True),
        ("src/a.py", "MAX_RETRIES = 3", "MAX_RETRIES = 5", "export MAX_RETRIES=3", False),
        ("src/a.py", "MAX_RETRIES = 3", "MAX_RETRIES = 5", "`MAX_RETRIES` (default: 30)", False),
        ("src/a.py", "MAX_RETRIES = 3", "MAX_RETRIES = 5", "`MAX_RETRIES` (default: 5, not 3)", False),
        ("src/a.py", "MAX_RETRIES = 3", "MAX_RETRIES = 5", "`SMTP_MAX_RETRIES` (default: 3)", False),
        ("src/a.py", "retries = 3", "retries = 5", "retries (default: 3)", False),
        ("tests/test_a.py", "MAX_RETRIES = 3", "MAX_RETRIES = 5", "`MAX_RETRIES` (default: 3)", False),
    ],
)
def test_a_changed_default_and_a_line_that_gives_the_old_one(
    path: str, before: str, after: str, line: str, is_stated: bool
) -> None:
    found = told(changed(path, f"x\n{before}\n", f"x\n{after}\n"), ("docs/settings.md", line))
    assert [one.rule for one in found] == ["stale/value"] * is_stated


def test_the_default_of_a_flag_belongs_to_the_flag() -> None:
    before = 'parser.add_argument(\n    "--max-depth",\n    type=int,\n    default=10,\n)\n'
    [remark] = told(
        changed("src/a.py", before, before.replace("10", "20")), ("README.md", "| `--max-depth` | default 10 |")
    )
    assert remark.title == "`--max-depth` becomes `20` here, and `README.md`:1 still states `10`"


PYPROJECT = '[project]\ndependencies = [\n  "click",\n  "importlib-metadata>=3.6",\n]\n'
WITHOUT = PYPROJECT.replace('  "importlib-metadata>=3.6",\n', "")


def removed(*mentions: tuple[str, str]) -> list[Insight]:
    return told(changed("pyproject.toml", PYPROJECT, WITHOUT), *mentions)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("pyproject.toml", '    "importlib_metadata",'),
        ("pyproject.toml", 'module = ["importlib_metadata.*"]'),
        ("mypy.ini", "[mypy-importlib_metadata.*]"),
        (".github/dependabot.yml", '      - dependency-name: "importlib-metadata"'),
        ("renovate.json", '"matchPackageNames": ["importlib-metadata"],'),
    ],
)
def test_an_entry_for_a_removed_dependency(path: str, line: str) -> None:
    [remark] = removed((path, line))
    assert remark.title == (
        f"The dependency `importlib-metadata` is removed here, and `{path}`:1 still has an entry for it"
    )
    # Of the removed line nothing is left to point at.
    assert [(place.path, place.start_line) for place in remark.locations] == [(path, 1)]
    assert remark.description.startswith("It is removed from `")


@pytest.mark.parametrize(
    "other",
    [
        ("src/a.py", "    import importlib_metadata as metadata"),
        ("requirements/dev.txt", "importlib-metadata==3.6"),
    ],
)
def test_a_dependency_that_is_still_used_is_not_removed(other: tuple[str, str]) -> None:
    assert removed(("pyproject.toml", '    "importlib_metadata",'), other) == []
    assert removed(("docs/a.md", "importlib-metadata"), ("tox.ini", "importlib-metadata")) == []


@pytest.mark.parametrize(
    ("path", "line", "name"),
    [
        ("pyproject.toml", '  "importlib-metadata>=3.6",', "importlib-metadata"),
        ("requirements/main.in", "requests-aws4auth", "requests-aws4auth"),
        ("package.json", '    "@scope/some.tool": "^1.0.0",', "@scope/some.tool"),
        ("Cargo.toml", 'faccess = "0.2.4"', "faccess"),
        ("Cargo.toml", "[target.dependencies.faccess]", "faccess"),
        ("Gemfile", "gem 'commonmarker', '~> 0.23.4'", "commonmarker"),
        ("go.mod", "\tgithub.com/a/b v1.2.3", "github.com/a/b"),
        ("composer.json", '"vendor/tool": "^1.0",', "vendor/tool"),
    ],
)
def test_what_could_be_a_removed_dependency_is_searched_without_parsing(path: str, line: str, name: str) -> None:
    file = changed(path, f"x\n{line}\n", "x\n")
    assert name in [one.name for one in facts([file], parsed=False)]
    assert name not in [one.name for one in facts([file, changed(path, "x\n", f"x\n{line}\n")], parsed=False)]


def test_a_dependency_that_moves_to_another_manifest_is_not_removed() -> None:
    files = [
        changed("pyproject.toml", PYPROJECT, WITHOUT),
        changed("requirements/dev.txt", "a==1\n", "a==1\nimportlib_metadata==3.6\n"),
    ]
    assert facts(files) == []


PYTHON_MANY = "    def load_settings(\n        self,\n        path,\n    ):"
GO_CONTEXT = "func LoadSettings(ctx context.Context, path string) error {"
TYPESCRIPT = "export function loadSettings(path: string, opts?: Options) {"
RUST_MAP = "pub fn load_settings(path: &str, x: HashMap<String, u8>) -> X {"


@pytest.mark.parametrize(
    ("path", "before", "after", "call"),
    [
        ("lib/a.py", "def load_settings(path, strict=0):", "def load_settings(path):", 'load_settings("x", strict=1)'),
        ("lib/a.py", "def load_settings(path):", "def load_settings(path, mode):", 'load_settings("x")'),
        ("lib/a.py", PYTHON_MANY, PYTHON_MANY.replace("        path,\n", ""), "a.load_settings(path)"),
        ("lib/a.go", "func LoadSettings(path string) error {", GO_CONTEXT, 's := lib.LoadSettings("p")'),
        ("src/a.ts", TYPESCRIPT, TYPESCRIPT.replace(", opts?: Options", ""), "loadSettings(p, {a: 1, b: 2})"),
        ("src/a.rs", RUST_MAP, RUST_MAP.replace(", x: HashMap<String, u8>", ""), 'load_settings("p", m)'),
    ],
)
def test_a_call_that_fits_the_old_parameters_only(path: str, before: str, after: str, call: str) -> None:
    [remark] = told(changed(path, f"{before}\n    x\n", f"{after}\n    x\n"), ("docs/a.md", call))
    assert remark.rule == "stale/call"
    assert f"`{call}`" in remark.description


@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("docs/a.md", "load_settings(path)"),
        ("docs/a.md", "Call `load_settings()` first."),
        ("docs/a.md", "load_settings(path, ...)"),
        ("docs/a.md", "def load_settings(path, strict=False):"),
        ("docs/a.md", "reload_settings(path, strict=True)"),
        ("docs/a.md", "environment.load_settings(path, strict=True)"),
        ("docs/a.md", "load_settings(path, strict=True) is deprecated"),
        ("src/b.py", "load_settings(path, strict=True)"),
        ("CHANGELOG.md", "load_settings(path, strict=True)"),
    ],
)
def test_a_call_that_is_right_or_not_for_documentation(path: str, call: str) -> None:
    file = changed("lib/a.py", "def load_settings(path, strict=False):\n", "def load_settings(path):\n")
    assert told(file, (path, call)) == []


def test_comments_between_parameters_are_no_parameters() -> None:
    after = (
        "def cancel_after(\n    seconds: int,\n    deferred: Deferred,  # type: ignore[x], later\n    clock=None,\n):\n"
    )
    file = changed("lib/a.py", "def cancel_after(seconds, deferred, clock=None):\n", after)
    assert told(file, ("docs/a.rst", ".. py:function:: cancel_after(seconds, deferred)")) == []


def test_calls_of_a_name_that_two_functions_have_mean_either() -> None:
    file = changed("lib/a.py", "def load_settings(path, strict=False):\n", "def load_settings(path):\n")
    call, other = ("docs/a.md", "load_settings(p, strict=True)"), ("lib/b.py", "def load_settings(p, strict): ...")
    assert told(file, call, other) == []


def test_lines_that_the_change_adds_are_not_left_behind() -> None:
    raised = changed("pyproject.toml", 'requires-python = ">=3.8"\n', 'requires-python = ">=3.9"\n')
    readme = changed("README.md", "x\n", "Python 3.8+ is required.\n")
    mention = (Mention("README.md", 1, "Python 3.8+ is required."),)
    assert stale.ANALYZER.analyze(in_tree(change_of(raised, readme), mention), {}) == []
    assert len(stale.ANALYZER.analyze(in_tree(change_of(raised), mention), {})) == 1


HOSTILE = (
    "python " * 300 + "3.8",
    "load_settings(" * 300,
    "MAX_RETRIES default " + "3" * 4_000,
    "# TODO MSRV " + "v" * 300,
    "'" * 200 + "at least " * 300,
)


def test_hostile_texts_are_read_in_bounded_time() -> None:
    begin = time.process_time()
    many = "".join(f"def load_settings_{n}(a, b={'(' * 50}):\n" for n in range(3_000))
    files = [
        changed("lib/b.py", f"{many}x\n", f"{many}y\n"),
        changed("package.json", '"engines": ' + "{" * 50_000, '"engines": ' + '"node": "' * 50_000),
        changed("pyproject.toml", f'requires-python = ">={"1." * 90_000}"\n', f'requires-python = "{"^" * 90_000}"\n'),
        changed("lib/c.py", "a_b_name : " * 20_000 + "3\n", "a_b_name : " * 20_000 + "4\n"),
    ]
    assert len(facts(files)) <= 4 * MAX_OF_A_KIND
    value = Fact(kind=FactKind.VALUE, name="MAX_RETRIES", old="3", new="5", path="a", line=1, texts=())
    for text in HOSTILE:
        for fact in (PYTHON, RUST, value):
            states(fact, Mention("README.md", 1, text))
            states(fact, Mention("src/a.rs", 1, text))
    assert time.process_time() - begin < 4
