"""A change that is not made yet counts as it will count once it is made; and the index can look back."""

from pathlib import Path

import pytest

from bot.git.history_stream import HistorySource
from bot.history.build import update
from bot.history.features import DAY
from bot.history.index import facts_for, opened
from bot.history.proposal import ProposedFile, as_of, hottest, person_of, proposed_features, revisions_before
from bot.history.schema import FEATURES
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
    """An index that knows nothing of the newest commit."""
    path = repository.path.with_suffix(f".{name}.db")
    update(path, HistorySource(repository.git_dir, repository.head("HEAD~1")), now=NOW)
    return path


def test_features_before_are_the_features_after(project: Repository) -> None:
    indexed(project)
    [(when, *stored)] = rows(
        index_of(project), "SELECT c.clock, f.* FROM commits c JOIN features f USING (ordinal) WHERE c.ordinal = 12"
    )
    files = [ProposedFile("core/a.py", "core/a.py", 1, 0), ProposedFile("core/b.py", "core/b.py", 1, 1)]
    with opened(at_parent(project, "before")) as index:
        author = person_of(index, ANN)
        proposed = proposed_features(index, files, author=author, now=when, fix=False)
        assert dict(zip(FEATURES, proposed, strict=True)) == dict(zip(FEATURES, stored[1:], strict=True))
        assert proposed != proposed_features(index, files, author=person_of(index, BO), now=when, fix=False)
        stranger = dict(zip(FEATURES, proposed_features(index, files, author=None, now=when, fix=False), strict=True))
        assert (stranger["exp"], stranger["own_share"]) == (0, 0)


def test_new_files_and_prose_are_counted_as_the_index_counts_them(project: Repository) -> None:
    indexed(project)
    files = [ProposedFile("core/new.py", "core/new.py", 7, 0), ProposedFile("README.md", "README.md", 9, 0)]
    with opened(index_of(project)) as index:
        values = dict(zip(FEATURES, proposed_features(index, files, author=None, now=NOW, fix=True), strict=True))
    assert (values["nf"], values["la"], values["lt"], values["fix"]) == (1, 7, 0, 1)


def test_looking_back_is_as_if_the_rest_had_not_happened(project: Repository) -> None:
    indexed(project)
    parent, paths = project.head("HEAD~1"), ["core/a.py", "core/b.py"]
    now = START + 10 * 40 * DAY
    with opened(at_parent(project, "then")) as then, opened(index_of(project)) as index:
        expected, found = facts_for(then, paths, now), facts_for(as_of(index, parent), paths, now)
        assert found.changes == expected.changes == 11
        for path in paths:
            one, other = found.files[path], expected.files[path]
            assert (one.revisions, one.revisions_365, one.fixes_365) == (
                other.revisions,
                other.revisions_365,
                other.fixes_365,
            )
            assert one.companions == other.companions
    with opened(index_of(project)) as index:
        assert as_of(index, "f" * 40) is index  # a commit that it does not know


def test_counts_over_a_year(project: Repository) -> None:
    indexed(project)
    newest = START + 11 * 40 * DAY
    with opened(index_of(project)) as index:
        assert hottest(index, newest) == 10  # a year back from the newest, every 40 days
        assert revisions_before(index, "core/a.py", START - 1, START + 80 * DAY) == 3
