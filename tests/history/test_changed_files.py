"""Which files each change changes, as the patterns read them from a real index."""

from pathlib import Path

import pytest

from bot.domain.changed_files import ChangedFiles
from bot.history.changed_files import changed_files
from bot.history.index import opened
from tests.history.fixtures import index_of, indexed
from tests.repository import Repository


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    return Repository.create(tmp_path / "project")


def read(project: Repository, since: int = 0) -> ChangedFiles:
    indexed(project)
    with opened(index_of(project)) as index:
        return changed_files(index, since)


def paths_of(changed: ChangedFiles, sha: str) -> set[str]:
    return {changed.files[number].path for number in changed.by_change.get(sha, ())}


def test_a_file_is_followed_across_renames_and_gone_ones_are_left_out(project: Repository) -> None:
    text = "".join(f"line {number}\n" for number in range(30))
    first = project.commit("first", {"old.py": text, "gone.py": "x\n"})
    second = project.commit("move", {"old.py": None, "src/new.py": text, "gone.py": None})
    changed = read(project)
    assert {(file.path, file.lines) for file in changed.files.values()} == {("src/new.py", 30)}
    assert paths_of(changed, first) == paths_of(changed, second) == {"src/new.py"}


def test_mass_changes_and_older_changes_are_left_out(project: Repository) -> None:
    old = project.commit("old", {"a.py": "1\n"})
    mass = project.commit("format", {f"many/{number}.py": "x\n" for number in range(101)})
    new = project.commit("new", {"a.py": "2\n"})
    assert paths_of(read(project), old) == {"a.py"}
    changed = read(project, since=project.clock - 60)
    assert paths_of(changed, old) == paths_of(changed, mass) == set()
    assert paths_of(changed, new) == {"a.py"}


def test_a_path_of_any_bytes_is_text(project: Repository) -> None:
    sha = project.commit("odd", {"a b\udcff.py": "1\n"})
    assert paths_of(read(project), sha) == {"a b\\xff.py"}
