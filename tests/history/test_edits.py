"""Edits that change no behaviour: versions, imports, inline tests; reverts by the patch; the window of past changes."""

import pytest

from bot.domain.kinds import Kind
from bot.history.edits import Edit, edit_of, only_versions
from bot.history.index import opened
from bot.history.past_window import past_window
from bot.history.patch import FilePatch
from tests.history.fixtures import commit_as, index_of, indexed, links, rows
from tests.repository import Repository

CODE = "".join(f"x{number} = {number}\n" for number in range(40))


def patch(deleted: list[str], added: list[str], heading: str = "") -> FilePatch:
    """One hunk."""
    lines = [f"-{line}" for line in deleted] + [f"+{line}" for line in added]
    body = "\n".join([f"1,{len(deleted)} +1,{len(added)} @@{' ' * bool(heading)}{heading}", *lines])
    return FilePatch([(0, len(deleted), len(added), 0)], [body.encode()], len(added), len(deleted), readable=True)


@pytest.mark.parametrize(
    ("path", "deleted", "added"),
    [
        ("package.json", ['    "react": "^17.0.2",'], ['    "react": "^18.2.0",']),
        ("Cargo.toml", ['serde = { version = "1.0.1", features = ["derive"] }'],
         ['serde = { version = "1.0.2", features = ["derive"] }']),
        ("go.mod", ["\tgithub.com/a/b v1.2.3"], ["\tgithub.com/a/b v1.3.0"]),
        ("requirements/base.txt", ["django==4.2 \\", "    --hash=sha256:" + "a1" * 32],
         ["django==4.3 \\", "    --hash=sha256:" + "b2" * 32, "    --hash=sha256:" + "c3" * 32]),
        (".github/workflows/ci.yml", ["      - uses: actions/checkout@v3"], ["      - uses: actions/checkout@v4"]),
        (".github/workflows/ci.yml", [f"- uses: a/b@{'a1' * 20} # v1.2"], [f"- uses: a/b@{'b2' * 20} # v1.3"]),
        ("Dockerfile", ["FROM python:3.11.2-slim"], ["FROM python:3.12.1-slim"]),
        ("build.gradle.kts", ['    implementation("a:b:1.0.0")'], ['    implementation("a:b:1.1.0")']),
        ("pom.xml", ["  <version>1.0.0</version>"], ["  <version>1.1.0-SNAPSHOT</version>"]),
        ("pom.xml",
         ["<version>2.13.2</version>", "<buildTime>2025-09-10T20:37:36Z</buildTime>", "<tag>p-2.13.2</tag>"],
         ["<version>2.13.3-SNAPSHOT</version>", "<buildTime>2025-09-10T20:39:14Z</buildTime>", "<tag>HEAD</tag>"]),
        ("src/pkg/__init__.py", ['__version__ = "1.2.3"'], ['__version__ = "1.2.4"']),
        ("poetry.lock", ["x"], ["y", "z"]),
        ("docs/install.md", ["pip install x==1.2.3"], ["pip install x==1.2.4"]),
    ],
)  # fmt: skip
def test_raised_versions(path: str, deleted: list[str], added: list[str]) -> None:
    assert edit_of(path, patch(deleted, added)).versions


@pytest.mark.parametrize(
    ("path", "deleted", "added"),
    [
        ("package.json", ['    "react": "^17.0.2",'], ['    "preact": "^10.0.0",']),
        ("package.json", [], ['    "left-pad": "1.0.0",']),
        ("src/a.py", ["timeout = 1.5"], ["timeout = 2.5"]),
        ("src/a.py", ['version = "1.2.3"', "x = 1"], ['version = "1.2.4"', "x = 2"]),
        (".github/workflows/ci.yml", ["      run: make a"], ["      run: make b"]),
        ("settings.yaml", ["retries: 3"], ["retries: 5"]),
    ],
)
def test_other_edits_are_no_raised_versions(path: str, deleted: list[str], added: list[str]) -> None:
    assert not edit_of(path, patch(deleted, added)).versions


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.py", "from a.b import c"), ("a.ts", "import { x } from './y'"), ("a.go", '\t"github.com/a/b/v2"'),
        ("a.go", '\tyaml "gopkg.in/yaml.v3/x"'), ("A.java", "import a.b.C;"), ("a.rs", "use a::b::{c, d};"),
        ("a.c", "#include <x.h>"), ("a.cs", "using A.B;"), ("a.rb", "require 'x'"),
    ],
)  # fmt: skip
def test_imports_couple_nothing(path: str, line: str) -> None:
    assert edit_of(path, patch([line], [line.replace("a", "z"), ""])).imports
    assert not edit_of(path, patch([line], [line, "x = f(1)"])).imports


def test_a_change_raises_versions_if_all_its_files_do() -> None:
    raised, other = Edit(versions=True), Edit()
    assert only_versions([("package.json", "M", raised), ("yarn.lock", "M", raised)])
    assert only_versions([("setup.py", "M", raised), ("CHANGES.rst", "M", other), ("CHANGES/1.bugfix.rst", "D", other)])
    assert only_versions([("go.mod", "M", raised), ("a.go", "M", Edit(imports=True))])
    assert not only_versions([("package.json", "M", raised), ("src/a.js", "M", other)])
    assert not only_versions([("CHANGES.rst", "M", other)]) and not only_versions([])


