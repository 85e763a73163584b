"""In which functions changes lie, and their lines, of real repositories."""

from pathlib import Path

import pytest

from bot.git.patches import PatchedFile, patched_files
from bot.git.run import GitError
from tests.repository import Repository

BODY = (
    "class Screen:\n    def draw(self):\n        a = 1\n        b = 2\n        return a\n\n"
    "    def move(self):\n        return 3\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    repository = Repository.create(tmp_path / "project")
    repository.commit("first", {"app/screen.py": BODY, "app/other.py": "x = 1\n"})
    return repository


def read(project: Repository, shas: list[str], *paths: str) -> list[PatchedFile]:
    return list(patched_files(project.path / ".git", shas, paths))


def test_each_hunk_has_the_heading_of_its_function(project: Repository) -> None:
    changed = BODY.replace("return a", "return b").replace("return 3", "return 4")
    sha = project.commit("second", {"app/screen.py": changed, "app/other.py": "x = 2\n"})
    (file,) = read(project, [sha], "app/screen.py")
    assert (file.sha, file.path) == (sha, "app/screen.py")
    assert [heading.strip() for heading in file.headings] == ["def draw(self):", "def move(self):"]
    assert (file.added, file.removed) == (
        ["        return b", "        return 4"],
        ["        return a", "        return 3"],
    )


def test_lines_that_look_like_headings_are_lines(project: Repository) -> None:
    text = "++ b/app/secret.py\n@@ -1,1 +1,1 @@ def no():\ndiff --git a/x b/x\n-- a/y\n"
    sha = project.commit("second", {"app/other.py": text})
    (file,) = read(project, [sha], "app/other.py")
    assert file.path == "app/other.py" and file.added == text.splitlines() and file.headings == [""]


def test_attributes_of_the_repository_have_no_effect(project: Repository) -> None:
    sha = project.commit("second", {".gitattributes": "*.py -diff\n", "app/screen.py": BODY.replace("3", "5")})
    (file,) = read(project, [sha], "app/screen.py")
    assert [heading.strip() for heading in file.headings] == ["def move(self):"]


def test_changes_are_in_the_given_order_and_unknown_ones_are_left_out(project: Repository) -> None:
    one = project.commit("one", {"app/other.py": "x = 2\n"})
    two = project.commit("two", {"app/other.py": "x = 3\n"})
    assert [file.sha for file in read(project, [two, "0" * 39 + "1", one], "app/other.py")] == [two, one]
    assert read(project, [], "app/other.py") == read(project, [one]) == []
    with pytest.raises((GitError, ValueError)):
        read(project, ["--output=x"], "app/other.py")
