"""All changes of a repository in one tuple, with what became of each."""

from pathlib import Path

import pytest

from bot.domain.project import ProjectChange
from bot.history.index import opened
from bot.history.project_changes import file_changes, index_details, project_changes
from tests.history.fixtures import commit_as, index_of, indexed
from tests.repository import Repository

BODY = "def f(a):\n    b = a + 1\n    return b\n"


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    repository = Repository.create(tmp_path / "project")
    repository.commit("first", {"README.md": "x\n"})
    return repository


def changes_of(project: Repository) -> dict[str, ProjectChange]:
    indexed(project)
    with opened(index_of(project)) as index:
        changes = project_changes(index)
    assert [one.when for one in changes] == sorted(one.when for one in changes)
    return {one.subject: one for one in changes}


def test_each_change_has_its_author_kind_size_issues_and_pull_request(project: Repository) -> None:
    sha = project.commit("Add f (#12)\n\nCloses #7, closes #3", {"src/f.py": BODY})
    commit_as(project, "dependabot[bot]", "bot@example.org", "Bump x from 1 to 2", {"README.md": "y\nz\n"})
    project.commit("first again", {"README.md": "w\n"})
    changes = changes_of(project)
    added = changes["Add f (#12)"]
    assert (added.sha, added.kind, added.is_fix, added.is_bot, added.is_mass) == (sha, "feature", False, False, False)
    assert (added.files, added.added, added.deleted, added.issues, added.pull) == (1, 3, 0, (3, 7), 12)
    bump = changes["Bump x from 1 to 2"]
    assert (bump.is_bot, bump.added, bump.deleted, bump.issues, bump.pull) == (True, 2, 1, (), None)
    assert bump.person != added.person == changes["first"].person == changes["first again"].person


def test_the_oldest_fix_of_a_change_counts(project: Repository) -> None:
    project.commit("add f", {"src/f.py": BODY})
    fix = project.commit("fix the sum", {"src/f.py": BODY.replace("a + 1", "a + 2")})
    project.commit("fix the result", {"src/f.py": BODY.replace("a + 1", "a + 2").replace("return b", "return -b")})
    changes = changes_of(project)
    assert (changes["add f"].fixed_by, changes["add f"].reverted) == (fix, False)
    assert changes["add f"].fixed_after == changes["fix the sum"].when - changes["add f"].when > 0
    assert changes["fix the sum"].is_fix
    assert (changes["fix the result"].fixed_by, changes["fix the result"].fixed_after) == (None, None)


def test_a_revert_counts_until_it_is_reverted(project: Repository) -> None:
    bad = project.commit("feature", {"src/g.py": "x = 1\n"})
    revert = project.commit(f'Revert "feature"\n\nThis reverts commit {bad}.', {"src/g.py": None})
    assert (changes_of(project)["feature"].fixed_by, changes_of(project)["feature"].reverted) == (revert, True)
    project.commit(f'Revert "Revert "feature""\n\nThis reverts commit {revert}.', {"src/g.py": "x = 1\n"})
    assert (changes_of(project)["feature"].fixed_by, changes_of(project)["feature"].reverted) == (None, False)


def test_a_merge_without_a_title_names_its_pull_request(project: Repository) -> None:
    project.branch("topic")
    project.commit("work", {"src/h.py": "x = 1\n"})
    project.checkout("main")
    project.git("merge", "--no-ff", "--quiet", "-m", "Merge pull request #31 from them/topic", "topic")
    assert changes_of(project)["Merge pull request #31 from them/topic"].pull == 31


def test_the_changes_of_a_file_by_people_follow_its_renames(project: Repository) -> None:
    project.commit("add f", {"src/f.py": BODY})
    commit_as(project, "dependabot[bot]", "bot@example.org", "Bump", {"src/f.py": BODY + "x = 1\n"})
    project.commit("move f", {"src/f.py": None, "src/g.py": BODY + "x = 1\n"})
    many = {f"many/{number}.txt": "x\n" for number in range(101)}
    project.commit("all at once", {**many, "src/g.py": BODY})
    changes = changes_of(project)
    with opened(index_of(project)) as index:
        found = file_changes(index, ["src/g.py", "src/f.py", "gone.py"])
    assert changes["all at once"].is_mass
    assert found == {"src/g.py": (changes["add f"].when, changes["move f"].when), "src/f.py": (), "gone.py": ()}


def test_an_index_without_changes_gives_none(tmp_path: Path) -> None:
    empty = Repository.create(tmp_path / "empty")
    assert changes_of(empty) == {}


def test_what_a_fix_repairs_in_which_file_and_whether_it_has_a_test_is_known(project: Repository) -> None:
    added = project.commit("Add f", {"src/f.py": BODY, "src/g.rs": "fn f() {}\n"})
    fix = project.commit("Fix f", {"src/f.py": BODY.replace("a + 1", "a + 2"), "tests/test_f.py": "x\n"})
    inline = "fn f() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn f() { assert!(true); }\n}\n"
    beside = project.commit("Test g", {"src/g.rs": inline})
    project.commit("Remove the tests", {"tests/test_f.py": None})
    indexed(project)
    with opened(index_of(project)) as index:
        details = index_details(index)
    assert details.repaired == {fix: ((added, "src/f.py"),)}
    assert {fix, beside} <= details.tested and added not in details.tested
