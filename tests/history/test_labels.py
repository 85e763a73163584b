"""Links from fixes and reverts to changes: each case of SZZ and of its corrections."""

from pathlib import Path

import numpy as np
import pytest

from bot.history.index import opened
from bot.history.labels import labelled_table
from tests.history.fixtures import commit_as, index_of, indexed, links
from tests.repository import Repository

BODY = "def f(a):\n    b = a + 1\n    # about c\n    c = b * 2\n\n    return c\n"


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    repository = Repository.create(tmp_path / "project")
    repository.commit("first", {"README.md": "x\n"})
    repository.commit("add f", {"src/f.py": BODY})
    return repository


def test_a_fix_is_linked_to_the_change_that_introduced_its_deleted_lines(project: Repository) -> None:
    project.commit("fix the sum", {"src/f.py": BODY.replace("a + 1", "a + 2").replace("b * 2", "b * 3")})
    indexed(project)
    assert links(index_of(project)) == [("fix the sum", "add f", "lines", "src/f.py", 2, 2, False)]


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("comment", BODY.replace("# about c", "# about the double")),
        ("blank", BODY.replace("\n\n", "\n")),
        ("whitespace", BODY.replace("b * 2", "b*2")),
        ("indent", BODY.replace("    return c", "        return c")),
        ("move", BODY.replace("    b = a + 1\n", "").replace("    return c\n", "    b = a + 1\n    return c\n")),
    ],
)
def test_a_fix_that_changes_no_code_has_no_link(project: Repository, name: str, after: str) -> None:
    assert after != BODY
    project.commit("fix it", {"src/f.py": after})
    indexed(project)
    assert links(index_of(project)) == []


def test_a_fix_that_only_adds_code_is_linked_to_the_change_around_it(project: Repository) -> None:
    project.commit("second", {"src/f.py": BODY + "\n\ndef g():\n    return 1\n"})
    project.commit("fix None", {"src/f.py": BODY.replace("    b =", "    if a is None:\n        return 0\n    b =")
                   + "\n\ndef g():\n    return 1\n"})  # fmt: skip
    project.commit("fix comment", {"src/f.py": BODY + "\n\n# new\ndef g():\n    return 1\n"})
    indexed(project)
    assert links(index_of(project))[0] == ("fix None", "add f", "around", "src/f.py", 0, 1, False)


def test_of_several_changes_the_one_with_the_most_lines_is_the_cause(project: Repository) -> None:
    project.commit("change c", {"src/f.py": BODY.replace("b * 2", "b * 3")})
    changed = BODY.replace("    b = a + 1\n", "    b = 2\n").replace("b * 2", "b").replace("return c", "return b")
    project.commit("fix all", {"src/f.py": changed})
    indexed(project)
    assert links(index_of(project)) == [("fix all", "add f", "lines", "src/f.py", 2, 2, False)]


def test_the_middle_of_a_block_comment_is_not_code(tmp_path: Path) -> None:
    body = "/* one\n   two\n   three */\nint f(int a)\n{\n  return a;\n}\n"
    repository = Repository.create(tmp_path / "project")
    repository.commit("first", {"README.md": "x\n"})
    repository.commit("add f", {"src/f.c": body})
    repository.commit("fix it", {"src/f.c": body.replace("/* one\n   two\n   three */\n", "/* 1\n   2\n */\n")})
    repository.commit("fix more", {"src/f.c": "/* 1\n   2\n */\n" + "long f(int b)\n{\n  return b;\n}\n"})
    indexed(repository)
    assert links(index_of(repository)) == [("fix more", "add f", "lines", "src/f.c", 2, 4, False)]


def test_a_line_that_the_fix_moves_to_another_file_has_no_link(project: Repository) -> None:
    project.commit("fix it", {"src/f.py": BODY.replace("    b = a + 1\n", ""), "src/g.py": "b = a + 1\n"})
    indexed(project)
    assert links(index_of(project)) == []


@pytest.mark.parametrize("path", ["tests/test_f.py", "docs/f.md", "src/f.min.js", "poetry.lock", "docs/conf.py"])
def test_only_deleted_production_code_has_links(tmp_path: Path, path: str) -> None:
    repository = Repository.create(tmp_path / "project")
    repository.commit("first", {"README.md": "x\n"})
    repository.commit("add", {path: "a = 1\n", "src/g.py": "b = 1\n"})
    repository.commit("fix it", {path: "a = 2\n", "src/new.py": "c = 1\n"})
    indexed(repository)
    assert links(index_of(repository)) == []


