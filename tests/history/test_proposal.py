"""Changes that are not merged yet: their features equal those after the merge. The index as of an earlier commit."""

from pathlib import Path

import pytest

from bot.domain.features import ChangeFeatures
from bot.domain.files import FileChange, FileStatus
from bot.domain.periods import DAY
from bot.git.history_stream import HistorySource
from bot.history.build import update
from bot.history.index import file_histories, opened
from bot.history.people import Ident
from bot.history.proposal import ProposedChange, as_of, hottest, proposed_features
from tests.history.fixtures import NOW, index_of, indexed, rows
from tests.history.test_features import ANN, BO, commit_at
from tests.repository import Repository

START = 1_600_000_000


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    repository = Repository.create(tmp_path / "project")
    for number in range(12):
        files: dict[str, str | bytes | None] = {
            "core/a.py": "".join(f"{line}\n" for line in range(number + 3)),
            "core/b.py": f"b = {number}\n",
        }
        who = ANN if number % 3 else BO
        commit_at(repository, START + number * 40 * DAY, who, "fix a" if number % 4 == 1 else f"change {number}", files)
    return repository


def at_parent(repository: Repository, name: str) -> Path:
    """Create an index that ends at the parent of the head, and return its path."""
    path = repository.path.with_suffix(f".{name}.db")
    update(path, HistorySource(repository.git_dir, repository.head("HEAD~1")), now=NOW)
    return path


def proposed(path: str, added: int, deleted: int) -> FileChange:
    return FileChange(path=path, status=FileStatus.MODIFIED, added=added, deleted=deleted)


def change_by(author: Ident | None, files: list[FileChange], now: int, title: str = "more") -> ProposedChange:
    return ProposedChange("0" * 40, files, author, title, now)


def test_features_before_the_merge_equal_those_after_it(project: Repository) -> None:
    indexed(project)
    [(when, *stored)] = rows(
        index_of(project), "SELECT c.clock, f.* FROM commits c JOIN features f USING (ordinal) WHERE c.ordinal = 12"
    )
    files = [proposed("core/a.py", 1, 0), proposed("core/b.py", 1, 1)]
    with opened(at_parent(project, "before")) as index:
        found = proposed_features(index, change_by(ANN, files, when))
        assert found == ChangeFeatures(*stored[1:])
        assert found != proposed_features(index, change_by(BO, files, when))
        new_author = proposed_features(index, change_by(None, files, when))
        assert (new_author.exp, new_author.own_share) == (0, 0)


def test_new_files_count_and_prose_does_not(project: Repository) -> None:
    indexed(project)
    files = [proposed("core/new.py", 7, 0), proposed("README.md", 9, 0)]
    with opened(index_of(project)) as index:
        found = proposed_features(index, change_by(None, files, NOW, title="fix: a crash"))
    assert (found.nf, found.la, found.lt, found.fix) == (1, 7, 0, 1)


def test_the_index_as_of_a_commit_equals_an_index_that_ends_there(project: Repository) -> None:
    indexed(project)
    parent, paths = project.head("HEAD~1"), ["core/a.py", "core/b.py"]
    now = START + 10 * 40 * DAY
    with opened(at_parent(project, "then")) as then, opened(index_of(project)) as index:
        back = as_of(index, parent)
        expected, found = file_histories(then, paths, now), file_histories(back, paths, now)
        assert then.changes == back.changes == 11
        for path in paths:
            one, other = found[path], expected[path]
            assert (one.revisions, one.revisions_year, one.fixes_year, one.companions) == (
                other.revisions,
                other.revisions_year,
                other.fixes_year,
                other.companions,
            )
    with opened(index_of(project)) as index:
        assert as_of(index, "f" * 40) is index  # an unknown commit


def test_revisions_within_a_year(project: Repository) -> None:
    indexed(project)
    newest = START + 11 * 40 * DAY
    with opened(index_of(project)) as index:
        assert hottest(index, newest) == 10  # a year back from the newest, every 40 days
        [past] = file_histories(index, ["core/a.py"], newest).values()
        assert (past.revisions_year, past.revisions_year_before, past.revisions) == (10, 2, 12)