def test_inline_tests_of_a_patch_are_counted() -> None:
    block = ["#[cfg(test)]", "mod tests {", "    #[test]", "    fn works() {", "        assert!(f());", "    }", "}"]
    assert edit_of("src/a.rs", patch([], block)) == Edit(tests=7, only_tests=True)
    assert edit_of("src/a.rs", patch([], ["fn f() -> bool { true }", *block])) == Edit(tests=7)
    assert edit_of("src/a.rs", patch(["x"], ["y"], heading="mod tests {")) == Edit(tests=1, only_tests=True)
    assert edit_of("src/a.rs", patch(["x"], ["y"], heading="fn latest() {")) == Edit()


def test_raised_versions_are_neither_fix_nor_fault(repository: Repository) -> None:
    repository.commit("first", {"README.md": "x\n"})
    repository.commit("use y", {"setup.py": 'version = "1.0.0"\nrequires = ["y==1.0.0"]\n', "a.py": CODE})
    repository.commit("fix(build): raise y", {"setup.py": 'version = "1.0.0"\nrequires = ["y==1.1.0"]\n'})
    repository.commit("Fix crash of y", {"setup.py": 'version = "1.0.0"\nrequires = ["y==1.2.0"]\n'})
    indexed(repository)
    assert links(index_of(repository)) == []
    query = "SELECT kind, fix, versions, coupled FROM commits WHERE ordinal > 2"
    assert rows(index_of(repository), query) == [(Kind.CHORE, 0, 1, 0)] * 2


def test_a_change_in_other_words_that_reverses_a_patch_is_a_revert(repository: Repository) -> None:
    repository.commit("first", {"a.py": CODE, "b.py": CODE})
    new = {"a.py": CODE.replace("x3 = 3", "x3 = 33\ny3 = 3\nz3 = 3"), "b.py": CODE.replace("x5 = 5", "x5 = 55")}
    repository.commit("Use thirty", new)
    repository.commit("Unrelated", {"c.py": CODE})
    repository.commit("Go back to three", {"a.py": CODE, "b.py": CODE})
    repository.commit("Once more with thirty", new)
    indexed(repository)
    assert [link[:3] for link in links(index_of(repository))] == [
        ("Go back to three", "Use thirty", "revert"),
        ("Once more with thirty", "Go back to three", "revert"),
    ]
    kinds = rows(index_of(repository), "SELECT kind FROM commits WHERE ordinal > 3")
    assert kinds == [(Kind.REVERT,), (Kind.REAPPLY,)]


def test_an_edit_of_the_same_lines_is_no_revert(repository: Repository) -> None:
    repository.commit("first", {"a.py": CODE})
    repository.commit("Use thirty", {"a.py": CODE.replace("x3 = 3\nx4 = 4", "x3 = 33\nx4 = 44")})
    repository.commit("Use forty", {"a.py": CODE.replace("x3 = 3\nx4 = 4", "x3 = 43\nx4 = 45")})
    repository.commit("Half back", {"a.py": CODE.replace("x3 = 3\nx4 = 4", "x3 = 33\nx4 = 45")})
    indexed(repository)
    assert links(index_of(repository)) == []


def test_a_named_cause_is_the_link_and_pull_requests_and_titles_name_what_is_reverted(repository: Repository) -> None:
    repository.commit("first", {"a.py": CODE})
    cause = repository.commit("Use thirty (#7)", {"a.py": CODE.replace("x3 = 3", "x3 = 33")})
    repository.commit("Other lines", {"a.py": CODE.replace("x3 = 3", "x3 = 33").replace("x9 = 9", "x9 = 99")})
    fixed = CODE.replace("x3 = 3", "x3 = 33").replace("x9 = 9", "x9 = 98")
    repository.commit(f'Keep the order\n\nFixes: {cause[:12]} ("Use thirty")', {"a.py": fixed})
    repository.commit('Revert "Use thirty" (#9)\n\nReverts a/b#7', {"a.py": fixed + "y = 1\n"})
    repository.commit('Revert "Other lines"', {"a.py": fixed + "y = 2\n"})
    indexed(repository)
    assert [link[:3] for link in links(index_of(repository))] == [
        ("Keep the order", "Use thirty (#7)", "named"),
        ('Revert "Use thirty" (#9)', "Use thirty (#7)", "revert"),
        ('Revert "Other lines"', "Other lines", "revert"),
    ]


def test_the_window_counts_changes_of_code_by_people(repository: Repository) -> None:
    repository.commit("first", {"a.py": CODE, "setup.py": 'version = "1.0.0"\n'})
    for number in range(3):
        repository.commit(f"change {number}", {"a.py": CODE + f"y = {number}\n"})
        for _ in range(4):
            commit_as(repository, "dependabot[bot]", "1+dependabot[bot]@users.noreply.github.com", "Bump y",
                      {"b.py": f"{repository.clock}\n"})  # fmt: skip
        repository.commit(f"docs {number}", {"README.md": f"{number}\n"})
        repository.commit("Bump version", {"setup.py": f'version = "1.{number + 1}.0"\n'})
    indexed(repository)
    with opened(index_of(repository)) as index:
        assert [one.subject for one in past_window(index)] == [
            f"{w} {n}" for n in (2, 1, 0) for w in ("docs", "change")
        ]
        assert [one.subject for one in past_window(index, 2)] == ["docs 2", "change 2", "docs 1", "change 1"]
        assert past_window(index)[1].files[0].path == "a.py"
