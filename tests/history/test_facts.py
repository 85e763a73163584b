"""The history of files and of the repository, as the index provides it to the analyzers."""

from math import log
from pathlib import Path

import pytest

from bot.domain.history import FileHistory
from bot.domain.periods import DAY
from bot.history.index import file_histories, opened
from bot.history.merged_changes import newest_merged, next_change_of
from bot.history.repository import degree_of_authorship, people_of_bus_factor, repository_history
from tests.history.fixtures import commit_as, dump, index_of, indexed, rows
from tests.repository import Repository


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    repository = Repository.create(tmp_path / "project")
    repository.commit("first", {"README.md": "x\n"})
    return repository


def histories(repository: Repository, *paths: str, now: int = 0) -> dict[str, FileHistory]:
    indexed(repository)
    with opened(index_of(repository)) as index:
        return file_histories(index, paths, now or repository.clock + 60)


def test_a_file_and_its_contributors(project: Repository) -> None:
    commit_as(project, "Ann", "ann@x", "add", {"src/a.py": "1\n2\n3\n4\n"})
    begin = project.clock
    project.clock += 200 * DAY
    commit_as(project, "Bo", "bo@x", "fix the second", {"src/a.py": "1\ntwo\n3\n4\n"})
    project.clock += 300 * DAY
    fix = commit_as(project, "Ann", "ann@x", "fix the rest", {"src/a.py": "1\ntwo\n3\nfour\nfive\n"})
    commit_as(project, "Bo", "bo@x", "elsewhere", {"src/b.py": "1\n"})
    found = histories(project, "src/a.py", "src/none.py")
    assert list(found) == ["src/a.py"]
    file = found["src/a.py"]
    assert (file.revisions, file.revisions_year, file.revisions_quarter, file.revisions_year_before) == (3, 2, 1, 1)
    totals = "SELECT sum(added), sum(deleted) FROM revisions WHERE entity = ?"
    assert rows(index_of(project), totals, file.entity) == [(7, 2)]
    assert (file.added_year, file.deleted_year, file.lines) == (3, 2, 5)
    assert [one.subject for one in file.fixes_year] == ["fix the rest", "fix the second"]
    assert (file.fixes_quarter, file.fixes_year[0].sha) == (1, fix)
    assert [(one.name, one.lines, one.changes) for one in file.contributors] == [("Ann", 4, 2), ("Bo", 1, 1)]
    assert file.contributors[0].share == pytest.approx(0.8)
    assert begin - 60 <= file.first_change <= begin
    assert file.contributors[1].last_active > file.last_change  # Bo changed another file later


def test_quarter_and_year_end_at_the_given_time(project: Repository) -> None:
    project.commit("add", {"src/a.py": "1\n"})
    facts = histories(project, "src/a.py", now=project.clock + 91 * DAY)["src/a.py"]
    assert (facts.revisions, facts.revisions_quarter, facts.revisions_year) == (1, 0, 1)


def test_a_changed_mailmap_is_applied_without_a_rebuild(project: Repository) -> None:
    commit_as(project, "Ann", "ann@x", "add", {"src/a.py": "1\n2\n"})
    commit_as(project, "ann l", "old@x", "more", {"src/a.py": "1\n2\n3\n"})
    assert len(histories(project, "src/a.py")["src/a.py"].contributors) == 2
    project.commit("map", {".mailmap": "Ann Lee <ann@x> <old@x>\nAnn Lee <ann@x>\n"})
    [only] = histories(project, "src/a.py")["src/a.py"].contributors
    assert (only.name, only.lines, only.share, only.changes) == ("Ann Lee", 3, 1.0, 2)
    assert rows(index_of(project), "SELECT count(*) FROM commits") == [(4,)]
    project.commit("unmap", {".mailmap": None})
    assert len(histories(project, "src/a.py")["src/a.py"].contributors) == 2
    persons = dump(index_of(project))["persons"]
    fresh = index_of(project).with_suffix(".fresh.db")
    indexed(project, fresh)
    assert dump(fresh)["persons"] == persons


def test_a_deleted_file_has_no_history(project: Repository) -> None:
    project.commit("add", {"src/a.py": "1\n"})
    project.commit("remove", {"src/a.py": None})
    assert histories(project, "src/a.py") == {}


def test_files_that_seldom_change_together_are_no_companions(project: Repository) -> None:
    for number in range(20):
        both = {"src/b.py": f"{number}\n"} if number < 5 else {}
        project.commit(f"c{number}", {"src/a.py": f"{number}\n"} | both)
    file = histories(project, "src/a.py", "src/b.py")
    assert file["src/a.py"].companions == ()  # 5 of 20
    assert [one.path for one in file["src/b.py"].companions] == ["src/a.py"]  # 5 of 5