def test_a_mass_change_and_the_root_commit_are_no_introducing_changes(tmp_path: Path) -> None:
    repository = Repository.create(tmp_path / "project")
    repository.commit("first", {"src/a.py": "a = 1\n"})
    repository.commit("many", {f"src/m{n}.py": "b = 1\n" for n in range(101)})
    repository.commit("fix one of the first", {"src/a.py": "a = 2\n"})
    repository.commit("fix one of the many", {"src/m7.py": "b = 2\n"})
    repository.commit("fix all of them", {f"src/m{n}.py": "c = 1\n" for n in range(101)})
    indexed(repository)
    assert links(index_of(repository)) == []


def test_a_change_of_a_bot_is_neither_a_fix_nor_an_introducing_change(project: Repository) -> None:
    commit_as(project, "renovate[bot]", "bot@renovateapp.com", "bump", {"src/g.py": "v = 1\n"})
    project.commit("fix v", {"src/g.py": "v = 2\n"})
    commit_as(project, "dependabot[bot]", "x@y", "fix: bump v", {"src/g.py": "v = 3\n"})
    indexed(project)
    assert links(index_of(project)) == []


def test_a_fix_follows_a_rename(project: Repository) -> None:
    project.commit("move", {"src/f.py": None, "lib/f.py": BODY})
    project.commit("fix the sum", {"lib/f.py": BODY.replace("a + 1", "a + 2")})
    indexed(project)
    assert links(index_of(project)) == [("fix the sum", "add f", "lines", "lib/f.py", 1, 2, False)]


def test_a_revert_is_linked_and_its_own_revert_undoes_the_link(project: Repository) -> None:
    bad = project.commit("feature", {"src/g.py": "x = 1\n"})
    revert = project.commit(f'Revert "feature"\n\nThis reverts commit {bad}.', {"src/g.py": None})
    indexed(project)
    path = index_of(project)
    assert links(path) == [('Revert "feature"', "feature", "revert", None, 0, None, False)]
    again = project.commit(f'Revert "Revert "feature""\n\nThis reverts commit {revert[:10]}.', {"src/g.py": "x = 1\n"})
    indexed(project)
    assert [(link[1], link[-1]) for link in links(path)] == [("feature", True), ('Revert "feature"', False)]
    with opened(path) as index:
        table = labelled_table(index)
    assert (table.ordinals[-3:], table.faulty.tolist()[-3:]) == ([3, 4, 5], [False, True, False])
    project.commit(f"Out again\n\nThis reverts commit {again}.", {"src/g.py": None})
    indexed(project)
    assert [(link[1], link[-1]) for link in links(path)][:2] == [("feature", False), ('Revert "feature"', True)]


def test_a_revert_of_a_commit_of_a_side_branch_is_linked_to_the_merge(project: Repository) -> None:
    project.branch("topic")
    bad = project.commit("bad", {"src/t.py": "t = 1\n"})
    project.checkout("main")
    project.git("merge", "--quiet", "--no-ff", "topic", "--message", "Merge pull request #3 from x/topic\n\nAdd t")
    project.commit(f"Take t out\n\nThis reverts commit {bad}.", {"src/t.py": None})
    indexed(project)
    assert links(index_of(project))[0][:3] == ("Take t out", "Add t", "revert")
    project.commit(f"Out with it again\n\nThis reverts commit {bad}.", {"README.md": "z\n"})
    indexed(project)  # the lookup reads the commit from the index now
    assert links(index_of(project))[-1][:3] == ("Out with it again", "Add t", "revert")


def test_labels_contain_the_time_of_the_first_fix(project: Repository) -> None:
    project.commit("fix the sum", {"src/f.py": BODY.replace("a + 1", "a + 2")})
    fixed_at = project.clock
    project.clock += 91 * 86_400
    project.commit("fix the product", {"src/f.py": BODY.replace("a + 1", "a + 2").replace("b * 2", "b * 3")})
    again = BODY.replace("a + 1", "a + 3")
    project.commit("fix the sum again", {"src/f.py": again.replace("b * 2", "b * 3")})
    project.commit("fix the product again", {"src/f.py": again.replace("b * 2", "b * 4")})
    project.commit("chore", {"README.md": "y\n"})
    indexed(project)
    with opened(index_of(project)) as index:
        table = labelled_table(index)
    assert table.ordinals == [2, 3, 4, 5, 6]  # changes of code
    assert table.faulty.tolist() == [True, False, True, False, False]
    assert fixed_at - 60 <= table.known_at[0] <= fixed_at
    assert np.isfinite(table.known_at[1])  # fixed too, after more than 90 days
    assert np.isnan(table.known_at[3])
