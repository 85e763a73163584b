"""Which paths had a file once and have none now, as a real index knows it."""

from pathlib import Path

import pytest

from bot.domain.removed import RemovedPath
from bot.history.index import opened
from bot.history.removed_paths import removed_paths
from tests.history.fixtures import index_of, indexed
from tests.repository import Repository

TEXT = "".join(f"line {number}\n" for number in range(30))


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    return Repository.create(tmp_path / "project")


def read(project: Repository) -> dict[str, RemovedPath]:
    indexed(project)
    with opened(index_of(project)) as index:
        return {one.path: one for one in removed_paths(index)}


def test_a_deleted_and_a_moved_file_are_gone_each_with_its_change(project: Repository) -> None:
    project.commit("first", {"old.py": TEXT, "gone.txt": "x\n", "kept.py": "1\n"})
    moved = project.commit("move", {"old.py": None, "src/new.py": TEXT})
    deleted = project.commit("delete", {"gone.txt": None})
    again = project.commit("move again", {"src/new.py": None, "lib/newer.py": TEXT})
    found = read(project)
    assert {path: (one.commit.sha, one.now) for path, one in found.items()} == {
        "old.py": (moved, "lib/newer.py"),
        "src/new.py": (again, "lib/newer.py"),
        "gone.txt": (deleted, ""),
    }
    assert found["gone.txt"].commit.subject == "delete"


def test_a_file_that_came_back_is_not_gone_and_the_last_removal_counts(project: Repository) -> None:
    project.commit("first", {"a.txt": "1\n", "b.txt": "1\n"})
    project.commit("delete both", {"a.txt": None, "b.txt": None})
    project.commit("both again", {"a.txt": "2\n", "b.txt": "2\n"})
    last = project.commit("one again", {"b.txt": None})
    assert {path: one.commit.sha for path, one in read(project).items()} == {"b.txt": last}


def test_what_was_moved_and_then_deleted_is_nowhere(project: Repository) -> None:
    project.commit("first", {"old.py": TEXT})
    project.commit("move", {"old.py": None, "new.py": TEXT})
    project.commit("delete", {"new.py": None})
    assert {path: one.now for path, one in read(project).items()} == {"old.py": "", "new.py": ""}