def test_only_coupled_changes_count_for_companions(project: Repository) -> None:
    for number in range(8):
        both: dict[str, str | bytes | None] = {"src/a.py": f"{number}\n", "tests/test_a.py": f"{number}\n"}
        if number < 4:
            both["src/seldom.py"] = f"{number}\n"
        project.commit(f"both {number}", both | {"yarn.lock": f"{number}\n", "dist/a.js": f"{number}\n"})
    for number in range(2):
        project.commit(f"alone {number}", {"src/a.py": f"alone {number}\n"})
    for number in range(9):
        commit_as(project, "dependabot[bot]", "d@x", "bump", {"src/a.py": f"b{number}\n", "src/bot.py": f"{number}\n"})
        many = {f"src/m{row}.py": f"{number}\n" for row in range(31)}
        project.commit("many", many | {"src/a.py": f"m{number}\n", "src/wide.py": f"{number}\n"})
        project.commit(f"Release 1.{number}", {"src/a.py": f"r{number}\n", "install.sh": f"{number}\n"})
    newest = [sha for (sha,) in _shas(project, "both")][:5]
    [companion] = histories(project, "src/a.py")["src/a.py"].companions
    assert (companion.path, companion.together, companion.changes) == ("tests/test_a.py", 8, 10)
    assert companion.confidence == pytest.approx(0.8) and companion.examples == tuple(newest)
    # Since the first coupled change of the file there are 10 changes; 8 of them change the other file.
    assert companion.lift == pytest.approx((8 / 10) / (8 / 10))


def test_a_release_does_not_count_as_the_next_change_of_a_file(project: Repository) -> None:
    merged = project.commit("b without a (#7)", {"src/a.py": "1\n", "src/b.py": "1\n"})
    project.commit("1.0", {"src/b.py": "1.0\n"})
    indexed(project)
    with opened(index_of(project)) as index:
        [merged_change] = [one for one in newest_merged(index, 2) if one.sha == merged]
        assert next_change_of(index, merged_change, "src/b.py") is None
    later = project.commit("b once more", {"src/b.py": "2\n"})
    indexed(project)
    with opened(index_of(project)) as index:
        assert next_change_of(index, merged_change, "src/b.py") == later


def _shas(repository: Repository, subject: str) -> list[tuple[str]]:
    indexed(repository)
    query = "SELECT sha FROM commits WHERE subject LIKE ? ORDER BY ordinal DESC"
    return rows(index_of(repository), query, f"{subject}%")


def test_a_companion_is_followed_across_renames(project: Repository) -> None:
    body = "".join(f"{row}\n" for row in range(30))
    for number in range(6):
        project.commit(f"c{number}", {"src/a.py": f"{number}\n", "src/b.py": body + f"{number}\n"})
    project.commit("move", {"src/b.py": None, "src/c.py": body + "5\n"})
    file = histories(project, "src/a.py", "src/c.py")
    assert [one.path for one in file["src/a.py"].companions] == ["src/c.py"]
    assert file["src/c.py"].revisions == 7
    project.commit("gone", {"src/c.py": None})
    assert histories(project, "src/a.py")["src/a.py"].companions == ()


def test_the_degree_of_authorship() -> None:
    assert degree_of_authorship(first=True, changes=3, acceptances=2) == pytest.approx(
        3.293 + 1.098 + 0.492 - 0.321 * log(3)
    )


def test_the_bus_factor() -> None:
    assert people_of_bus_factor({1: {1}, 2: {1}, 3: {2}, 4: {2}, 5: {3}}) == [1, 2]
    assert people_of_bus_factor({1: {1}}) == [1]
    assert people_of_bus_factor({1: {1}, 2: {2}}) == [1, 2]  # half of the files is not more than half
    assert people_of_bus_factor({1: {1, 2}, 2: {1, 2}}) == [1, 2]
    assert people_of_bus_factor({1: set(), 2: {1}, 3: {1}}) == [1]
    assert people_of_bus_factor({1: set()}) == []
    assert people_of_bus_factor({}) == []


def test_the_repository(project: Repository) -> None:
    for number in range(4):
        commit_as(project, "Ann", "ann@x", f"a{number}", {f"src/a{number}.py": "1\n", "src/hot.py": f"{number}\n"})
    commit_as(project, "Bo", "bo@x", "fix hot", {"src/hot.py": "x\ny\n", "yarn.lock": "1\n"})
    for number in range(9):
        commit_as(project, "renovate[bot]", "r@x", f"r{number}", {"src/hot.py": f"x\ny\n{number}\n"})
    indexed(project)
    with opened(index_of(project)) as index:
        facts = repository_history(index, project.clock + 60)
    assert facts.changes == 15 and facts.bus_factor == 1 and facts.bus_factor_people == ("Ann",)
    assert [(one.name, one.changes, one.files, one.is_bot) for one in facts.authors[:2]] == [
        ("renovate[bot]", 9, 0, True), ("Ann", 4, 5, False),
    ]  # fmt: skip
    hot = facts.hotspots[0]
    assert (hot.path, hot.revisions, hot.fixes, hot.lines) == ("src/hot.py", 5, 1, 3)
